"""Harvest against the API server: what it stores, what it costs, stopping and starting again."""

import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from music.collecting import harvest as harvest_module
from music.collecting import harvest_targets
from music.collecting.harvest import harvest
from music.collecting.naming import name_song
from music.collecting.topic_searches import list_artists_without_topic
from music.errors import KeyRejected, SourceRejected
from music.models import Chore, Song, VideoFeature
from music.names.channels import TOPIC
from music.youtube import feeds
from music.youtube.budgets import BUDGET_SPENT
from tests.factories import LikeFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world

WORLD, _ = build_synthetic_world(n_artists=40, n_songs=400)
CHARTED = {video.id for region in ("US", "SE") for video in WORLD.get_chart(region)}


@pytest.fixture
def run(gateway, settings):
    """Harvest two regions."""
    settings.YOUTUBE_LISTENER_RESERVE = 0.5

    def run(max_units=1000, regions=("US", "SE")):
        return harvest(gateway=gateway, max_units=max_units, regions=regions)

    return run


def stored_ids():
    return set(VideoFeature.objects.values_list("video_id", flat=True))


def test_harvest_stores_charts_and_the_uploads_of_their_channels(run, youtube_server):
    report = run()

    channels = {WORLD.videos[video_id].channel_id for video_id in CHARTED}
    uploads = {i for channel_id in channels for i in WORLD.channels[channel_id].uploads}
    assert stored_ids() == CHARTED | uploads
    assert report.n_new_songs == len(CHARTED | uploads)
    assert (report.n_charts, report.n_channels) == (2, len(channels))
    assert youtube_server.report()["searches"] == 0
    assert youtube_server.report()["units"] <= report.n_units
    assert report.stopped_by == ""


def test_harvested_songs_have_artist_and_title(run):
    run(max_units=8, regions=["US"])
    video = WORLD.get_chart("US")[0]
    stored = VideoFeature.objects.get(video_id=video.id)
    song = stored.song
    assert f"{song.artist} - {song.title}" == video.title.split(" (")[0].split(" [")[0]
    assert stored.view_count == video.views
    assert 0 < song.popularity <= 100


def test_second_harvest_costs_nothing_until_things_are_due_again(run, youtube_server, monkeypatch):
    run()
    used = youtube_server.report()["units"]
    assert run().n_units == 0

    later = timezone.now() + harvest_module.CHART_EVERY + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    report = run()

    assert (report.n_charts, report.n_channels, report.n_new_songs) == (2, 0, 0)
    assert youtube_server.report()["units"] - used <= report.n_units


def test_harvest_in_small_steps_ends_where_one_run_ends(run):
    reports = [run(max_units=13)]
    assert reports[0].stopped_by == BUDGET_SPENT
    while reports[-1].stopped_by:
        reports.append(run(max_units=13))
        assert len(reports) < 20
    in_steps = stored_ids()
    VideoFeature.objects.all().delete()
    Chore.objects.all().delete()
    run()
    assert stored_ids() == in_steps


def test_harvest_of_liked_channels_comes_first(run, gateway, db):
    videos = list(WORLD.videos.values())
    little_known = min((v for v in videos if v.kind == "topic"), key=lambda v: v.views)
    records = gateway.fetch_videos([little_known.id], caller="listener").found
    VideoFeature.objects.store(map(name_song, records))
    LikeFactory(song=Song.objects.get())
    run(max_units=8, regions=["US"])  # charts, and half a channel

    assert harvest_module.list_channels()[0] == (
        little_known.channel_id,
        little_known.channel_title,
    )


def test_harvest_leaves_the_listeners_reserve_alone(run, youtube_server, settings):
    settings.YOUTUBE_DAILY_UNITS = 40
    report = run()
    assert report.stopped_by.startswith("No YouTube quota units are left today beyond")
    assert youtube_server.report()["units"] == 20


