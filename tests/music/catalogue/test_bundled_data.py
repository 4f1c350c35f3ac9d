"""The bundled catalogue's files, read directly: what a row must be, and what all must cover."""

import csv
import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

MUSIC = Path(__file__).parents[3] / "music"
DATA = MUSIC / "catalogue" / "data"
HEADER = (
    "artist,title,year,genre,genres,moods,language,popularity,aliases,energy,occasions,instrumental"
).split(",")
MAY_BE_EMPTY = {"aliases", "occasions"}
MOODS = set(
    """angry anthemic chill danceable dark dreamy empowering energetic epic festive groovy happy
    heartbroken hypnotic intimate melancholic nostalgic playful rebellious reflective romantic
    sensual spiritual summery tender uplifting""".split()
)
OCCASIONS = {
    *"""breakup children christmas dinner drinking focus halloween meditation morning party relaxing
    romance singalong sleep summer wedding workout""".split(),
    *("late night", "rainy day", "road trip"),
}
MAX_OCCASIONS = 5
MIN_SONGS_PER_OCCASION = 30
NOT_SUNG = "zxx"
ISO_639_3_CODES = {"gcf", "yue", "zxx"}
MAX_SONGS_PER_ARTIST = 55
"""The Beatles have most; who else has over fifteen has them because people ask for them."""
MAX_SHARE_OVER_FIFTEEN = 0.02
MIN_SONGS_WITH_VIDEO = 4800
MAX_VIDEOS_PER_SONG = 3

Row = dict[str, str]


