"""What everyday words ask of a song."""

import csv

import pytest

from music.names.facets import (
    IDLE,
    NEGATIONS,
    WORDS_FILE,
    find_genre_facet,
    find_time,
    find_word,
    list_spellings,
    split_signs,
)
from music.names.normalization import normalize_key
from tests.music.catalogue.test_bundled_data import MOODS, OCCASIONS, repeated


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with WORDS_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_words_file_has_every_phrase_once_and_as_a_key(rows):
    phrases = [phrase for row in rows for phrase in row["words"].split("|")]
    assert repeated(phrases) == []
    assert [phrase for phrase in phrases if phrase != normalize_key(phrase)] == []
    assert [phrase for phrase in phrases if phrase in IDLE | NEGATIONS] == []


def test_words_file_holds_every_mood_and_occasion_of_the_catalogue(rows):
    terms = {term.partition("=")[0] for row in rows for term in row["holds"].split("|")}
    assert {f"tag:{mood}" for mood in MOODS} - terms == set()
    assert {f"occasion:{occasion}" for occasion in OCCASIONS} - terms == set()


@pytest.mark.parametrize(
    ("phrase", "years"),
    [
        ("90s", (1990, 1999)),
        ("1990s", (1990, 1999)),
        ("nineties", (1990, 1999)),
        ("late 80s", (1985, 1989)),
        ("early 2000s", (2000, 2004)),
        ("20s", (2020, 2029)),
        ("30s", (1930, 1939)),
        ("80er", (1980, 1989)),
        ("90ern", (1990, 1999)),
        ("annees 80", (1980, 1989)),
        ("los 80", (1980, 1989)),
        ("80年代", (1980, 1989)),
        ("1994", (1994, 1994)),
        ("new", (2023, 2025)),
        ("old", (0, 1979)),
        ("95s", None),
        ("early", None),
        ("1234", None),
    ],
)
def test_find_time(phrase, years):
    facet = find_time(phrase, newest_year=2025)
    assert (facet and facet.years) == years


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("80年代の悲しい歌", ["80年代", "の", "悲しい", "歌"]),
        ("悲しい酒", ["悲しい酒"]),
        ("rainy", ["rainy"]),
    ],
)
def test_split_signs_parts_only_what_it_knows_whole(word, parts):
    assert split_signs(word) == parts


def test_find_word_says_how_well_each_term_fits():
    assert find_word("drunk").terms == {"occasion:drinking": 1.0, "occasion:party": 0.8}
    assert find_word("zzqq") is None


def test_find_genre_facet_takes_the_family_and_tells_names_from_aliases():
    rock = find_genre_facet("rock", by_alias=False)
    assert rock.terms["genre:grunge"] == 1.0
    assert rock.terms["tag:rock"] < 1.0
    assert find_genre_facet("rap", by_alias=False) is None
    assert find_genre_facet("rap", by_alias=True).label == "Hip-Hop"


def test_deny_names_the_opposite():
    assert find_word("sad").deny().facet_id == "not mood:sad"


def test_list_spellings_finds_singulars_and_other_names():
    assert "girl group" in list_spellings("girl groups")
    assert "west coast hip hop" in list_spellings("west coast rap")
    assert "jazz" in list_spellings("jazz music")
