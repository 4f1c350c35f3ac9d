"""Videos that are stored, and the songs that are learnt of them."""

from dataclasses import replace

import pytest

from music.models import Song, VideoFeature
from music.models.video_feature import BUNDLE, YOUTUBE
from music.records import VideoRecord
from tests.factories import SongFactory, VideoFactory

pytestmark = pytest.mark.django_db
LITHIUM = VideoRecord(
    video_id="pkcJEvMcnEg",
    title="Nirvana - Lithium (Official Music Video)",
    artist="Nirvana",
    song_title="Lithium",
    channel_title="NirvanaVEVO",
    channel_id="UC1",
    tags=("grunge",),
    view_count=10**8,
    genre="Grunge",
)


def read_all():
    songs = Song.objects.order_by("pk").values()
    videos = VideoFeature.objects.order_by("pk").values()
    times = ("created_at", "updated_at")
    return [{k: v for k, v in row.items() if k not in times} for row in (*songs, *videos)]


def make_records(n):
    return [
        replace(LITHIUM, video_id=f"video{k:06d}", song_title=f"Song {k // 2}") for k in range(n)
    ]


def test_takes_of_one_song_are_of_one_song_however_it_is_spelt():
    live = replace(LITHIUM, video_id="live0000001", artist="NIRVANA", song_title="lithium")
    VideoFeature.objects.store([LITHIUM, replace(live, take="live", view_count=10**9)])
    song = Song.objects.get()
    assert (song.address, song.artist, song.title) == ("nirvana/lithium", "Nirvana", "Lithium")
    assert (song.genre, song.tags, song.popularity) == ("Grunge", ["grunge"], 90)
    assert set(song.takes.values_list("video_id", "take")) == {
        ("pkcJEvMcnEg", "original"),
        ("live0000001", "live"),
    }


def test_storing_twice_changes_nothing():
    VideoFeature.objects.store(make_records(10))
    before = read_all()
    assert VideoFeature.objects.store(make_records(10)) == 10
    assert read_all() == before


@pytest.mark.parametrize("n", [1, 30])
def test_storing_takes_few_statements_whatever_the_number(django_assert_num_queries, n):
    records = make_records(n)
    with django_assert_num_queries(4):  # stored videos, stored songs; songs, videos
        VideoFeature.objects.store(records)
    with django_assert_num_queries(3):  # no song has become another one
        VideoFeature.objects.store(records)


def test_storing_many_takes_a_statement_for_each_batch(django_assert_max_num_queries):
    """SQLite takes 999 values in a statement: 39 videos or 60 songs."""
    with django_assert_max_num_queries(2 + 5 + 13):
        VideoFeature.objects.store(make_records(500))


def test_video_without_an_artist_is_no_song():
    VideoFeature.objects.store([replace(LITHIUM, artist="")])
    assert VideoFeature.objects.get().song is None
    assert not Song.objects.exists()


def test_stored_video_keeps_its_song_and_take_and_tells_that_song_facts():
    """Better reading later makes no second song."""
    VideoFeature.objects.store([replace(LITHIUM, genre="", song_title="Lithum", take="live")])
    VideoFeature.objects.store([replace(LITHIUM, view_count=10**9)])
    song = Song.objects.get()
    video = VideoFeature.objects.get()
    assert (video.song, video.take, video.view_count) == (song, "live", 10**9)
    assert (song.address, song.genre, song.popularity) == ("nirvana/lithum", "Grunge", 90)


def test_video_that_was_no_song_becomes_one_when_it_is_told_who_sings():
    VideoFeature.objects.store([replace(LITHIUM, artist="")])
    VideoFeature.objects.store([LITHIUM])
    assert VideoFeature.objects.get().song.address == "nirvana/lithium"


def test_facts_of_the_bundle_stay_whatever_a_video_tells():
    song = SongFactory(artist="Nirvana", title="Lithium", genre="Rock", popularity=5, year=1991)
    VideoFeature.objects.store([replace(LITHIUM, year=2009)])
    before = (song.genre, song.popularity, song.year, song.tags, song.updated_at)
    song.refresh_from_db()
    assert (song.genre, song.popularity, song.year, song.tags, song.updated_at) == before
    assert song.takes.count() == 1


def test_video_of_the_bundle_stays_one_when_youtube_tells_of_it():
    song = SongFactory(artist="Nirvana", title="Lithium")
    VideoFactory(video_id=LITHIUM.video_id, song=song, source=BUNDLE, channel_id="")
    VideoFeature.objects.store([LITHIUM, replace(LITHIUM, video_id="another0001")])
    stored = dict(VideoFeature.objects.values_list("video_id", "source"))
    assert stored == {LITHIUM.video_id: BUNDLE, "another0001": YOUTUBE}
    assert VideoFeature.objects.told_by_youtube().count() == 2


def test_video_of_a_joined_song_is_a_take_of_the_one_it_was_joined_to():
    kept = SongFactory(artist="Nirvana", title="Lithium Too")
    song = SongFactory(artist="Nirvana", title="Lithium", is_bundled=False)
    Song.objects.filter(pk=song.pk).update(joined_to=kept)
    VideoFeature.objects.store([LITHIUM])
    assert VideoFeature.objects.get().song == kept


def test_names_and_facts_that_are_too_long_are_cut():
    long = replace(
        LITHIUM, artist="a" * 300, song_title="b" * 300, genre="c" * 300, language="d" * 99
    )
    VideoFeature.objects.store([long])
    song = VideoFeature.objects.get().song
    assert (len(song.artist), len(song.title), len(song.genre), len(song.language)) == (
        255,
        255,
        128,
        16,
    )
