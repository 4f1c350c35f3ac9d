"""YouTube's 30 days, with a clock that moves; nothing that a listener wrote is lost."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from music.domain.refreshing import delete_expired, refresh_videos
from music.domain.song_joining import join_songs
from music.errors import KeyRejected
from music.models import (
    Chore,
    Dismissal,
    MatchCorrection,
    Playback,
    Song,
    UserLikedSong,
    VideoFeature,
)
from music.models.video_feature import BUNDLE
from music.records import VideoRecord
from music.youtube.budgets import BUDGET_SPENT
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory, show_list
from tests.servers.youtube_world.synthetic import build_synthetic_world

WORLD, _ = build_synthetic_world(n_artists=40, n_songs=400)
IDS = list(WORLD.videos)[:120]


@pytest.fixture
def move_clock(monkeypatch):
    """``move_clock(days=25)`` from the time the test began."""
    began_at = timezone.now()

    def move(**by):
        monkeypatch.setattr(timezone, "now", lambda: began_at + timedelta(**by))

    return move


@pytest.fixture
def store(gateway):
    """Store videos as the API describes them now."""

    def store(ids):
        VideoFeature.objects.store(gateway.fetch_videos(ids, caller="listener").found)

    return store


def test_nothing_is_asked_again_before_it_is_25_days_old(gateway, store, move_clock):
    store(IDS)
    move_clock(days=24, hours=23)
    report = refresh_videos(gateway=gateway, max_units=100)
    assert (report.n_refreshed, report.n_units, report.n_deleted) == (0, 0, 0)


def test_everything_is_asked_again_for_a_unit_per_fifty(gateway, store, move_clock, youtube_server):
    store(IDS)
    youtube_server.reset()
    youtube_server.configure(videos={IDS[0]: {"views": 42, "title": "Renamed - Song"}})
    move_clock(days=25, minutes=1)

    report = refresh_videos(gateway=gateway, max_units=100)

    old = WORLD.videos[IDS[0]]
    youtube_server.configure(videos={IDS[0]: {"views": old.views, "title": old.title}})
    assert (report.n_refreshed, report.n_gone, report.n_units) == (120, 0, 3)
    assert youtube_server.report()["units"] == 3
    renamed = VideoFeature.objects.get(video_id=IDS[0])
    assert (renamed.view_count, renamed.title) == (42, "Renamed - Song")
    assert not VideoFeature.objects.filter(updated_at__lt=timezone.now()).exists()


def test_no_data_is_older_than_30_days_on_any_day(gateway, store, move_clock):
    store(IDS)
    for day in range(0, 95, 5):
        move_clock(days=day)
        refresh_videos(gateway=gateway, max_units=100)
        limit = timezone.now() - timedelta(days=30)
        assert not VideoFeature.objects.filter(updated_at__lt=limit).exists()
    assert VideoFeature.objects.count() == 120


def test_gone_video_is_unavailable_at_once_and_deleted_after_30_days(
    gateway, store, move_clock, youtube_server
):
    store(IDS[:2])
    gone, kept = IDS[:2]
    youtube_server.configure(videos={gone: {"privacy": "private"}})

    move_clock(days=25, minutes=1)
    assert refresh_videos(gateway=gateway, max_units=9).n_gone == 1
    after_25_days = dict(VideoFeature.objects.values_list("video_id", "available"))
    move_clock(days=30, minutes=2)
    report = refresh_videos(gateway=gateway, max_units=9)

    youtube_server.configure(videos={gone: {"privacy": "public"}})
    assert after_25_days == {gone: False, kept: True}
    assert report.n_deleted == 1
    assert list(VideoFeature.objects.values_list("video_id", flat=True)) == [kept]


def test_video_that_comes_back_is_available_again(gateway, store, move_clock, youtube_server):
    store(IDS[:1])
    youtube_server.configure(videos={IDS[0]: {"privacy": "private"}})
    move_clock(days=26)
    refresh_videos(gateway=gateway, max_units=9)
    youtube_server.configure(videos={IDS[0]: {"privacy": "public"}})
    move_clock(days=27)
    refresh_videos(gateway=gateway, max_units=9)
    assert VideoFeature.objects.get().available


def test_listeners_words_outlive_the_video_and_find_the_song_again(transactional_db, move_clock):
    """Everything that was said of a learnt song is about it again once it is learnt anew."""
    song = SongFactory(artist="Pixies", title="Debaser", is_bundled=False)
    VideoFactory(video_id="debaser0001", song=song)
    like = LikeFactory(song_name="that song from the summer of 89", video=None, song=song)
    about = {"user": like.user, "song": song}
    Dismissal.objects.create(**about)
    Playback.objects.create(**about, kind="play")
    shown = show_list(song, user=like.user)
    MatchCorrection.objects.create(**about, query="that song", rejected_ids=["AAAAAAAAAAA"])
    said = (UserLikedSong, Dismissal, Playback, MatchCorrection)
    move_clock(days=30, minutes=1)

    assert delete_expired() == 1

    assert not Song.objects.exists()
    assert list(UserLikedSong.objects.pending()) == [like]
    assert [model.objects.filter(song__address=None).count() for model in said] == [1] * 4
    assert Song.objects.present(shown.song_pks) == {}
    VideoFeature.objects.store(
        [VideoRecord("debaser0002", "PIXIES - DEBASER", "PIXIES", "DEBASER")]
    )
    learnt = Song.objects.get()
    assert learnt.pk == song.pk
    assert [model.objects.filter(song=learnt).count() for model in said] == [1] * 4
    assert Song.objects.present(shown.song_pks) == {song.pk: learnt}
    assert not UserLikedSong.objects.pending().exists()


def test_song_goes_with_its_last_video_and_not_before(transactional_db, move_clock):
    song = SongFactory(is_bundled=False)
    VideoFactory.create_batch(2, song=song)
    VideoFeature.objects.filter(pk=song.takes.first().pk).update(
        updated_at=timezone.now() - timedelta(days=31)
    )
    assert delete_expired() == 1
    assert Song.objects.count() == 1
    move_clock(days=31)
    assert delete_expired() == 1
    assert Song.objects.count() == 0


def test_facts_and_ids_of_the_bundle_never_expire(transactional_db, move_clock):
    """What the API said of a bundled video is blanked; its id still plays the song."""
    song = SongFactory(artist="Nirvana", title="Lithium", is_bundled=True, genre="Grunge")
    bundled = {"song": song, "source": BUNDLE, "channel_id": ""}
    VideoFactory(video_id="pkcJEvMcnEg", **bundled | {"channel_id": "UC1"}, description="Theirs")
    VideoFactory(video_id="never0told1", **bundled)
    VideoFactory(video_id="only0youtub", song=song)
    move_clock(days=400)
    assert delete_expired() == 2
    song.refresh_from_db()
    assert (song.genre, song.popularity) == ("Grunge", 50)
    videos = VideoFeature.objects.order_by("video_id")
    assert [video.video_id for video in videos] == ["never0told1", "pkcJEvMcnEg"]
    blanked = videos[1]
    assert (blanked.title, blanked.song, blanked.is_playable) == ("Nirvana - Lithium", song, True)
    assert (blanked.channel_id, blanked.description, blanked.view_count) == ("", "", None)
    assert blanked.updated_at == timezone.now()
    assert delete_expired() == 0


def test_bundled_videos_are_asked_about_at_once_and_kept_when_gone(
    gateway, move_clock, youtube_server
):
    song = SongFactory(is_bundled=True)
    for video_id in (IDS[0], "AAAAAAAAAAA"):
        VideoFactory(video_id=video_id, song=song, source=BUNDLE, channel_id="")
    report = refresh_videos(gateway=gateway, max_units=9)
    assert (report.n_refreshed, report.n_gone, report.n_units) == (1, 1, 1)
    there, gone = (VideoFeature.objects.get(video_id=i) for i in (IDS[0], "AAAAAAAAAAA"))
    assert (there.source, there.song, there.channel_id != "") == (BUNDLE, song, True)
    assert (gone.available, gone.song) == (False, song)
    assert refresh_videos(gateway=gateway, max_units=9).n_units == 0
    move_clock(days=31)
    assert delete_expired() == 2
    assert VideoFeature.objects.playable().filter(channel_id="").count() == 2


def test_song_that_others_were_joined_to_stays_as_a_bare_name(transactional_db, move_clock):
    """The operator's word outlives what YouTube told."""
    kept = VideoFactory(song__title="Yesterday", song__artist="The Beatles").song
    joined = VideoFactory(song__title="Yesterdy", song__artist="The Beatles").song
    join_songs(song=joined, into=kept)
    move_clock(days=31)
    assert delete_expired() == 2
    rows = Song.objects.order_by("address").values_list("address", "genre", "tags", "popularity")
    assert list(rows) == [(a, "", [], 0) for a in (kept.address, joined.address)]
    VideoFeature.objects.store([VideoRecord("again000001", "", "The Beatles", "Yesterdy")])
    assert VideoFeature.objects.get().song == kept


