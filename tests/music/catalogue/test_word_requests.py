"""The labelled requests in words: well-formed, in the catalogue's own terms, and answerable."""

from functools import cache
from pathlib import Path

import pytest

from tests.music.catalogue.test_bundled_data import (
    MOODS,
    OCCASIONS,
    Row,
    fold,
    genre_families,
    occasions_of,
    read_rows,
    repeated,
)

FILE = Path(__file__).parents[2] / "data" / "word_requests.csv"
N_REQUESTS = 60
MIN_RIGHT = 4
"""So many songs must hold all facets of a request: an artist can have four here."""
LIKE_YEARS = 15
"""How far from a song's year another that is like it may lie."""

WHOLE = {"like_artist", "like_song"}
"""Facets with one value, which may hold a slash."""

Facet = tuple[str, set[str]]


@pytest.fixture(scope="module")
def requests() -> list[Row]:
    return read_rows(FILE)


@pytest.fixture(scope="module")
def songs() -> list[Row]:
    return read_rows("catalogue/data/songs.csv")


def facets_of(row: Row) -> list[Facet]:
    pairs = [facet.split("=", 1) for facet in row["facets"].split("|")]
    return [(name, {value} if name in WHOLE else set(value.split("/"))) for name, value in pairs]


@cache
def neighbours_of(artist: str) -> set[str]:
    """Artists whom this one's row names, and those whose rows name this one."""
    rows = read_rows("catalogue/data/artists.csv")
    similar = {row["artist"]: row["similar"].split("|") for row in rows}
    return set(similar[artist]) | {name for name, named in similar.items() if artist in named}


def values_of(song: Row, name: str) -> set[str]:
    """What the song has under a facet's name, in the terms of the facet."""
    match name:
        case "genre":
            return {song["genre"], genre_families()[song["genre"]]}
        case "tag":
            return set(song["genres"].split("|"))
        case "mood":
            return set(song["moods"].split("|"))
        case "occasion":
            return set(occasions_of(song))
        case "decade":
            return {f"{song['year'][:3]}0"}
        case _:
            return {song[name]}


def is_like(song: Row, model: Row) -> bool:
    if song is model:
        return False
    shared = set(song["genres"].split("|")[:-1]) & set(model["genres"].split("|")[:-1])
    is_near = len(shared) >= 2 and abs(int(song["year"]) - int(model["year"])) <= LIKE_YEARS
    return is_near or song["artist"] in neighbours_of(model["artist"]) | {model["artist"]}


def select(songs: list[Row], facet: Facet, catalogue: list[Row]) -> list[Row]:
    """Those of the songs for which the facet holds; a song it names is one of the catalogue."""
    name, wanted = facet
    if name == "from":
        return [song for song in songs if int(song["year"]) >= int(*wanted)]
    if name == "like_artist":
        return [song for song in songs if song["artist"] in neighbours_of(*wanted)]
    if name == "like_song":
        (model,) = (song for song in catalogue if f"{song['artist']} - {song['title']}" in wanted)
        return [song for song in songs if is_like(song, model)]
    if name.startswith("not_"):
        unwanted = name.removeprefix("not_")
        return [song for song in songs if values_of(song, unwanted).isdisjoint(wanted)]
    return [song for song in songs if not values_of(song, name).isdisjoint(wanted)]


def test_there_are_sixty_different_requests(requests: list[Row]) -> None:
    assert len(requests) == N_REQUESTS
    assert repeated([fold(row["request"]) for row in requests]) == []
    assert [row for row in requests if list(row) != ["request", "facets"]] == []


def test_facets_speak_the_terms_of_the_catalogue(requests: list[Row], songs: list[Row]) -> None:
    known = {
        "genre": {row["name"] for row in read_rows("names/data/genres.csv")},
        "tag": {tag for row in songs for tag in row["genres"].split("|")},
        "mood": MOODS,
        "occasion": OCCASIONS,
        "decade": {f"{row['year'][:3]}0" for row in songs},
        "from": {row["year"] for row in songs},
        "energy": set("12345"),
        "instrumental": {"yes", "no"},
        "language": {row["language"] for row in songs},
        "artist": {row["artist"] for row in songs},
        "like_artist": {row["artist"] for row in read_rows("catalogue/data/artists.csv")},
        "like_song": {f"{row['artist']} - {row['title']}" for row in songs},
    }
    for row in requests:
        for name, values in facets_of(row):
            assert values - known[name.removeprefix("not_")] == set(), row


def test_requests_cover_every_kind_of_facet(requests: list[Row]) -> None:
    kinds = {name for row in requests for name, _ in facets_of(row)}
    assert kinds == {
        *("genre", "tag", "mood", "occasion", "decade", "from", "energy", "instrumental"),
        *("language", "artist", "like_artist", "like_song"),
        *("not_genre", "not_tag", "not_artist"),
    }


def test_every_request_can_be_answered(requests: list[Row], songs: list[Row]) -> None:
    short = {}
    for row in requests:
        right = list(songs)
        for facet in facets_of(row):
            right = select(right, facet, songs)
        if len(right) < MIN_RIGHT:
            short[row["request"]] = len(right)
    assert short == {}