def read_rows(name: str | Path) -> list[Row]:
    with (MUSIC / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def genre_families() -> dict[str, str]:
    """The family of every genre; itself, where it is a family."""
    return {row["name"]: row["parent"] or row["name"] for row in read_rows("names/data/genres.csv")}


@pytest.fixture(scope="module")
def songs() -> list[Row]:
    return read_rows("catalogue/data/songs.csv")


@pytest.fixture(scope="module")
def genres() -> list[Row]:
    return read_rows("names/data/genres.csv")


@pytest.fixture(scope="module")
def videos() -> list[Row]:
    return read_rows("catalogue/data/videos.csv")


def fold(text: str) -> str:
    """`text` without case, accents and punctuation, in any script."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def repeated(values: list[Any]) -> list[Any]:
    return [value for value, n in Counter(values).items() if n > 1]


def test_header_is_the_documented_one() -> None:
    with (DATA / "songs.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == HEADER


def test_every_row_has_every_field_that_it_must(songs: list[Row]) -> None:
    assert [row for row in songs if set(row) != set(HEADER)] == []
    required = [name for name in HEADER if name not in MAY_BE_EMPTY]
    assert [row for row in songs if not all((row[name] or "").strip() for name in required)] == []


def test_cells_have_no_stray_spaces_and_are_composed(songs: list[Row]) -> None:
    cells = [cell for row in songs for value in row.values() for cell in value.split("|")]
    assert [cell for cell in cells if cell != cell.strip() or "  " in cell] == []
    assert [cell for cell in cells if not unicodedata.is_normalized("NFC", cell)] == []


def test_no_song_stands_twice_whatever_its_case_accents_and_punctuation(songs: list[Row]) -> None:
    assert repeated([(fold(row["artist"]), fold(row["title"])) for row in songs]) == []


def test_folded_names_are_unique_slugs_in_every_script(songs: list[Row]) -> None:
    nameless = [row for row in songs if not (fold(row["artist"]) and fold(row["title"]))]
    # A name of punctuation alone folds to nothing and could not have an id of its own.
    assert nameless == []


def test_rows_are_sorted(songs: list[Row]) -> None:
    keys = [
        (fold(row["artist"]), row["artist"], int(row["year"]), fold(row["title"])) for row in songs
    ]
    assert [after for before, after in pairwise(keys) if before > after] == []


def test_years_and_popularity_are_in_range(songs: list[Row]) -> None:
    assert [row for row in songs if not 1700 <= int(row["year"]) <= 2026] == []
    assert [row for row in songs if not 1 <= int(row["popularity"]) <= 100] == []


def test_genre_names_are_unique_and_parents_are_roots(genres: list[Row]) -> None:
    roots = {row["name"] for row in genres if not row["parent"]}
    assert repeated([fold(row["name"]) for row in genres]) == []
    assert [row for row in genres if row["parent"] and row["parent"] not in roots] == []


def test_a_genre_alias_means_one_genre(genres: list[Row]) -> None:
    spellings = [alias for row in genres for alias in row["aliases"].split("|")]
    assert repeated(spellings + [row["name"].lower() for row in genres]) == []


def test_every_song_has_a_listed_genre_and_every_genre_has_songs(
    songs: list[Row], genres: list[Row]
) -> None:
    assert {row["genre"] for row in songs} == {row["name"] for row in genres}


def test_moods_are_two_or_three_of_the_vocabulary(songs: list[Row]) -> None:
    moods = [row["moods"].split("|") for row in songs]
    assert {mood for several in moods for mood in several} == MOODS
    assert [several for several in moods if len(set(several)) not in (2, 3)] == []


def test_tags_are_three_to_six_lower_case_and_end_with_the_decade(songs: list[Row]) -> None:
    for row in songs:
        tags = row["genres"].split("|")
        assert 3 <= len(set(tags)) == len(tags) <= 6, row
        assert tags[0] == row["genre"].lower(), row
        assert tags[-1] == f"{row['year'][:3]}0s", row
        assert row["genres"] == row["genres"].lower(), row


def test_a_tag_has_one_spelling(songs: list[Row]) -> None:
    tags = {tag for row in songs for tag in row["genres"].split("|")}
    assert repeated([fold(tag) for tag in tags]) == []


def test_languages_are_iso_codes_and_at_least_a_dozen_have_five_songs(songs: list[Row]) -> None:
    counts = Counter(row["language"] for row in songs)
    wrong = [
        code
        for code in counts
        if not ((len(code) == 2 and code.isalpha()) or code in ISO_639_3_CODES)
    ]
    assert wrong == []
    assert sum(n >= 5 for code, n in counts.items() if code != "zxx") >= 12


def test_catalogue_covers_many_songs_genres_and_decades(songs: list[Row]) -> None:
    assert len(songs) >= 1500
    assert sum(n >= 20 for n in Counter(row["genre"] for row in songs).values()) >= 25
    decades = Counter(row["year"][:3] for row in songs)
    assert [
        d for d in ("195", "196", "197", "198", "199", "200", "201", "202") if decades[d] < 100
    ] == []


def test_few_artists_have_more_than_fifteen_songs(songs: list[Row]) -> None:
    counts = Counter(fold(row["artist"]) for row in songs)
    assert [artist for artist, n in counts.items() if n > MAX_SONGS_PER_ARTIST] == []
    assert sum(n > 15 for n in counts.values()) <= MAX_SHARE_OVER_FIFTEEN * len(counts)


def test_every_genre_fills_ten_suggestions_with_two_per_artist(songs: list[Row]) -> None:
    by_genre: Counter[str] = Counter()
    for (genre, _), n in Counter((row["genre"], fold(row["artist"])) for row in songs).items():
        by_genre[genre] += min(n, 2)
    assert [genre for genre, n in by_genre.items() if n < 10] == []


@pytest.mark.parametrize("title", ["Hello", "Hurt", "Creep", "Angel", "Hallelujah"])
def test_a_shared_title_has_one_best_known_song(songs: list[Row], title: str) -> None:
    popularity = sorted(int(row["popularity"]) for row in songs if row["title"] == title)
    assert len(popularity) >= 2
    assert popularity[-1] > popularity[-2]


def test_the_songs_the_documentation_names_are_there(songs: list[Row]) -> None:
    named = {
        ("Nirvana", "Come As You Are"),
        ("The Beatles", "Yesterday"),
        ("Bob Dylan", "Like a Rolling Stone"),
    }
    assert named - {(row["artist"], row["title"]) for row in songs} == set()


def occasions_of(row: Row) -> list[str]:
    return [occasion for occasion in row["occasions"].split("|") if occasion]


def test_energy_is_one_to_five_and_every_level_is_used(songs: list[Row]) -> None:
    levels = Counter(row["energy"] for row in songs)
    assert set(levels) == set("12345")
    assert min(levels.values()) >= len(songs) / 20


def test_occasions_are_of_the_vocabulary_and_each_has_songs(songs: list[Row]) -> None:
    assert [row for row in songs if len(set(occasions_of(row))) != len(occasions_of(row))] == []
    assert [row for row in songs if len(occasions_of(row)) > MAX_OCCASIONS] == []
    counts = Counter(occasion for row in songs for occasion in occasions_of(row))
    assert set(counts) == OCCASIONS
    assert [occasion for occasion, n in counts.items() if n < MIN_SONGS_PER_OCCASION] == []


def test_most_songs_have_an_occasion(songs: list[Row]) -> None:
    assert sum(not row["occasions"] for row in songs) <= len(songs) / 8


@pytest.mark.parametrize(
    ("occasion", "levels"),
    [
        ("sleep", "12"),
        ("meditation", "12"),
        ("focus", "123"),
        ("relaxing", "123"),
        ("party", "345"),
        ("workout", "45"),
    ],
)
def test_an_occasion_has_the_energy_that_it_takes(
    songs: list[Row], occasion: str, levels: str
) -> None:
    assert [
        row for row in songs if occasion in occasions_of(row) and row["energy"] not in levels
    ] == []


def test_instrumental_songs_are_those_without_words(songs: list[Row]) -> None:
    assert {row["instrumental"] for row in songs} == {"yes", "no"}
    sung = [row for row in songs if row["language"] != NOT_SUNG]
    assert [row for row in sung if row["instrumental"] == "yes"] == []
    # A voice without words is not instrumental, nor is a spoken tale.
    voices = [row for row in songs if row["language"] == NOT_SUNG and row["instrumental"] == "no"]
    assert len(voices) <= 20


def test_music_to_focus_on_has_no_voice(songs: list[Row]) -> None:
    assert [
        row for row in songs if "focus" in occasions_of(row) and row["instrumental"] == "no"
    ] == []


def test_every_christmas_tag_is_a_christmas_song(songs: list[Row]) -> None:
    for row in songs:
        is_tagged = "christmas" in row["genres"].split("|")
        assert ("christmas" in occasions_of(row)) == is_tagged, row


@pytest.mark.parametrize(
    ("artist", "title", "energy"),
    [
        ("Marconi Union", "Weightless", 1),
        ("Erik Satie", "Gymnopédie No. 1", 1),
        ("Adele", "Someone Like You", 1),
        ("Fleetwood Mac", "Dreams", 2),
        ("Michael Jackson", "Billie Jean", 4),
        ("Mark Ronson", "Uptown Funk", 4),
        ("Motörhead", "Ace of Spades", 5),
        ("The Prodigy", "Firestarter", 5),
    ],
)
def test_well_known_songs_have_the_energy_that_everybody_hears(
    songs: list[Row], artist: str, title: str, energy: int
) -> None:
    found = [row["energy"] for row in songs if (row["artist"], row["title"]) == (artist, title)]
    assert found == [str(energy)]


def test_every_video_is_of_a_song_that_is_there(songs: list[Row], videos: list[Row]) -> None:
    named = {(row["artist"], row["title"]) for row in songs}
    assert [row for row in videos if set(row) != {"artist", "title", "video_id"}] == []
    assert [row for row in videos if (row["artist"], row["title"]) not in named] == []


def test_an_id_is_of_one_song_and_a_song_has_at_most_three(videos: list[Row]) -> None:
    assert repeated([row["video_id"] for row in videos]) == []
    counts = Counter((row["artist"], row["title"]) for row in videos)
    assert max(counts.values()) <= MAX_VIDEOS_PER_SONG


def test_video_ids_are_well_formed(videos: list[Row]) -> None:
    # An id is 64 bits in base64: the last of eleven characters holds only four of them.
    form = re.compile(r"[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]")
    assert [row for row in videos if not form.fullmatch(row["video_id"])] == []


def test_enough_songs_have_a_video_in_the_order_of_the_songs(
    songs: list[Row], videos: list[Row]
) -> None:
    assert len({(row["artist"], row["title"]) for row in videos}) >= MIN_SONGS_WITH_VIDEO
    places = {(row["artist"], row["title"]): n for n, row in enumerate(songs)}
    order = [places[row["artist"], row["title"]] for row in videos]
    assert order == sorted(order)


def test_the_licences_of_the_videos_are_there_and_named() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    notices = sorted((DATA / "licences").iterdir())
    assert len(notices) >= 4
    assert [path.name for path in notices if path.name not in readme] == []
