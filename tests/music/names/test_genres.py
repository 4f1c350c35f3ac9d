import pytest

from music.names.genres import expand_genre, find_genre, find_parent, genre_names, infer_genre
from music.records import VideoRecord


@pytest.mark.parametrize(
    ("name", "genre"),
    [
        ("Hip-Hop", "Hip-Hop"),
        ("hip hop", "Hip-Hop"),
        ("RAP", "Hip-Hop"),
        ("k pop", "K-Pop"),
        ("bossanova", "Bossa Nova"),
        ("r'n'b", "R&B"),
        ("no such genre", None),
        ("", None),
    ],
)
def test_find_genre(name, genre):
    assert find_genre(name) == genre


def test_expand_genre_of_a_family_holds_its_members():
    assert {"Rock", "Grunge", "Metal", "Punk"} <= expand_genre("rock")
    assert "Pop" not in expand_genre("rock")


def test_expand_genre_of_a_member_is_itself():
    assert expand_genre("grunge") == frozenset({"Grunge"})


def test_expand_genre_of_an_unknown_genre_is_none():
    assert expand_genre("polka-core") is None


def test_every_parent_is_a_genre():
    parents = {find_parent(name) for name in genre_names()} - {None}
    assert parents <= set(genre_names())


@pytest.mark.parametrize(
    ("record", "genre"),
    [
        ({"genre": "hip hop"}, "Hip-Hop"),
        ({"genre": "Rock", "tags": ("grunge", "seattle")}, "Grunge"),
        ({"genre": "Rock", "tags": ("kpop",)}, "Rock"),
        ({"tags": ("kpop", "pop music")}, "K-Pop"),
        ({"tags": ("country music",)}, "Country"),
        ({"description": "out now #techno"}, "Techno"),
        ({"description": "metal was never mentioned as a tag"}, ""),
        ({}, ""),
    ],
)
def test_infer_genre(record, genre):
    assert infer_genre(VideoRecord("x", "A - B", "A", "B", **record)) == genre
