"""The gateway against a real HTTP server that speaks the API."""

import logging
import threading
import time

import pytest

from music.errors import (
    KeyRejected,
    QuotaExhausted,
    SourceNotFound,
    SourceRejected,
    SourceUnavailable,
)
from music.models import QuotaUsage
from music.names.addresses import to_uploads_playlist
from music.youtube import pacific_days, quota
from music.youtube.gateway import find_gateway, get_gateway
from tests.servers.youtube_world.synthetic import build_synthetic_world

WORLD, SONGS = build_synthetic_world(n_artists=40, n_songs=400)
TOP = SONGS[0]
QUERY = f"{TOP.artist} - {TOP.title}"


def used(bucket):
    state = {state.bucket: state for state in quota.get_state()}
    return state[bucket].used


def artist_channel():
    video = next(v for v in WORLD.videos.values() if v.kind == "official" and v.song == 0)
    return WORLD.channels[video.channel_id]


def test_search_finds_the_song_for_one_search_call(gateway, youtube_server):
    records = gateway.search(QUERY, caller="listener")

    assert records[0].video_id in TOP.right_ids
    assert len(records) == len({record.video_id for record in records}) > 5
    assert youtube_server.report()["by_resource"] == {"search": 1}
    assert (used("search"), used("units")) == (1, 0)


def test_search_with_blank_query_costs_nothing(gateway, youtube_server):
    with pytest.raises(SourceRejected):
        gateway.search(" \t ", caller="listener")
    assert youtube_server.report()["requests"] == 0


def test_search_with_a_long_query_in_another_script_is_answered(gateway):
    assert gateway.search("가나다라마바사 " * 25, caller="listener") == []


def test_search_that_finds_nothing_is_an_empty_list(gateway):
    assert gateway.search("qqqqqqqqqq wwwwwwwwww", caller="listener") == []


def test_videos_come_in_the_order_asked_and_missing_ones_are_named(gateway, youtube_server):
    ids = list(WORLD.videos)[:120]
    asked = [*reversed(ids), "AAAAAAAAAAA", "catalogue:come-as-you-are", ids[0]]

    batch = gateway.fetch_videos(asked, caller="listener")

    assert [record.video_id for record in batch.found] == list(reversed(ids))
    assert batch.missing == ("AAAAAAAAAAA", "catalogue:come-as-you-are")
    assert youtube_server.report()["by_resource"] == {"videos": 3}
    assert used("units") == 3


def test_videos_without_ids_cost_nothing(gateway, youtube_server):
    batch = gateway.fetch_videos(["", "no id"], caller="listener")
    assert (batch.found, batch.missing) == ((), ("", "no id"))
    assert youtube_server.report()["requests"] == 0


def test_video_carries_what_the_world_knows_of_it(gateway):
    video = next(v for v in WORLD.videos.values() if v.kind == "official")
    record = gateway.fetch_videos([video.id], caller="listener").found[0]

    assert record.title == video.title
    assert record.tags == video.tags
    assert record.view_count == video.views
    assert record.published_at.strftime("%Y-%m-%dT%H:%M:%SZ") == video.published_at
    assert (record.available, record.embeddable, record.is_live) == (True, True, False)
    assert (record.artist, record.song_title) == ("", video.title)


def test_popular_is_the_music_chart_of_a_region(gateway, youtube_server):
    records = gateway.fetch_popular(region="SE", caller="harvest", max_pages=2)
    assert [r.video_id for r in records] == [v.id for v in WORLD.get_chart("SE")[:100]]
    assert youtube_server.report()["by_resource"] == {"videos": 2}


def test_channel_uploads_are_newest_first_one_unit_a_page(gateway, youtube_server):
    channel = artist_channel()
    page = gateway.fetch_uploads_page(channel.id, caller="listener")
    assert [record.video_id for record in page.records] == channel.uploads
    assert page.next_page_token == ""
    assert youtube_server.report()["units"] == 1


