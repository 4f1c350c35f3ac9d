"""The bundled artists, read directly: names, countries, years, whom else their listeners love."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import count, pairwise

import pytest

from music.catalogue import near_artists
from music.catalogue.artists import find_country, list_similar, load_loved
from music.catalogue.near_artists import guess_near, list_near
from music.names.normalization import normalize_key
from music.recommender.artist_vectors import NearArtists, Vector
from music.recommender.facts import name_code
from tests.music.catalogue.test_bundled_data import Row, fold, genre_families, read_rows, repeated

HEADER = ["artist", "country", "language", "active_from", "active_to", "similar"]
MIN_ARTISTS = 1000
MIN_SIMILAR, MAX_SIMILAR = 5, 10
THIS_YEAR = 2026
AFTERLIFE_YEARS = 5
"""Songs still come out for some years after an artist has died or a band has parted; one lost
recording may come decades later ("Now and Then")."""
ERA = 25
"""Years between the songs of two artists of one time."""
NOT_SUNG = "zxx"
OWN_TIME_UNKNOWN = "Classical"
"""The year of a work can be that of a famous recording, long after its composer."""


@pytest.fixture(scope="module")
def artists() -> list[Row]:
    return read_rows("catalogue/data/artists.csv")


@pytest.fixture(scope="module")
def songs_of() -> dict[str, list[Row]]:
    songs: dict[str, list[Row]] = defaultdict(list)
    for row in read_rows("catalogue/data/songs.csv"):
        songs[row["artist"]].append(row)
    return songs


def similar_of(row: Row) -> list[str]:
    return row["similar"].split("|")


def years_of(songs: Iterable[Row]) -> tuple[int, int]:
    years = [int(row["year"]) for row in songs]
    return min(years), max(years)


def styles_of(songs: Iterable[Row]) -> set[str]:
    """Genre families and tags of the songs, without decades."""
    styles = {genre_families()[row["genre"]].lower() for row in songs}
    return styles | {tag for row in songs for tag in row["genres"].split("|")[:-1]}


def tongues_of(songs: Iterable[Row]) -> set[str]:
    """Languages sung in, but the one that nearly everybody shares."""
    return {row["language"] for row in songs} - {"en", NOT_SUNG}


def gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Years between two spans; 0 or less when they overlap."""
    return max(one[0] - other[1], other[0] - one[1])


def test_enough_artists_each_once_with_every_field(artists: list[Row]) -> None:
    assert len(artists) >= MIN_ARTISTS
    assert [row for row in artists if list(row) != HEADER] == []
    assert [
        row for row in artists if not all(row[name] for name in HEADER if name != "active_to")
    ] == []
    assert repeated([row["artist"] for row in artists]) == []


def test_cells_are_composed_and_without_stray_spaces(artists: list[Row]) -> None:
    cells = [cell for row in artists for value in row.values() for cell in value.split("|")]
    assert [cell for cell in cells if cell != cell.strip() or "  " in cell] == []
    assert [cell for cell in cells if not unicodedata.is_normalized("NFC", cell)] == []


def test_rows_are_sorted_as_the_songs_are(artists: list[Row]) -> None:
    keys = [(fold(row["artist"]), row["artist"]) for row in artists]
    assert [after for before, after in pairwise(keys) if before > after] == []


def test_every_name_is_an_artist_of_the_songs(
    artists: list[Row], songs_of: dict[str, list[Row]]
) -> None:
    names = {name for row in artists for name in (row["artist"], *similar_of(row))}
    assert names - set(songs_of) == set()


def test_nobody_is_alone_names_themselves_or_names_one_twice(artists: list[Row]) -> None:
    named = Counter(name for row in artists for name in similar_of(row))
    for row in artists:
        similar = similar_of(row)
        assert MIN_SIMILAR <= len(set(similar)) == len(similar) <= MAX_SIMILAR, row
        assert row["artist"] not in similar, row
    assert max(named.values()) < len(artists) / 20


def test_the_best_known_artists_are_there(
    artists: list[Row], songs_of: dict[str, list[Row]]
) -> None:
    there = {row["artist"] for row in artists}
    best = {
        artist
        for artist, songs in songs_of.items()
        if len(songs) >= 3 and max(int(row["popularity"]) for row in songs) >= 85
    }
    assert best - there == set()


def test_countries_and_languages_are_codes(artists: list[Row]) -> None:
    assert [row for row in artists if not re.fullmatch("[A-Z]{2}", row["country"])] == []
    assert [row for row in artists if not re.fullmatch("[a-z]{2}|yue|zxx", row["language"])] == []


