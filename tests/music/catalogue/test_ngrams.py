import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.catalogue.ngrams import TrigramIndex

TEXTS = ["nirvana come as you are", "nirvana lithium", "queen bohemian rhapsody", "夜に駆ける"]


def find(index, text, n=3):
    return index.find(text, n)[0].tolist()


@pytest.mark.parametrize(
    ("text", "best"),
    [("nirvanna come as u are", 0), ("litium", 1), ("rapsody bohemian", 2), ("夜に駆け", 3)],
)
def test_find_puts_the_most_alike_first(text, best):
    assert find(TrigramIndex.of(TEXTS), text)[0] == best


def test_find_of_an_equal_text_is_one_and_of_an_unlike_one_nothing():
    index = TrigramIndex.of(TEXTS)
    assert index.find(TEXTS[1], 1)[1].tolist() == pytest.approx([1.0])
    assert find(index, "zzzz") == []
    assert find(index, "") == []


def test_find_containing_measures_the_share_of_the_query():
    places, shares = TrigramIndex.of(TEXTS).find_containing("nirvana", 5)
    assert sorted(places.tolist()) == [0, 1]
    assert shares.tolist() == pytest.approx([1.0, 1.0])


def test_of_equals_the_first_texts_are_found():
    index = TrigramIndex.of([f"love {'and' * (n % 3)} no {n}" for n in range(90)])
    places, shares = index.find_containing("love", 7)
    assert places.tolist() == [*range(7)]
    assert shares.tolist() == pytest.approx([1.0] * 7)


def test_index_of_nothing_finds_nothing():
    assert find(TrigramIndex.of([]), "nirvana") == []


def test_texts_do_not_run_into_each_other():
    assert find(TrigramIndex.of(["xab", "cdy"]), "b  c") == []


@given(texts=st.lists(st.text(max_size=20), max_size=8), text=st.text(max_size=20))
def test_likeness_is_a_share_and_ordered(texts, text):
    places, scores = TrigramIndex.of(texts).find(text, 5)
    assert len(set(places.tolist())) == len(places) <= 5
    assert np.all((scores > 0) & (scores <= 1.0 + 1e-6))
    assert np.all(np.diff(scores) <= 0)


@given(texts=st.lists(st.text("abc ", min_size=1, max_size=12), min_size=1, max_size=6))
def test_every_text_finds_itself_or_an_equal_one(texts):
    index = TrigramIndex.of(texts)
    for text in texts:
        best, scores = index.find(text, 1)
        assert scores[0] == pytest.approx(1.0, abs=1e-5)
        assert len(best) == 1
