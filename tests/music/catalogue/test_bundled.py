import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.catalogue.bundled import MAX_ID_LENGTH, make_id, read_songs
from music.records import is_catalogue_id

HEADER = "artist,title,year,genre,genres,moods,language,popularity,aliases\n"
ROW = "YOASOBI,夜に駆ける,2019,J-Pop,j-pop|2010s,energetic,ja,85,Yoru ni Kakeru\n"


def test_read_songs_keeps_all_that_a_row_says(tmp_path):
    path = tmp_path / "songs.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    song = next(read_songs(path))
    assert song.video_id == "catalogue:yoasobi/夜に駆ける"
    assert song.title == "YOASOBI - 夜に駆ける"
    assert song.tags == ("j-pop", "2010s", "energetic")
    assert (song.year, song.popularity, song.language) == (2019, 85, "ja")
    assert song.aliases == ("Yoru ni Kakeru",)
    assert song.source == "catalogue"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROW + ROW, "songs.csv, line 3: 'YOASOBI - 夜に駆ける' is there twice."),
        ("A,,1999,Rock,,,en,5,\n", "songs.csv, line 2"),
        ("A,B,soon,Rock,,,en,5,\n", "songs.csv, line 2"),
        ("A,B,1999,Rock\n", "songs.csv, line 2"),
    ],
)
def test_read_songs_names_the_line_that_is_wrong(tmp_path, rows, message):
    path = tmp_path / "songs.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(ValueError, match=r"songs\.csv") as caught:
        list(read_songs(path))
    assert str(caught.value).startswith(message)


@given(artist=st.text(), title=st.text())
def test_make_id_is_stable_short_and_never_a_youtube_id(artist, title):
    made = make_id(artist, title)
    assert made == make_id(artist, title)
    assert len(made) <= MAX_ID_LENGTH
    assert is_catalogue_id(made)


def test_make_id_of_long_names_keeps_them_apart():
    assert make_id("a" * 300, "b") != make_id("a" * 300, "c")


def test_make_id_of_names_without_letters_keeps_them_apart():
    assert make_id("!!!", "+") != make_id("!!!", "÷")