def test_channel_uploads_of_unknown_channel_are_not_found(gateway, youtube_server):
    with pytest.raises(SourceNotFound):
        gateway.fetch_uploads_page("UC" + "x" * 22, caller="listener")
    with pytest.raises(SourceNotFound):
        gateway.fetch_uploads_page("not a channel", caller="listener")
    assert youtube_server.report()["requests"] == 1


def test_playlist_is_read_page_by_page(gateway, youtube_server):
    hub = max(WORLD.channels.values(), key=lambda channel: len(channel.uploads))
    assert len(hub.uploads) > 60
    playlist_id = to_uploads_playlist(hub.id)
    first = gateway.fetch_playlist_page(playlist_id, caller="import")
    assert (first.n_read, first.n_total) == (50, len(hub.uploads))
    second = gateway.fetch_playlist_page(
        playlist_id, caller="import", page_token=first.next_page_token
    )
    read = [record.video_id for record in (*first.records, *second.records)]
    assert read == hub.uploads[: len(read)]
    assert youtube_server.report()["units"] == 2


def test_playlist_with_private_entries_leaves_them_out_and_counts_them(gateway, youtube_server):
    channel = artist_channel()
    gone = channel.uploads[0]
    youtube_server.configure(videos={gone: {"privacy": "private"}})
    playlist_id = to_uploads_playlist(channel.id)

    page = gateway.fetch_playlist_page(playlist_id, caller="import")

    youtube_server.configure(videos={gone: {"privacy": "public"}})
    assert [record.video_id for record in page.records] == channel.uploads[1:50]
    assert page.n_read == min(len(channel.uploads), 50)


def test_playlist_that_does_not_exist_is_not_found(gateway):
    with pytest.raises(SourceNotFound, match="404 playlistNotFound"):
        gateway.fetch_playlist_page("PL" + "x" * 32, caller="import")


@pytest.mark.parametrize("mode", ["quotaExceeded", "searchQuotaExceeded"])
def test_quota_refused_by_youtube_is_believed_and_not_asked_again(mode, gateway, youtube_server):
    youtube_server.fail(mode, resource="search")

    with pytest.raises(QuotaExhausted) as caught:
        gateway.search(QUERY, caller="listener")
    with pytest.raises(QuotaExhausted):
        gateway.search(QUERY, caller="listener")

    assert caught.value.bucket == "search"
    assert caught.value.until == pacific_days.get_reset_time(pacific_days.get_pacific_day())
    assert youtube_server.report()["requests"] == 1
    assert gateway.fetch_videos(list(WORLD.videos)[:1], caller="listener").found
    assert gateway.is_answering


def test_own_count_stops_calls_before_youtube_does(gateway, youtube_server, settings):
    settings.YOUTUBE_DAILY_SEARCHES = 2
    for _ in range(2):
        gateway.search(QUERY, caller="listener")
    with pytest.raises(QuotaExhausted):
        gateway.search(QUERY, caller="listener")
    assert youtube_server.report()["searches"] == 2


@pytest.mark.parametrize("mode", ["keyInvalid", "keyInvalidOld", "accessNotConfigured"])
def test_rejected_key_is_neither_retried_nor_tried_again_soon(mode, gateway, youtube_server):
    youtube_server.fail(mode)
    for _ in range(3):
        with pytest.raises(KeyRejected) as caught:
            gateway.search(QUERY, caller="listener")
    assert youtube_server.report()["requests"] == 1
    assert "YOUTUBE_API_KEY" in caught.value.hint


def test_wrong_key_is_rejected(youtube_server, transactional_db, settings):
    settings.YOUTUBE_API_KEY = "some-other-key"
    with pytest.raises(KeyRejected):
        get_gateway().search(QUERY, caller="listener")


def test_without_key_there_is_no_gateway(settings):
    settings.YOUTUBE_API_KEY = None
    assert find_gateway() is None
    with pytest.raises(KeyRejected):
        get_gateway()


