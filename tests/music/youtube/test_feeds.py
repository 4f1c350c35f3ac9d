"""A channel's feed, from a server that speaks it."""

import pytest

from music.errors import SourceNotFound, SourceUnavailable
from music.youtube import feeds
from tests.servers.youtube_world.synthetic import build_synthetic_world

WORLD, _ = build_synthetic_world(n_artists=40, n_songs=400)
CHANNEL = max(WORLD.channels.values(), key=lambda channel: len(channel.uploads))
BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&c;</title></feed>"""


@pytest.fixture
def server(youtube_server, settings):
    settings.YOUTUBE_OEMBED_ENDPOINT = youtube_server.url
    settings.YOUTUBE_OEMBED_TIMEOUT_SECONDS = 0.5
    feeds.forget_client()
    yield youtube_server
    feeds.forget_client()


def test_a_feed_names_the_fifteen_newest_uploads_and_costs_nothing(server):
    records = feeds.fetch_feed(CHANNEL.id)
    assert [record.video_id for record in records] == CHANNEL.uploads[:15]
    newest = WORLD.videos[CHANNEL.uploads[0]]
    assert (records[0].title, records[0].channel_title) == (newest.title, newest.channel_title)
    assert records[0].published_at.isoformat().startswith(newest.published_at[:10])
    assert server.report()["units"] == 0


def test_an_unknown_channel_has_no_feed(server):
    with pytest.raises(SourceNotFound):
        feeds.fetch_feed("UC" + "x" * 22)


@pytest.mark.parametrize("mode", ["serverError", "garbage", "empty", "binary", "hang", "close"])
def test_an_answer_that_is_no_feed_is_said_to_be_none(server, mode):
    server.fail(mode, times=1, resource="feed", seconds=2)
    with pytest.raises(SourceUnavailable):
        feeds.fetch_feed(CHANNEL.id)
    assert feeds.fetch_feed(CHANNEL.id)


def test_three_failures_open_the_breaker(server):
    server.fail("garbage", times=3, resource="feed")
    for _ in range(4):
        with pytest.raises(SourceUnavailable):
            feeds.fetch_feed(CHANNEL.id)
    assert server.report()["by_resource"]["feed"] == 3


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        b"<feed/>",
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b" " * feeds.MAX_BYTES + b"</feed>",
    ],
    ids=["entities", "another language", "too long"],
)
def test_what_could_do_harm_is_refused(body):
    with pytest.raises((ValueError, feeds.DefusedXmlException)):
        feeds._read(CHANNEL.id, 200, body)
