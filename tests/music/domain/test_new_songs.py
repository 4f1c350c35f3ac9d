"""New songs of liked artists."""

from datetime import timedelta

import pytest
from django.utils import timezone

from music.domain.new_songs import list_new_songs
from music.domain.steering import steer
from tests.factories import (
    DismissalFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
    VideoFactory,
)

pytestmark = pytest.mark.django_db


def release(artist: str, title: str, days: int, **facts):
    published_at = timezone.now() - timedelta(days=days)
    song = SongFactory(artist=artist, title=title, is_bundled=False)
    return VideoFactory(song=song, published_at=published_at, **facts).song


@pytest.fixture
def listener():
    listener = ListenerFactory()
    LikeFactory(user=listener, song=SongFactory(artist="Björk", title="Jóga"))
    LikeFactory(user=listener, song=SongFactory(artist="ABBA", title="Waterloo"))
    return listener


def titles(listener) -> list[str]:
    return [song.title for song in list_new_songs(listener=listener)]


def test_the_newest_song_of_each_liked_artist_is_listed(listener):
    release("Björk", "Older", 20)
    release("Björk", "Newer", 10)
    release("ABBA", "Newest", 1)
    release("Zaz", "Of somebody else", 1)
    assert titles(listener) == ["Newest", "Newer"]


def test_what_is_old_or_does_not_play_or_is_known_already_is_not(listener):
    release("Björk", "Old", 70)
    release("Björk", "Live", 1, take="live")
    release("Björk", "Gone", 1, available=False)
    release("Björk", "Elsewhere", 1, blocked_regions=["US"])
    LikeFactory(user=listener, song=release("Björk", "Liked", 1))
    DismissalFactory(user=listener, song=release("Björk", "Dismissed", 1))
    assert titles(listener) == []


def test_a_hidden_artist_has_nothing_new(listener):
    song = release("Björk", "New", 1)
    steer(listener=listener, kind="artist", reference=song.address)
    assert titles(listener) == []


def test_who_likes_nothing_is_told_of_nothing(django_assert_num_queries):
    release("Björk", "New", 1)
    assert titles(ListenerFactory()) == []