@pytest.fixture
def patient_gateway(youtube_server, settings, transactional_db):
    """A gateway whose attempts all find their time, also on a machine that is busy."""
    settings.YOUTUBE_TIMEOUT_SECONDS = 60.0
    return get_gateway()


@pytest.mark.parametrize(
    "mode",
    [
        "backendError",
        "serviceUnavailable",
        "rateLimitExceeded",
        "tooManyRequests",
        "garbage",
        "empty",
        "list",
        "null",
        "binary",
        "truncated",
        "half_body",
        "close",
    ],
)
def test_passing_fault_is_retried_and_each_attempt_counted(mode, patient_gateway, youtube_server):
    youtube_server.fail(mode, times=2)
    assert patient_gateway.search(QUERY, caller="listener")[0].video_id in TOP.right_ids
    assert youtube_server.report()["requests"] == 3
    assert used("search") == 3


@pytest.mark.parametrize("mode", ["backendError", "garbage", "close"])
def test_lasting_fault_ends_in_unavailable_and_opens_the_breaker(
    mode, patient_gateway, youtube_server
):
    youtube_server.fail(mode)

    with pytest.raises(SourceUnavailable):
        patient_gateway.search(QUERY, caller="listener")
    n_before = used("search")
    started = time.thread_time()
    for _ in range(20):
        with pytest.raises(SourceUnavailable) as caught:
            patient_gateway.search(QUERY, caller="listener")

    assert time.thread_time() - started < 0.1
    assert caught.value.retry_after_seconds > 0
    assert n_before == used("search") == 3
    assert not patient_gateway.is_answering


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_silent_server_costs_one_time_out(mode, gateway, youtube_server, settings):
    youtube_server.fail(mode)
    started = time.perf_counter()
    with pytest.raises(SourceUnavailable):
        gateway.search(QUERY, caller="listener")
    assert used("search") == 1
    # A machine may be busy; without a limit for the whole answer, the drip takes an hour.
    assert time.perf_counter() - started < 10 * settings.YOUTUBE_TIMEOUT_SECONDS


def test_nothing_listening_gives_the_reservation_back(transactional_db, settings):
    settings.YOUTUBE_API_KEY, settings.YOUTUBE_API_ENDPOINT = "key", "http://127.0.0.1:1"
    with pytest.raises(SourceUnavailable):
        get_gateway().search("x", caller="listener")
    assert used("search") == 0


def test_key_is_in_no_log_line_and_no_exception(gateway, youtube_server, caplog):
    caplog.set_level(logging.DEBUG)
    for mode in ("backendError", "half_body", "garbage", "close", "keyInvalid"):
        youtube_server.reset()
        youtube_server.fail(mode, times=3)
        gateway._api.breaker._close()
        with pytest.raises((SourceUnavailable, KeyRejected)) as caught:
            gateway.search(QUERY, caller="listener")
        assert youtube_server.key not in "".join(_texts_of(caught.value))
    assert youtube_server.key not in caplog.text


def _texts_of(error):
    while error is not None:
        yield repr(error) + str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_calls_are_counted_by_caller(gateway):
    gateway.search(QUERY, caller="listener")
    gateway.fetch_popular(region="US", caller="harvest")
    rows = QuotaUsage.objects.exclude(caller="").values_list("bucket", "caller", "used")
    assert sorted(rows) == [("search", "listener", 1), ("units", "harvest", 1)]


@pytest.mark.usefixtures("gateway")
def test_sixteen_threads_share_the_gateway(youtube_server, settings):
    settings.YOUTUBE_TIMEOUT_SECONDS = 30.0  # on a busy machine the last one waits for all others
    gateway = get_gateway()
    ids = list(WORLD.videos)
    answers = {}

    def fetch(n):
        answers[n] = gateway.fetch_videos(ids[n * 10 : n * 10 + 10], caller="listener")

    threads = [threading.Thread(target=fetch, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for n in range(16):
        assert [r.video_id for r in answers[n].found] == ids[n * 10 : n * 10 + 10]
    assert youtube_server.report()["units"] == used("units") == 16
