"""Which songs of the index may be suggested at present."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from music.domain.suggestible import Suggestible
from music.models import Song
from tests.factories import SongFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("facts", "plays"),
    [
        ({}, True),
        ({"take": "lyrics"}, True),
        ({"duration": None}, True),
        ({"allowed_regions": ["DE", "US"], "blocked_regions": ["FR"]}, True),
        ({"take": "live"}, False),
        ({"available": False}, False),
        ({"embeddable": False}, False),
        ({"is_live": True}, False),
        ({"withdrawn_at": timezone.now()}, False),
        ({"duration": 59}, False),
        ({"duration": 901}, False),
        ({"blocked_regions": ["DE", "US"]}, False),
        ({"allowed_regions": ["DE"]}, False),
        ({"allowed_regions": []}, False),
    ],
)
def test_song_of_a_video_is_suggested_if_the_video_plays_here(facts, plays):
    song = SongFactory(is_bundled=False)
    VideoFactory(song=song, **facts)
    bundled = SongFactory(is_bundled=True)
    VideoFactory(song=bundled, **facts)
    asked = [song.address, bundled.address, "no/such-song"]
    found = {song.address, bundled.address} if plays else set()
    assert Suggestible().list_playing(asked) == found
    assert Suggestible().list_allowed(asked) == found | {bundled.address}


def test_one_video_that_plays_among_others_is_enough():
    song = SongFactory(is_bundled=False)
    for facts in ({"take": "live"}, {}, {"available": False}):
        VideoFactory(song=song, **facts)
    assert Suggestible().list_playing([song.address]) == {song.address}


def test_joined_songs_and_those_of_hidden_artists_are_not_suggested():
    song, hidden = SongFactory(artist="ABBA"), SongFactory(artist="Zaz")
    joined = SongFactory(joined_to=song)
    asked = [song.address, hidden.address, joined.address]
    assert Suggestible([hidden.artist_key]).list_allowed(asked) == {song.address}


def test_songs_asked_about_are_found_by_their_addresses_and_not_among_all_songs():
    song = SongFactory()
    with CaptureQueriesContext(connection) as sent:
        Suggestible().list_allowed([song.address])
        list(Song.objects.suggestible().filter(created_at__gt=timezone.now()))
    with connection.cursor() as cursor:
        for statement in sent.captured_queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement['sql']}")
            plan = " / ".join(row[-1] for row in cursor.fetchall())
            assert "joined_to" not in plan
            assert "SCAN music_song" not in plan
            assert "SCAN song" not in plan
