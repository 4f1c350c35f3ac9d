"""Likes as lists: found, sorted, changed many at a time."""

import pytest

from music.domain import like_lists
from music.errors import InvalidInput
from music.models import UserLikedSong
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener():
    listener = ListenerFactory()
    for artist, title in (("Björk", "Jóga"), ("ABBA", "Waterloo"), ("Zaz", "Je veux")):
        LikeFactory(user=listener, song=SongFactory(artist=artist, title=title))
    LikeFactory(user=listener, song=None, song_name="That Song With The Whistle")
    LikeFactory(song=SongFactory(artist="ABBA", title="Fernando"))
    return listener


def names(listener, **wanted) -> list[str]:
    """What is found; each part of it is the same, however it is cut."""
    pages = like_lists.LikePages(listener=listener, **wanted)
    found = pages[0:50]
    assert pages[0:None] == found
    assert pages[1:3] == found[1:3]
    assert pages[1:None] == found[1:]
    assert pages.count() == len(found)
    stored = UserLikedSong.objects.in_bulk([like.pk for like in found])
    assert like_lists.list_stored([stored[like.pk] for like in found]) == found
    return [like.song.title if like.song else like.song_name for like in found]


def test_likes_are_found_by_artist_title_and_words_in_any_spelling(listener):
    assert names(listener, text="bjork") == ["Jóga"]
    assert names(listener, text="WATER") == ["Waterloo"]
    assert names(listener, text="whistle") == ["That Song With The Whistle"]
    assert names(listener, text="fernando") == []
    assert names(listener, text="%") == names(listener, text="_") == names(listener, text=" ")
    assert names(listener, text="song_with") == []
    assert len(names(listener, text=" ")) == 4


def test_likes_are_sorted(listener):
    assert names(listener, order="title")[:3] == ["Je veux", "Jóga", "Waterloo"]
    assert names(listener, order="artist")[:3] == ["Waterloo", "Jóga", "Je veux"]
    assert names(listener, order="newest") == names(listener, order="oldest")[::-1]
    with pytest.raises(InvalidInput):
        like_lists.LikePages(listener=listener, order="loudest")


def test_those_not_found_yet_are_listed_alone(listener):
    LikeFactory(user=listener, song=None, song_name="x", video=VideoFactory(song=None))
    assert names(listener, only_missing=True) == ["That Song With The Whistle"]


def test_many_are_removed_and_come_back_as_they_were(listener):
    mine = list(UserLikedSong.objects.filter(user=listener))
    UserLikedSong.objects.filter(pk=mine[0].pk).update(learn=False)
    before = set(UserLikedSong.objects.values_list("user", "song_name", "song", "learn"))
    others = [like.pk for like in UserLikedSong.objects.exclude(user=listener)]
    removed = like_lists.remove_likes(
        listener=listener, like_ids=[*(like.pk for like in mine), *others]
    )
    assert len(removed) == 4
    assert UserLikedSong.objects.count() == 1
    assert like_lists.restore_likes(listener=listener, removed=removed) == 4
    assert set(UserLikedSong.objects.values_list("user", "song_name", "song", "learn")) == before


def test_learning_is_switched_for_many(listener):
    ids = [like.pk for like in UserLikedSong.objects.all()]
    changed = like_lists.set_learning_of_many(listener=listener, like_ids=ids, learn=False)
    assert changed == 4
    assert UserLikedSong.objects.filter(learn=True).count() == 1


def test_more_than_fifty_at_once_are_refused(listener):
    with pytest.raises(InvalidInput):
        like_lists.remove_likes(listener=listener, like_ids=range(51))