def test_languages_are_those_of_the_songs(
    artists: list[Row], songs_of: dict[str, list[Row]]
) -> None:
    for row in artists:
        sung = {song["language"] for song in songs_of[row["artist"]]} | {NOT_SUNG}
        assert row["language"] in sung or sung == {NOT_SUNG}, row


def test_years_are_in_order_and_hold_the_songs(
    artists: list[Row], songs_of: dict[str, list[Row]]
) -> None:
    for row in artists:
        songs = [s for s in songs_of[row["artist"]] if s["genre"] != OWN_TIME_UNKNOWN]
        start, end = int(row["active_from"]), int(row["active_to"] or THIS_YEAR)
        assert 1600 <= start <= end <= THIS_YEAR, row
        if songs:
            years = sorted(int(song["year"]) for song in songs)
            assert start <= years[0], row
            assert years[-2:][0] <= end + AFTERLIFE_YEARS, row


def test_similar_artists_share_a_style_or_a_language(
    artists: list[Row], songs_of: dict[str, list[Row]]
) -> None:
    traits = {artist: styles_of(songs) | tongues_of(songs) for artist, songs in songs_of.items()}
    shares = [
        sum(not traits[name].isdisjoint(traits[row["artist"]]) for name in similar_of(row))
        for row in artists
    ]
    for row, n in zip(artists, shares, strict=True):
        assert n >= len(similar_of(row)) / 4, row
    assert sum(shares) >= 0.85 * sum(len(similar_of(row)) for row in artists)


def test_similar_artists_are_of_the_same_era(
    artists: list[Row], songs_of: dict[str, list[Row]]
) -> None:
    years = {artist: years_of(songs) for artist, songs in songs_of.items()}
    n_near = n_links = 0
    for row in artists:
        if {song["genre"] for song in songs_of[row["artist"]]} == {OWN_TIME_UNKNOWN}:
            continue
        near = [name for name in similar_of(row) if gap(years[name], years[row["artist"]]) <= ERA]
        assert len(near) >= len(similar_of(row)) / 4, row
        n_near += len(near)
        n_links += len(similar_of(row))
    assert n_near >= 0.95 * n_links


def test_every_artist_of_a_bundled_song_is_near_to_others(songs_of: dict[str, list[Row]]) -> None:
    assert [artist for artist in songs_of if len(list_near(artist)) < 5] == []
    first, *others = list_near("Édith Piaf")
    assert first[0] == "edith piaf"
    assert {"jacques brel", "charles aznavour"} <= {artist for artist, _ in others[:8]}
    assert list_near("nobody of that name") == ()


def test_unknown_artist_is_likely_near_to_those_who_are_alike() -> None:
    tags = ["grunge", "alternative rock", "1990s", "angry"]
    near = guess_near(genre="Grunge", tags=tags, language="en")
    assert {"nirvana", "soundgarden"} <= {artist for artist, _ in near}
    assert sum(weight**2 for _, weight in near) == pytest.approx(1.0, abs=0.01)
    assert guess_near(genre="", tags=[], language="en") == ()
    assert guess_near(genre="Nothing of that name", tags=["unheard of"], language="") == ()


def test_near_artists_are_worked_out_once_for_all_processes_of_a_machine(
    own_state, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = NearArtists.of({"abba": {"genre:pop": 1.0}}, {"abba": (("abba", 1.0),)})
    n_times = count(1)
    monkeypatch.setattr(near_artists, "build_near_artists", lambda: next(n_times) and made)

    def ask_in_new_process() -> Vector:
        near_artists._load.cache_clear()
        return list_near("ABBA")

    assert [ask_in_new_process() for _ in range(3)] == [(("abba", 1.0),)] * 3
    assert next(n_times) == 2
    [damaged] = own_state.rglob("weights.npy")
    damaged.write_bytes(b"")
    assert [ask_in_new_process() for _ in range(2)] == [(("abba", 1.0),)] * 2
    assert next(n_times) == 4
    near_artists._load.cache_clear()


def test_countries_are_found_by_any_spelling() -> None:
    assert [find_country(name) for name in ("ABBA", "abba", "nobody of that name")] == [
        "SE",
        "SE",
        "",
    ]


def test_whom_listeners_of_an_artist_also_love_is_known_by_the_codes_of_facts() -> None:
    loved = load_loved()
    abba = loved[name_code(normalize_key("ABBA"))]
    assert abba == {name_code(normalize_key(other)) for other in list_similar("ABBA")}
    assert name_code(normalize_key("Metallica")) not in abba
