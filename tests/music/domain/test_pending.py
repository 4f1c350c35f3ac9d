"""Likes whose song was not found when they were made."""

import pytest
from django.core.management import call_command

from music.domain.pending import resolve_pending
from music.models import UserLikedSong, VideoFeature
from tests.factories import LikeFactory, SongFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world

_, SONGS = build_synthetic_world(n_artists=40, n_songs=400)
NAMES = [f"{song.artist} - {song.title}" for song in SONGS]


@pytest.fixture
def pend(transactional_db):
    """Likes of one name each, by listeners of their own, without a song."""

    def pend(*names):
        return [LikeFactory(song_name=name, song=None) for name in names]

    return pend


def found_ids(likes):
    rows = UserLikedSong.objects.filter(pk__in=[like.pk for like in likes])
    return dict(rows.values_list("song_name", "song__address"))


def test_pending_likes_find_their_songs(gateway, pend):
    likes = pend(*NAMES[:3])
    report = resolve_pending(max_likes=100)
    found = found_ids(likes)
    assert (report.n_tried, report.n_resolved) == (3, 3)
    for name, song in zip(NAMES, SONGS[:3], strict=False):
        assert VideoFeature.objects.filter(
            song__address=found[name], video_id__in=song.right_ids
        ).exists()


def test_pending_likes_keep_the_listeners_words(gateway, pend):
    (like,) = pend("qqqqq wwwww zzzzz")
    report = resolve_pending(max_likes=100)
    assert (report.n_tried, report.n_resolved) == (1, 0)
    assert found_ids([like]) == {"qqqqq wwwww zzzzz": None}


def test_likes_with_a_song_are_left_alone(gateway, youtube_server):
    LikeFactory(song_name=NAMES[0], song=SongFactory())
    assert resolve_pending(max_likes=100).n_tried == 0
    assert youtube_server.report()["requests"] == 0


def test_searches_of_the_job_leave_the_listeners_reserve_alone(
    gateway, pend, youtube_server, settings
):
    settings.YOUTUBE_DAILY_SEARCHES, settings.YOUTUBE_LISTENER_RESERVE = 4, 0.5
    pend(*(f"{word} nobody ever sang" for word in ("aaa", "bbb", "ccc", "ddd")))
    resolve_pending(max_likes=100)
    assert youtube_server.report()["searches"] == 2


def test_command_reports_what_it_did(gateway, pend, capsys):
    pend(NAMES[0], "qqqqq wwwww zzzzz")
    call_command("resolve_pending", "--quiet")
    assert capsys.readouterr().out == "1 of 2 likes found their song.\n"
