import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.names.matching import SURE, make_candidate, rate, rate_words_alike, read_name

YESTERDAY = make_candidate("v", "The Beatles", "Yesterday")


@pytest.mark.parametrize(
    ("text", "artist", "title"),
    [
        ("yesterday", "The Beatles", "Yesterday"),
        ("yesterday beatles", "The Beatles", "Yesterday"),
        ("yesturday", "The Beatles", "Yesterday"),
        ("scatman john scatman", "Scatman John", "Scatman (Ski-Ba-Bop-Ba-Dop-Bop)"),
        ("iron maiden iron maiden", "Iron Maiden", "Iron Maiden"),
        ("Owl City & Carly Rae Jepsen - Good Time", "Owl City", "Good Time"),
        ("backstreetboys everybody", "Backstreet Boys", "Everybody"),
        ("we r who we r", "Kesha", "We R Who We R"),
        ("queen killer queen", "Queen", "Killer Queen"),
        ("killer queen queen", "Queen", "Killer Queen"),
        ("taylor swift swift love", "Taylor Swift", "Swift Love"),
        ("war love bob", "Bob", "Love War"),
    ],
)
def test_rate_is_sure(text, artist, title):
    assert rate(read_name(text), make_candidate("v", artist, title)) >= SURE


@pytest.mark.parametrize(
    ("text", "artist", "title"),
    [
        ("adele yesterday", "The Beatles", "Yesterday"),
        ("yesterday once more", "The Beatles", "Yesterday"),
        ("yesterday", "Carpenters", "Yesterday Once More"),
        ("hollow", "Anyone", "Follow"),
        ("summer of 68", "Bryan Adams", "Summer Of '69"),
        ("1979", "Anyone", "1999"),
        ("the beatles", "The Beatles", "Yesterday"),
        ("stay", "Anyone", "Stan"),
        ("war and love", "Anyone", "Love and War"),
        ("paint winter the paper sun", "The Paper Sky", "Paint Sun"),
    ],
)
def test_rate_is_not_sure(text, artist, title):
    assert rate(read_name(text), make_candidate("v", artist, title)) < SURE


def test_word_of_both_title_and_artist_tears_nothing_apart():
    harbor = make_candidate("v", "The Golden Harbor", "Golden Lights")
    assert rate(read_name("the golden harbor golden lights"), harbor) == 1.0


def test_words_in_their_order_are_surer_than_out_of_it():
    right, wrong = (rate(read_name(t), make_candidate("v", "A", "You Are")) for t in
                    ("you are", "are you"))  # fmt: skip
    assert right > wrong


@pytest.mark.parametrize(
    ("word", "other", "is_alike"),
    [
        ("nirvanna", "nirvana", True),
        ("rapsody", "rhapsody", True),
        ("califrnia", "california", True),
        ("love", "live", True),
        ("me", "my", False),
        ("1979", "1978", False),
        ("hello", "yellow", False),
        ("queen", "screen", False),
    ],
)
def test_rate_words_alike(word, other, is_alike):
    assert (rate_words_alike(word, other) > 0) == is_alike


@given(text=st.text(max_size=200), artist=st.text(max_size=40), title=st.text(max_size=40))
def test_rate_is_a_share_of_any_texts(text, artist, title):
    assert 0.0 <= rate(read_name(text), make_candidate("v", artist, title)) <= 1.0


@given(title=st.text("abcdefg ", min_size=3, max_size=30).filter(str.strip))
def test_every_title_surely_means_itself(title):
    assert rate(read_name(title), make_candidate("v", "", title)) == 1.0
