"""A listener waits for the song that was named; the rest of a channel is stored a moment later."""

from collections import Counter

import pytest

from music.catalogue import resolver
from music.collecting import backlog, handles
from music.collecting.naming import name_song
from music.models import Chore, VideoFeature
from music.youtube.quota import HARVEST, LISTENER, PENDING, UNITS, get_state
from tests.servers.youtube_world.synthetic import build_synthetic_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_guesses(monkeypatch):
    monkeypatch.setattr(handles, "SUFFIXES", ())


@pytest.fixture(scope="module")
def world():
    return build_synthetic_world(n_artists=40, n_songs=400)


@pytest.fixture
def channel(world):
    """A channel with more than two pages of uploads."""
    return max(world[0].channels.values(), key=lambda channel: len(channel.uploads))


@pytest.fixture
def asked(world, channel, gateway):
    """The name of a song on the first page of ``channel``, by an artist with another one there
    that is stored."""
    videos, songs = world[0].videos, world[1]
    newest = [videos[i] for i in channel.uploads[:50] if videos[i].song is not None]
    artists = Counter(songs[video.song].artist for video in newest)
    artist = artists.most_common(1)[0][0]
    of_artist = [video for video in newest if songs[video.song].artist == artist]
    stored, wanted = of_artist[0], of_artist[1]
    found = gateway.fetch_videos([stored.id], caller=HARVEST).found
    VideoFeature.objects.store(name_song(record) for record in found)
    return f"{artist} - {songs[wanted.song].title}"


def count_read(channel):
    return VideoFeature.objects.filter(channel_id=channel.id).count()


def is_read(channel):
    return Chore.objects.filter(
        kind=Chore.Kind.CHANNEL, name=channel.id, done_at__isnull=False
    ).exists()


def test_only_as_much_is_read_before_the_answer_as_it_takes(
    asked, channel, youtube_server, monkeypatch
):
    left = []
    monkeypatch.setattr(backlog, "_run", lambda action, _asked_at: left.append(action))
    assert resolver.resolve([asked])[0].rung == "channel"
    backlog.wait_for_growth()
    assert youtube_server.report()["by_resource"]["playlistItems"] == 1
    assert len(left) == 1
    assert not is_read(channel)


def test_the_rest_is_stored_beside_later_requests(asked, channel):
    resolver.resolve([asked])
    backlog.wait_for_growth()
    assert count_read(channel) == len(channel.uploads) > 100
    assert is_read(channel)


def test_growth_leaves_the_listeners_their_reserve(asked, channel, settings):
    settings.YOUTUBE_DAILY_UNITS = 8
    resolver.resolve([asked])
    backlog.wait_for_growth()
    units = next(state for state in get_state() if state.bucket == UNITS)
    assert units.by_caller[LISTENER] == 2
    assert units.used <= 8 / 2
    assert not is_read(channel)


def test_growth_that_fails_is_tried_again_with_the_next_name(
    asked, channel, youtube_server, monkeypatch
):
    monkeypatch.setattr(backlog, "store_beside", lambda leftovers, caller: None)
    monkeypatch.setattr("music.catalogue.rungs.channels.store_beside", backlog.store_beside)
    resolver.resolve([asked])
    monkeypatch.undo()
    before = youtube_server.report()["by_resource"]["playlistItems"]
    artist = asked.partition(" - ")[0]
    resolver.resolve([f"{artist} - no such song of theirs"])
    backlog.wait_for_growth()
    assert youtube_server.report()["by_resource"]["playlistItems"] > before
    assert is_read(channel)


def test_a_job_that_nobody_waits_for_stores_everything_at_once(asked, channel, monkeypatch):
    monkeypatch.setattr(backlog, "_get_pool", lambda: pytest.fail("no thread is needed"))
    resolver.resolve([asked], caller=PENDING)
    assert count_read(channel) == len(channel.uploads)
    assert is_read(channel)


def test_more_than_can_be_kept_waiting_is_dropped(asked, channel, monkeypatch):
    monkeypatch.setattr(backlog, "MAX_WAITING", 0)
    assert resolver.resolve([asked])[0].is_found
    backlog.wait_for_growth()
    assert not is_read(channel)
