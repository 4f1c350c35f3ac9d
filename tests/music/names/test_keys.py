import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.names.keys import KEPT_FILE, MAX_ADDRESS_LENGTH, MAX_PART_LENGTH, song_address, song_key
from music.names.normalization import normalize_key
from tests.catalogue_names import read_names

MARKS = (
    "(Official Video)", "[Official Music Video]", "(Live)", "(Live at Wembley)", "(Lyrics)",
    "(Karaoke Version)", "(Remastered 2011)", "- Remastered 2011", "- Live", "(feat. Somebody)",
    "ft. Somebody", "[HD]", "(Acoustic)", "(Cover)", "(Remix)",
)  # fmt: skip

with KEPT_FILE.open(encoding="utf-8", newline="") as file:
    KEPT = list(csv.DictReader(file))
KEPT_TITLES = {row["title"] for row in KEPT}
KEPT_ARTISTS = {row["artist"] for row in KEPT}
ADDED_LATER = re.compile(r"^The |&| and | und | et ")
"""Artists so called have the addresses that the rules give, unless they are kept names."""


EVERY = 3
"""Each mark is read with every third song."""


def slug(text):
    return normalize_key(text).replace(" ", "-")


def test_every_song_of_the_catalogue_keeps_the_address_it_had_before_there_were_keys():
    changed = {
        (song.artist, song.title): address
        for song in read_names()
        if song.artist in KEPT_ARTISTS or not ADDED_LATER.search(song.artist)
        if (address := song_address(*song_key(song.artist, song.title)))
        != f"{slug(song.artist)}/{slug(song.title)}"
    }
    assert changed == {}


def test_songs_of_the_catalogue_have_keys_of_their_own():
    songs = read_names()
    assert len({song_key(song.artist, song.title) for song in songs}) == len(songs)


@pytest.mark.parametrize("mark", MARKS)
def test_every_song_of_the_catalogue_has_its_key_in_every_take(mark):
    other = [
        f"{song.artist} - {song.title} {mark}"
        for song in read_names()[MARKS.index(mark) % EVERY :: EVERY]
        if song_key(song.artist, f"{song.title} {mark}") != song_key(song.artist, song.title)
        and song.title not in KEPT_TITLES
    ]
    assert other == []


def test_every_artist_of_the_catalogue_has_its_key_with_and_without_article_and_joints():
    for artist in {song.artist for song in read_names()}:
        for other in (
            artist.removeprefix("The "),
            f"The {artist.removeprefix('The ')}",
            artist.replace(" & ", " and "),
            artist.replace(" and ", " & "),
            artist.replace(" & ", " x "),
            f"{artist} feat. Somebody",
        ):
            assert song_key(other, "Polly").artist_key == song_key(artist, "Polly").artist_key


@pytest.mark.parametrize(
    ("artist", "title", "address"),
    [
        ("Beatles", "Yesterday - Live at the BBC", "the-beatles/yesterday"),
        ("Jay-Z & Alicia Keys", "Empire State of Mind", "jay-z-alicia-keys/empire-state-of-mind"),
        ("Jay-Z x Alicia Keys", "Empire State of Mind", "jay-z-alicia-keys/empire-state-of-mind"),
        ("Lil Nas X", "Old Town Road (feat. Billy Ray Cyrus)", "lil-nas-x/old-town-road"),
        ("Pulp", "Disco 2000", "pulp/disco-2000"),
        ("Кино", "Группа крови", "кино/группа-крови"),
        ("YOASOBI", "夜に駆ける", "yoasobi/夜に駆ける"),
        ("!!!", "Me and Giuliani", "e84c538e7fe2/me-and-giuliani"),
        ("XXXTENTACION", "$$$", "xxxtentacion/4935926371d1"),
    ],
)
def test_song_address(artist, title, address):
    assert song_address(*song_key(artist, title)) == address


def test_names_made_of_different_signs_have_different_keys():
    assert song_key("!!!", "$$$") != song_key("???", "$$$") != song_key("???", "!!!")


@given(st.text(max_size=300), st.text(max_size=300))
def test_song_key_is_total_and_bounded(artist, title):
    key = song_key(artist, title)
    address = song_address(*key)
    assert all(key)
    assert max(map(len, key)) <= MAX_PART_LENGTH
    assert len(address) <= MAX_ADDRESS_LENGTH
    assert address.count("/") == 1
    assert " " not in address


def test_long_names_that_begin_alike_have_addresses_of_their_own():
    one, other = (song_address(*song_key("A" * 120, "B" * 120 + end)) for end in "XY")
    assert one != other
    assert len(one) == len(other) == MAX_ADDRESS_LENGTH
