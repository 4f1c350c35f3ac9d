"""Who is near whom: walks over the graph of artists, and likeness where the graph says little."""

import numpy as np
import pytest

from music.recommender import Query, Seed, build_snapshot, recommend
from music.recommender.artist_vectors import MAX_ENTRIES, NearArtists, build_artist_vectors

from .worlds import make_document

LOVED = {"a": ["b", "c"], "b": ["c"], "c": ["d"], "x": ["y", "z"], "z": ["y"]}
ARTISTS = "abcdxyz"


def vectors_of():
    vectors = build_artist_vectors({artist: {"music": 1.0} for artist in ARTISTS}, LOVED)
    return {artist: dict(vector) for artist, vector in vectors.items()}


def test_build_artist_vectors_are_of_length_one_and_led_by_the_artist():
    for artist, vector in vectors_of().items():
        assert next(iter(vector)) == artist
        assert np.linalg.norm(list(vector.values())) == pytest.approx(1.0, abs=1e-3)
        assert list(vector.values()) == sorted(vector.values(), reverse=True)
        assert len(vector) <= MAX_ENTRIES


def test_build_artist_vectors_reach_who_is_named_who_names_and_whom_those_name():
    vectors = vectors_of()
    assert vectors["a"].keys() == vectors["d"].keys() == set("abcd")
    assert vectors["a"]["b"] > vectors["a"]["d"] > 0.0
    assert vectors["y"].keys() == set("xyz")


def test_build_artist_vectors_lead_a_lonely_artist_to_those_with_the_same_rare_traits():
    loved = {a: [b for b in "abcdef" if b != a] for a in "abcdef"}
    loved |= {a: [b for b in "vwxyz" if b != a] for a in "vwxyz"}
    traits = {a: {"music": 1.0, "fado": 0.5} for a in "abcdef"}
    traits |= {a: {"music": 1.0, "polka": 1.0} for a in "vwxyz"}
    traits["lonely"], traits["nobody"] = {"music": 1.0, "fado": 1.0}, {"silence": 1.0}
    vectors = {a: dict(v) for a, v in build_artist_vectors(traits, loved).items()}
    assert vectors["lonely"].keys() == {"lonely", *"abcdef"}
    assert "lonely" not in vectors["a"]
    assert vectors["nobody"] == {"nobody": 1.0}


def test_guess_likely_neighbours_by_the_rarest_traits_in_common():
    loved = {a: [b for b in "abcdef" if b != a] for a in "abcdef"}
    loved |= {a: [b for b in "vwxyz" if b != a] for a in "vwxyz"}
    traits = {a: {"music": 1.0, "fado": 0.5} for a in "abcdef"}
    traits |= {a: {"music": 1.0, "polka": 1.0} for a in "vwxyz"}
    vectors = build_artist_vectors(traits, loved)
    likely = NearArtists.of(traits, vectors)
    assert {artist: likely.find(artist) for artist in traits} == vectors
    assert likely.find("nobody") == ()
    guessed = dict(likely.guess(["music", "fado", "unknown"]))
    assert guessed.keys() == set("abcdef")
    assert np.linalg.norm(list(guessed.values())) == pytest.approx(1.0, abs=1e-3)
    assert likely.guess(["unknown"]) == ()


def test_recommend_without_likes_knows_whom_the_listeners_of_an_artist_love():
    near = {artist: tuple(vector.items()) for artist, vector in vectors_of().items()}
    songs = [
        make_document(f"pop{i}", artist=a, near_artists=near[a]) for i, a in enumerate(ARTISTS)
    ]
    snapshot = build_snapshot(songs, [])
    found = [item.song_id for item in recommend(snapshot, Query([Seed("pop0")], n=3))]
    assert set(found) == {"pop1", "pop2", "pop3"}
