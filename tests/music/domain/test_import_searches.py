"""Rows that nobody knows are searched for at YouTube, as far as the quota goes."""

import pytest

from music.domain import import_parts, import_review
from music.domain.import_parts import retry_missing
from music.models import PlaylistImport
from tests.factories import ListenerFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world
from tests.work import begin_file, finish_import

pytestmark = pytest.mark.django_db(transaction=True)
WORLD, SONGS = build_synthetic_world(n_artists=40, n_songs=400)


def begin(n_songs: int, **more):
    names = [f"Nobody {n} - Zzyzx {n}" for n in range(n_songs)]
    data = "\n".join(names).encode()
    return begin_file(listener=ListenerFactory(), data=data, **more)


def test_estimate_says_how_many_searches_over_how_many_days(youtube_server, settings):
    settings.YOUTUBE_ADDRESS_SHARE = 0.1
    job = begin(25)
    assert import_review.estimate_searches(job) == import_review.Estimate(25, 3)


def test_rows_left_by_the_quota_are_tried_again_another_day(youtube_server, settings):
    settings.YOUTUBE_DAILY_SEARCHES = 5
    job = finish_import(begin(8))
    assert job.state == PlaylistImport.State.REVIEW
    assert youtube_server.report()["searches"] == 5
    settings.YOUTUBE_DAILY_SEARCHES = 100
    assert retry_missing() == 8
    job.refresh_from_db()
    assert job.is_open
    job = finish_import(job)
    assert job.state == PlaylistImport.State.REVIEW
    assert job.rows.filter(was_searched=True).count() == 8


def test_song_that_youtube_knows_is_found(youtube_server):
    video = next(iter(WORLD.videos.values()))
    data = f"title,artist\n{video.title},\n".encode()
    job = begin_file(listener=ListenerFactory(), data=data)
    job = finish_import(job)
    row = job.rows.get()
    assert row.state in {"sure", "doubtful"}
    assert row.song_id or row.candidates


def test_no_more_names_are_searched_for_at_once_than_one_call_may(youtube_server):
    assert import_parts.SEARCHED_AT_ONCE <= 10
    job = finish_import(begin(12))
    assert job.rows.filter(was_searched=True).count() == 12
    assert youtube_server.report()["searches"] == 12
