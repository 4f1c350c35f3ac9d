import pytest

from music.domain.names import MAX_SONGS, clean_song_name, clean_song_names
from music.errors import InvalidInput


def test_song_name_keeps_the_words_and_drops_what_cannot_be_seen():
    assert clean_song_name("  Come\x00 As\u200b You   Are ") == "Come As You Are"


@pytest.mark.parametrize("text", ["", "   ", "\x00", "?!…", "\u200b"])
def test_song_name_without_a_letter_is_refused(text):
    with pytest.raises(InvalidInput) as error:
        clean_song_name(text)
    assert error.value.field == "song_name"


def test_song_name_too_long_is_refused():
    assert len(clean_song_name("é" * 200)) == 200
    with pytest.raises(InvalidInput):
        clean_song_name("é" * 201)


def test_song_names_keep_their_order_and_the_first_spelling():
    assert clean_song_names(["Hey Ya!", "Yesterday", "hey ya"]) == ["Hey Ya!", "Yesterday"]


@pytest.mark.parametrize("n", [0, MAX_SONGS + 1])
def test_song_names_out_of_bounds_are_refused(n):
    with pytest.raises(InvalidInput) as error:
        clean_song_names([f"Song {i}" for i in range(n)])
    assert error.value.field == "songs"