def test_harvest_that_youtube_cuts_short_can_go_on(run, youtube_server):
    whole = run(max_units=12)
    assert whole.n_charts == 2
    youtube_server.fail("backendError")
    assert run().stopped_by == "YouTube does not answer."
    assert not Chore.objects.exclude(claimed_at=None).exists()


def test_harvest_with_a_wrong_key_says_so(run, youtube_server):
    youtube_server.fail("keyInvalid")
    with pytest.raises(KeyRejected):
        run()
    assert not Chore.objects.exclude(claimed_at=None).exists()


def test_two_harvests_at_once_share_the_work(run, youtube_server):
    alone = run()
    n_alone = youtube_server.report()["units"]
    VideoFeature.objects.all().delete()
    Chore.objects.all().delete()
    youtube_server.reset()
    reports = []

    def run_and_close():
        reports.append(run())
        connections.close_all()

    threads = [threading.Thread(target=run_and_close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {report.n_charts for report in reports} <= {0, 1, 2}
    assert sum(report.n_charts for report in reports) == 2
    assert stored_ids() <= set(WORLD.videos)
    assert len(stored_ids()) <= alone.n_new_songs
    # Each batch of 50 may be less full when two share; no chart or channel is read twice.
    assert youtube_server.report()["units"] <= n_alone + 20


def test_command_reports_what_it_did(gateway, capsys):
    call_command("harvest", "--units", "6", "--regions", "se", "--quiet")
    assert capsys.readouterr().out == (
        "203 new songs from 1 charts and 1 channels for 6 units and 0 searches. "
        f"Ended early: {BUDGET_SPENT}.\n"
    )


def test_command_refuses_what_is_no_region():
    with pytest.raises(CommandError, match="XX is not a region"):
        call_command("harvest", "--regions", "US", "XX")


def test_command_without_key_says_what_to_set(settings):
    settings.YOUTUBE_API_KEY = None
    with pytest.raises(CommandError, match="Set YOUTUBE_API_KEY"):
        call_command("harvest", "--quiet")


def test_searches_find_channels_that_no_chart_shows(gateway, youtube_server, settings):
    charted = {WORLD.videos[video_id].channel_id for video_id in CHARTED}
    hubs = {c.id for c in WORLD.channels.values() if c.title.startswith("Lyrics Hub")}
    assert hubs
    assert not hubs & charted

    report = harvest(gateway=gateway, max_units=1000, max_searches=1, regions=["US"])

    uploads = {i for hub in hubs for i in WORLD.channels[hub].uploads}
    assert uploads <= stored_ids()
    assert report.n_searches == youtube_server.report()["searches"] == 1


def test_searches_end_quietly_where_the_listeners_reserve_begins(gateway, youtube_server, settings):
    settings.YOUTUBE_DAILY_SEARCHES, settings.YOUTUBE_LISTENER_RESERVE = 4, 0.5
    report = harvest(gateway=gateway, max_units=1000, max_searches=9, regions=["US"])
    assert (report.n_searches, report.stopped_by) == (2, "")
    assert youtube_server.report()["searches"] == 2


def test_artists_without_a_known_channel_are_found_by_their_handle(gateway, youtube_server):
    channel = next(c for c in WORLD.channels.values() if c.handle.endswith("vevo"))
    lyrics = next(
        v
        for v in WORLD.videos.values()
        if v.kind == "lyrics" and v.title.split(" - ")[0].replace(" ", "") + "VEVO" == channel.title
    )
    VideoFeature.objects.store(
        name_song(record) for record in gateway.fetch_videos([lyrics.id], caller="listener").found
    )
    assert harvest_module.list_strangers() == [lyrics.title.split(" - ")[0].lower()]

    harvest(gateway=gateway, max_units=1000, regions=[])

    assert set(channel.uploads) <= stored_ids()
    assert channel.id in set(Chore.objects.filter(kind="channel").values_list("name", flat=True))


@pytest.fixture
def known_artist(gateway, monkeypatch):
    """A topic channel of whose artist only the other channel's video is stored."""
    topic = next(c for c in WORLD.channels.values() if c.title.endswith(TOPIC))
    artist = topic.title.removesuffix(TOPIC)
    video = next(v for v in WORLD.videos.values() if v.title.startswith(f"{artist} - "))
    VideoFeature.objects.store(map(name_song, gateway.fetch_videos([video.id], caller="x").found))
    monkeypatch.setattr(harvest_module, "DISCOVERIES", ())
    return artist, topic


def test_topic_channel_is_found_by_one_search_and_read(gateway, youtube_server, known_artist):
    artist, topic = known_artist
    assert list_artists_without_topic() == [artist]
    harvest(gateway=gateway, max_units=1000, max_searches=1, regions=[])
    assert youtube_server.report()["searches"] == 1
    assert set(topic.uploads) <= stored_ids()


def test_artist_whose_topic_channel_came_to_light_is_not_searched_for(
    gateway, youtube_server, known_artist, monkeypatch
):
    artist, _ = known_artist
    monkeypatch.setattr(
        harvest_module, "list_artists_without_topic", lambda: [artist, artist.upper()]
    )
    harvest(gateway=gateway, max_units=1000, max_searches=9, regions=[])
    assert youtube_server.report()["searches"] == 1


def test_only_a_part_of_the_searches_is_about_no_artist(gateway, youtube_server, monkeypatch):
    monkeypatch.setattr(harvest_module, "list_artists_without_topic", tuple)
    monkeypatch.setattr(harvest_module, "DISCOVERIES", ("lyrics", "karaoke", "cover"))
    runs = [harvest(gateway=gateway, max_units=500, max_searches=20, regions=[]) for _ in range(3)]
    assert [run.n_searches for run in runs] == [2, 1, 0]


def test_topic_channel_that_is_not_there_is_searched_for_once_a_month(
    gateway, youtube_server, monkeypatch
):
    monkeypatch.setattr(harvest_module, "DISCOVERIES", ())
    monkeypatch.setattr(harvest_module, "list_artists_without_topic", lambda: ["Nobody Atall"])
    for days, n_searches in ((0, 1), (29, 1), (31, 2)):
        later = timezone.now() + timedelta(days=days)
        with monkeypatch.context() as clock:
            clock.setattr(timezone, "now", lambda later=later: later)
            harvest(gateway=gateway, max_units=1000, max_searches=1, regions=[])
        assert youtube_server.report()["searches"] == n_searches


def test_chart_that_youtube_calls_wrong_is_left_out(run, youtube_server):
    youtube_server.fail("invalidParameter", times=1)
    assert run().n_charts == 2
    assert CHARTED & stored_ids()


def test_run_ends_when_youtube_calls_everything_wrong(run, youtube_server):
    youtube_server.fail("invalidParameter")
    with pytest.raises(SourceRejected):
        run(regions=harvest_targets.REGIONS)
    assert youtube_server.report()["requests"] == harvest_module.MAX_REJECTED + 1


def test_a_channel_that_was_read_before_is_read_by_its_feed_for_no_unit(
    run, youtube_server, settings
):
    settings.YOUTUBE_OEMBED = True
    settings.YOUTUBE_OEMBED_ENDPOINT = youtube_server.url
    feeds.forget_client()
    run(regions=["US"])
    channel = WORLD.channels[WORLD.get_chart("US")[0].channel_id]
    new = channel.uploads[0]
    VideoFeature.objects.filter(video_id=new).delete()
    pages = youtube_server.report()["by_resource"]["playlistItems"]
    Chore.objects.filter(kind=Chore.Kind.CHANNEL).update(
        done_at=timezone.now() - harvest_module.CHANNEL_EVERY - timedelta(minutes=1)
    )
    report = run(regions=[])
    assert new in stored_ids()
    assert youtube_server.report()["by_resource"]["playlistItems"] == pages
    assert youtube_server.report()["by_resource"]["feed"] == report.n_channels
    assert report.n_units == 1
