import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.names.lines import Line, list_lines, strip_marks
from music.names.normalization import normalize_key
from tests.catalogue_names import read_names

MARKED = (
    "1. {}", "1) {}", "12. {}", "(3) {}", "[3] {}", "#3. {}", "- {}", "• {}", "* {}", "0:00 {}",
    "[1:02:03] {}", "(12:34) {}", "0:00 - {}", "{} 3:39", "{} (3:39)", "{} [1:02:03]", "{} - 3:39",
    "#EXTINF:219,{}", '#EXTINF:-1 tvg-id="a" group-title="b",{}', "#EXTINF:12.5, {}",
    "1. 0:00 {} (3:39)", "01 {}", "1 - {}",
)  # fmt: skip


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mark", MARKED)
def test_marks_of_lists_are_taken_from_every_song_of_the_catalogue(mark, every):
    """With ``every`` 4 each song has the marks of a quarter of the forms."""
    songs = read_names()[MARKED.index(mark) % every :: every]
    names = [f"{song.artist} - {song.title}" for song in songs]
    names = [name for name in names if mark != "01 {}" or name[0].isalpha()]
    # "112 - Cupid" is by 112, but in a list its place and its name.
    names = [name for name in names if not re.match(r"\d+ -", name)]
    assert {n: found for n in names if (found := strip_marks(mark.format(n))) != n} == {}


def test_no_name_of_the_catalogue_is_taken_for_a_mark():
    songs = read_names()
    names = [*(f"{s.artist} - {s.title}" for s in songs), *(s.title for s in songs)]
    names += [f"{s.title} - {s.artist}" for s in songs]
    assert {name: found for name in names if (found := strip_marks(name)) != name} == {}


@pytest.mark.parametrize(
    "name",
    [
        "JAY-Z - 4:44",
        "4:44 - JAY-Z",
        "#1 Crush",
        "99 Luftballons",
        "12:51",
        "24/7",
        "1979",
        "-----",
    ],
)
def test_names_that_look_like_marks_stay(name):
    assert strip_marks(name) == name


def test_entities_of_older_clients_are_characters():
    assert strip_marks("Guns N&#39; Roses - Patience") == "Guns N' Roses - Patience"


def test_playlist_file_is_read_as_its_names():
    file = "#EXTM3U\n#EXTINF:219,Toto - Africa\n/music/a.mp3\n\n#EXTINF:1,A - B\nhttp://x\n2. C - D"
    assert list(list_lines(file)) == [
        Line(2, "Toto - Africa", "#EXTINF:219,Toto - Africa"),
        Line(5, "A - B", "#EXTINF:1,A - B"),
        Line(7, "C - D", "2. C - D"),
    ]


@given(st.text(max_size=300))
def test_strip_marks_is_total_and_leaves_a_name(text):
    if normalize_key(text):
        assert normalize_key(strip_marks(text))


def test_long_lines_are_left_alone():
    assert strip_marks(f"1. {'x' * 2000}") == f"1. {'x' * 2000}"
