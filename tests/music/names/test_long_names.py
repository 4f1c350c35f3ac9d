import pytest

from music.names.normalization import MAX_KEY_LENGTH, cut_key, normalize_key
from music.names.song_names import read_name
from music.names.titles import parse_title


@pytest.mark.parametrize("text", ["\ufdfa" * 190, "word " * 100, "a" * 500, "ﷺ - ﷺ " * 30])
def test_readings_of_a_long_name_are_no_longer_than_what_is_stored(text):
    name = read_name(text)
    assert {len(reading) <= MAX_KEY_LENGTH for reading in (*name.readings, *name.titles)} == {True}
    assert name.key == normalize_key(text)


def test_key_is_cut_behind_a_word():
    assert cut_key("word " * 100) == " ".join(["word"] * 51)
    assert cut_key("a" * 300) == "a" * MAX_KEY_LENGTH
    assert cut_key("short") == "short"


def test_title_is_cut_after_its_signs_were_taken_apart():
    assert len(parse_title("\u0958" * 255).song_title) <= MAX_KEY_LENGTH