def test_expired_data_goes_even_when_youtube_is_down(gateway, store, move_clock, youtube_server):
    store(IDS[:3])
    youtube_server.fail("backendError")
    move_clock(days=31)
    report = refresh_videos(gateway=gateway, max_units=100)
    assert (report.n_deleted, report.stopped_by) == (3, "YouTube does not answer.")


def test_expired_data_goes_even_without_a_key(transactional_db, move_clock):
    VideoFactory()
    move_clock(days=31)
    assert refresh_videos(gateway=None, max_units=100).n_deleted == 1


def test_expired_data_goes_even_when_the_key_is_wrong(gateway, store, move_clock, youtube_server):
    store(IDS[:3])
    youtube_server.fail("keyInvalid")
    move_clock(days=31)
    with pytest.raises(KeyRejected):
        refresh_videos(gateway=gateway, max_units=100)
    assert VideoFeature.objects.count() == 0


def test_budget_ends_a_run_and_the_next_goes_on(gateway, store, move_clock):
    store(IDS)
    move_clock(days=26)
    first = refresh_videos(gateway=gateway, max_units=1)
    second = refresh_videos(gateway=gateway, max_units=100)
    assert (first.n_refreshed, first.stopped_by) == (50, BUDGET_SPENT)
    assert (second.n_refreshed, second.stopped_by) == (70, "")


