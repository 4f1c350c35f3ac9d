"""Reading catalogue files: what a row says, and every way to be wrong, named by file and line."""

import pytest

from music.catalogue.bundled import (
    SONGS_FILE,
    VIDEOS_FILE,
    BundledSong,
    load_songs,
    read_songs,
    read_videos,
)
from music.models.video_feature import BUNDLE

HEADER = "artist,title,year,genre,genres,moods,language,popularity,aliases\n"
ROW = "YOASOBI,夜に駆ける,2019,J-Pop,j-pop|2010s,energetic,ja,85,Yoru ni Kakeru\n"
VIDEO_HEADER = "artist,title,video_id\n"


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "songs.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_read_songs_keeps_all_that_a_row_says(write):
    [song] = read_songs(write(HEADER + ROW))
    assert song == BundledSong(
        artist="YOASOBI",
        title="夜に駆ける",
        year=2019,
        genre="J-Pop",
        tags=("j-pop", "2010s", "energetic"),
        language="ja",
        popularity=85,
        aliases=("Yoru ni Kakeru",),
    )
    row = song.to_song()
    assert row.address == song.address == "yoasobi/夜に駆ける"
    assert (row.is_bundled, row.tags, row.aliases) == (
        True,
        ["j-pop", "2010s", "energetic"],
        ["Yoru ni Kakeru"],
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the header lacks artist, title, year"),
        (HEADER, 1, "nothing follows the header"),
        (VIDEO_HEADER + "A,B,vabnZ9-ex7o\n", 1, "the header lacks year, genre"),
        (HEADER + ROW + ROW, 3, "the same as line 2"),
        (HEADER + ROW + ROW.replace("YOASOBI", "yoasobi"), 3, "the same as line 2"),
        (HEADER + "A,,1999,Rock,,,en,5,\n", 2, "title has 0 characters, not 1 to 255"),
        (HEADER + f"A,{'x' * 256},1999,Rock,,,en,5,\n", 2, "title has 256 characters"),
        (HEADER + "A,B,soon,Rock,,,en,5,\n", 2, "year is 'soon', not 1 to 2999"),
        (HEADER + "A,B,20199,Rock,,,en,5,\n", 2, "year is '20199'"),
        (HEADER + "A,B,1999,Rock,,,en,101,\n", 2, "popularity is '101', not 0 to 100"),
        (HEADER + "A,B,1999,Rock,,,en,-1,\n", 2, "popularity is '-1'"),
        (HEADER + "A,B,1999,Rock,,,en,٣,\n", 2, "popularity is '٣'"),
        (HEADER + f"A,B,1999,{'x' * 129},,,en,5,\n", 2, "genre has more than 128 characters"),
        (HEADER + "A,B,1999,Rock\n", 2, "its number of fields differs from the header's"),
        (HEADER + "A,B,1999,Rock,,,en,5,,too,many\n", 2, "its number of fields"),
        (HEADER + '"A\n' + ROW, 1, "unexpected end of data"),
        (b"PK\x03\x04\xff\xfe", 1, "not text in UTF-8"),
    ],
)
def test_read_songs_names_the_file_and_the_line_that_is_wrong(write, text, line, message):
    path = write(text)
    with pytest.raises(ValueError) as caught:
        list(read_songs(path))
    assert str(caught.value).startswith(f"{path}, line {line}: {message}")


def test_read_songs_takes_a_file_with_a_byte_order_mark(write):
    assert len(list(read_songs(write("\ufeff" + HEADER + ROW)))) == 1


def test_read_videos_are_takes_of_the_songs(write):
    songs = list(read_songs(write(HEADER + ROW)))
    [video] = read_videos(write(VIDEO_HEADER + "YOASOBI,夜に駆ける,x8VYWazR5mE\n"), songs)
    record = video.to_record()
    assert (record.video_id, record.source, record.take) == ("x8VYWazR5mE", BUNDLE, "original")
    assert (record.artist, record.song_title) == ("YOASOBI", "夜に駆ける")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("YOASOBI,夜に駆ける,tooshort\n", "video_id 'tooshort' is not a YouTube id"),
        ("YOASOBI,Idol,x8VYWazR5mE\n", "YOASOBI - Idol is not one of the songs"),
        ("YOASOBI,夜に駆ける,x8VYWazR5mE\n" * 2, "the same as line 2"),
    ],
)
def test_read_videos_names_the_line_that_is_wrong(write, row, message):
    songs = list(read_songs(write(HEADER + ROW)))
    path = write(VIDEO_HEADER + row)
    with pytest.raises(ValueError, match=message) as caught:
        list(read_videos(path, songs))
    assert f"{path}, line {1 + row.count(chr(10))}: " in str(caught.value)


def test_every_bundled_song_has_an_address_of_its_own():
    songs = load_songs()
    assert len({song.address for song in songs}) == len(songs) == len(list(read_songs(SONGS_FILE)))


def test_every_bundled_video_is_of_a_bundled_song():
    assert len(list(read_videos(VIDEOS_FILE, load_songs()))) > 2000
