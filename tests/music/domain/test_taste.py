import pytest

from music.domain.taste import describe_taste
from tests.factories import LikeFactory, ListenerFactory, SongFactory

pytestmark = pytest.mark.django_db


def test_taste_counts_what_is_liked_most_first():
    listener = ListenerFactory()
    for artist, genre, year in [("A", "Rock", 1991), ("A", "Rock", 1999), ("B", "Pop", 2005)]:
        language = "en-US" if artist == "B" else "en"
        song = SongFactory(artist=artist, genre=genre, year=year, language=language)
        LikeFactory(user=listener, song=song)
    LikeFactory(user=listener, song=None, song_name="unknown")
    LikeFactory()
    taste = describe_taste(listener=listener)
    assert taste.n_likes == 3
    assert taste.genres == (("Rock", 2), ("Pop", 1))
    assert taste.artists == (("A", 2), ("B", 1))
    assert taste.decades == (("1990s", 2), ("2000s", 1))
    assert taste.languages == (("en", 3),)


def test_taste_of_nobody_is_empty():
    taste = describe_taste(listener=ListenerFactory())
    assert (taste.n_likes, taste.genres, taste.decades) == (0, (), ())
