"""A pasted link without a key: asked of a server that speaks oEmbed."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from music.catalogue import resolver
from music.domain.refreshing import refresh_videos
from music.errors import SourceUnavailable
from music.models import VideoFeature
from music.youtube import oembed
from tests.servers.youtube_world.synthetic import build_synthetic_world
from tests.servers.youtube_world.world import Video

ID = "dQw4w9WgXcQ"


@pytest.fixture
def server(youtube_server, settings, db):
    """The server without a key, and one video of a title with escaped signs in its world."""
    settings.YOUTUBE_API_KEY = ""
    settings.YOUTUBE_OEMBED = True
    settings.YOUTUBE_OEMBED_ENDPOINT = youtube_server.url
    settings.YOUTUBE_OEMBED_TIMEOUT_SECONDS = 0.5
    oembed.forget_client()
    yield youtube_server
    oembed.forget_client()


@pytest.fixture(scope="module")
def video() -> Video:
    """A video of the world that the server has too."""
    world, _ = build_synthetic_world(n_artists=40, n_songs=400)
    return next(v for v in world.videos.values() if v.kind == "official" and v.embeddable)


def link(video_id: str) -> str:
    return f"https://youtu.be/{video_id}"


def n_asked(server) -> int:
    return server.report()["by_resource"].get("oembed", 0)


def test_a_link_becomes_a_song_and_is_asked_for_once(server, video):
    for _ in range(2):
        [resolution] = resolver.resolve([link(video.id)])
    assert resolution.video_id == video.id
    row = VideoFeature.objects.select_related("song").get()
    assert (row.title, row.channel_title, row.source) == (
        video.title,
        video.channel_title,
        "oembed",
    )
    assert row.song is not None
    assert n_asked(server) == 1
    assert server.report()["units"] == 0


def test_titles_are_unescaped_once(server, video):
    server.configure(videos={video.id: {"title": "Artist - R&amp;B &amp;lt;3 (Official Video)"}})
    try:
        assert oembed.fetch_video(video.id).title == "Artist - R&B &lt;3 (Official Video)"
    finally:
        server.configure(videos={video.id: {"title": video.title}})


@pytest.mark.parametrize("mode", ["unauthorized", "notFound", "badRequest"])
def test_a_video_that_does_not_play_here_is_not_asked_for_again(server, video, mode):
    server.fail(mode, times=1, resource="oembed")
    for _ in range(2):
        [resolution] = resolver.resolve([link(video.id)])
        assert not resolution.is_found
    assert n_asked(server) == 1


@pytest.mark.parametrize("mode", ["serverError", "garbage", "empty", "list", "binary", "close"])
def test_an_answer_that_is_none_leaves_the_link_for_later(server, video, mode):
    server.fail(mode, times=1, resource="oembed")
    assert not resolver.resolve([link(video.id)])[0].is_found
    assert resolver.resolve([link(video.id)])[0].is_found


def test_three_hangs_open_the_breaker_and_nobody_waits_any_more(server, video):
    server.fail("hang", resource="oembed", seconds=2)
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            oembed.fetch_video(video.id)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable):
        oembed.fetch_video(video.id)
    assert time.monotonic() - began < 0.3
    assert oembed.get_client().breaker.state == "open"


def test_a_minute_has_a_bound(server, video, monkeypatch):
    for _ in range(oembed.MAX_PER_MINUTE):
        oembed.fetch_video(video.id)
    with pytest.raises(SourceUnavailable):
        oembed.fetch_video(video.id)
    assert n_asked(server) == oembed.MAX_PER_MINUTE
    assert oembed.get_client().breaker.state == "closed"


def test_nothing_leaves_the_machine_where_it_is_switched_off(server, video, settings):
    settings.YOUTUBE_OEMBED = False
    assert not resolver.resolve([link(video.id)])[0].is_found
    assert n_asked(server) == 0


def test_a_long_list_of_links_asks_for_some_of_them_only(server):
    resolver.resolve([link(f"{n:011d}") for n in range(30)])
    assert n_asked(server) == 10


def test_what_links_told_is_asked_again_before_its_days_are_over(server, video):
    resolver.resolve([link(video.id)])
    VideoFeature.objects.update(updated_at=timezone.now() - timedelta(days=26), title="old")
    report = refresh_videos(gateway=None, max_units=0)
    assert (report.n_refreshed, report.n_gone) == (1, 0)
    assert VideoFeature.objects.get().title == video.title
    VideoFeature.objects.update(updated_at=timezone.now() - timedelta(days=26))
    server.fail("notFound", resource="oembed")
    report = refresh_videos(gateway=None, max_units=0)
    assert (report.n_refreshed, report.n_gone) == (0, 1)
    assert not VideoFeature.objects.get().available


def test_texts_that_no_database_stores_are_cleaned():
    body = b'{"title": "A \\u0000 - B\\ud800", "author_name": 7, "author_url": null}'
    record = oembed._read(ID, 200, body)
    assert replace(record, title="") == replace(record, title="", channel_title="", channel_id="")
    assert record.title == "A  - B"
