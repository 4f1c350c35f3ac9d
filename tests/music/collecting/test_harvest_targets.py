"""What is worth harvesting: which videos are songs, and whose channels come first."""

from dataclasses import replace

import pytest

from music.collecting.handles import record_guessed
from music.collecting.harvest_targets import is_song, list_strangers
from music.collecting.naming import name_song
from music.collecting.topic_searches import list_artists_without_topic, write_topic_query
from music.models import Song, VideoFeature
from music.records import VideoRecord
from tests.factories import LikeFactory, SongFactory, VideoFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world

WORLD, _ = build_synthetic_world(n_artists=40, n_songs=400)


@pytest.mark.parametrize(
    ("change", "is_target"),
    [
        ({}, True),
        ({"duration_seconds": 59}, False),
        ({"duration_seconds": 901}, False),
        ({"duration_seconds": None}, False),
        ({"is_live": True}, False),
        ({"available": False}, False),
    ],
)
def test_songs_are_as_long_as_songs_and_there_to_play(change, is_target):
    fields = {"video_id": "A" * 11, "title": "t", "artist": "", "song_title": "t"}
    record = VideoRecord(**{**fields, "duration_seconds": 200, **change})
    assert is_song(record) is is_target


def test_most_liked_artists_come_first_among_those_without_a_topic_channel(gateway):
    videos = [v.id for v in WORLD.get_chart("US")][:50]
    records = [name_song(record) for record in gateway.fetch_videos(videos, caller="x").found]
    VideoFeature.objects.store(records)
    best_known = Song.objects.best_known_first().first().artist
    assert list_artists_without_topic()[0] == best_known
    liked = Song.objects.exclude(artist=best_known).order_by("popularity").first()
    LikeFactory(song=liked)
    assert list_artists_without_topic()[:2] == [liked.artist, best_known]
    found = replace(records[0], video_id="a" * 11, artist=liked.artist, channel_title="Any - Topic")
    VideoFeature.objects.store([found])
    assert list_artists_without_topic()[0] == best_known


def test_artists_of_songs_that_cannot_be_heard_take_turns_with_the_best_known(db):
    VideoFactory(song__artist="Famous", song__popularity=90, take="original", channel_id="UC1")
    VideoFactory(song__artist="Known", song__popularity=80, take="original", channel_id="UC2")
    VideoFactory(song__artist="Played", song__popularity=20, take="live", channel_id="UC3")
    SongFactory(artist="Silent", popularity=30, is_bundled=True)
    hub = {"channel_title": "Lyrics Hub", "channel_id": "UC4"}
    VideoFactory(song__artist="Nowhere", song__popularity=10, take="original", **hub)
    record_guessed(["nowhere"])
    found = ["Silent", "Nowhere", "Famous", "Played", "Known"]
    assert list_artists_without_topic() == found


def test_search_for_a_topic_channel_names_a_song_that_is_not_heard_here(db):
    assert write_topic_query("Famous") == "Famous - Topic"
    VideoFactory(song__artist="Famous", song__title="Hit", song__popularity=90, take="original")
    VideoFactory(song__artist="Famous", song__title="Minor", song__popularity=9, take="original")
    assert write_topic_query("Famous") == "Famous - Hit - Topic"
    VideoFactory(song__artist="Famous", song__title="Rare", song__popularity=2, take="live")
    assert write_topic_query("famous") == "famous - Rare - Topic"


def test_artists_of_the_catalogue_are_looked_for_the_best_known_first(db):
    for artist, popularity in (("Little", 5), ("Great", 90)):
        SongFactory(artist=artist, popularity=popularity)
    assert list_strangers() == ["great", "little"]


def test_artist_whose_own_channel_is_known_is_no_stranger(db):
    for artist, channel in (
        ("The Own", "TheOwnVEVO"),
        ("Foreign", "Lyrics Hub"),
        ("T", "T - Topic"),
    ):
        VideoFactory(song__artist=artist, channel_title=channel)
    assert set(list_strangers()) == {"foreign", "t"}