def test_second_run_at_the_same_time_does_nothing(gateway, store, move_clock, youtube_server):
    store(IDS[:1])
    youtube_server.reset()
    move_clock(days=26)
    Chore.objects.claim("refresh", "", now=timezone.now(), done_before=timezone.now())
    report = refresh_videos(gateway=gateway, max_units=100)
    assert report.stopped_by == "another run is at it"
    assert youtube_server.report()["units"] == 0


def test_run_that_died_is_followed_by_another_ten_minutes_later(gateway, store, move_clock):
    store(IDS[:1])
    move_clock(days=26)
    Chore.objects.claim("refresh", "", now=timezone.now(), done_before=timezone.now())
    move_clock(days=26, minutes=11)
    assert refresh_videos(gateway=gateway, max_units=100).n_refreshed == 1


def test_deleting_does_not_depend_on_who_likes_what(transactional_db, move_clock):
    listener = ListenerFactory()
    for _ in range(3):
        LikeFactory(user=listener, video=VideoFactory())
    move_clock(days=31)
    assert delete_expired() == 3
    assert UserLikedSong.objects.filter(user=listener, video=None).count() == 3


def test_command_reports_what_it_did(gateway, store, move_clock, capsys):
    store(IDS[:3])
    move_clock(days=26)
    call_command("refresh_videos", "--quiet")
    assert capsys.readouterr().out == "3 songs refreshed, 0 gone, 0 deleted for 1 units.\n"
