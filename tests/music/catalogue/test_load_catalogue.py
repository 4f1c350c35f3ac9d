from collections import defaultdict
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from music.catalogue import bundled
from music.catalogue.bundled import SONGS_FILE, VIDEOS_FILE, load_songs, read_videos
from music.domain.playing import show_songs
from music.domain.reports import report_video
from music.management.commands import load_catalogue
from music.models import Song, VideoFeature
from music.models.video_feature import BUNDLE, YOUTUBE
from music.names.keys import song_address, song_key
from tests.factories import ListenerFactory, VideoFactory

from .test_bundled import HEADER, ROW, VIDEO_HEADER

pytestmark = pytest.mark.django_db
ADELE = "Adele,Hello,2015,Soul,soul,sad,en,90,\n"
HELLO = "Adele,Hello,YQHsXMglC9A\n"


@pytest.fixture
def catalogue(tmp_path, settings):
    settings.STATE_DIR = tmp_path / "state"
    path = tmp_path / "songs.csv"
    path.write_text(HEADER + ROW + ADELE, encoding="utf-8")
    return path


@pytest.fixture
def videos(tmp_path):
    path = tmp_path / "videos.csv"
    path.write_text(VIDEO_HEADER + HELLO, encoding="utf-8")
    return path


def load(path, **options):
    said = StringIO()
    call_command("load_catalogue", *([str(path)] if path else []), stdout=said, **options)
    return said.getvalue()


def read_songs():
    return list(Song.objects.order_by("pk").values())


def test_load_stores_every_song_of_the_file(catalogue):
    assert load(catalogue) == "Loaded 2 songs of the catalogue.\n"
    song = Song.objects.get(address="adele/hello")
    assert (song.artist_key, song.title_key, song.genre) == ("adele", "hello", "Soul")
    assert (song.is_bundled, song.popularity) == (True, 90)


def test_load_again_does_nothing(catalogue, videos):
    load(catalogue, videos=videos)
    assert load(catalogue, videos=videos) == "The catalogue is up to date.\n"


def test_load_again_into_an_empty_database_loads(catalogue, videos):
    load(catalogue, videos=videos)
    VideoFeature.objects.all().delete()
    assert load(catalogue, videos=videos) == "Loaded 2 songs and 1 videos of the catalogue.\n"
    Song.objects.all().delete()
    load(catalogue, videos=videos)
    assert Song.objects.count() == 2


def test_load_with_force_changes_nothing(catalogue, videos):
    load(catalogue, videos=videos)
    before = (read_songs(), list(VideoFeature.objects.values()))
    load(catalogue, videos=videos, force=True)
    assert before == (read_songs(), list(VideoFeature.objects.values()))


def test_load_of_a_changed_file_updates_and_retires(catalogue):
    load(catalogue)
    catalogue.write_text(HEADER + ROW.replace(",85,", ",70,"), encoding="utf-8")
    assert load(catalogue, remove=True) == (
        "Loaded 1 songs of the catalogue. 1 are no longer in it.\n"
    )
    assert Song.objects.get(is_bundled=True).popularity == 70
    assert Song.objects.get(is_bundled=False).address == "adele/hello"
    assert load(catalogue) == "The catalogue is up to date.\n"


def test_load_of_a_file_that_lacks_many_songs_stops_and_changes_nothing(catalogue):
    load(catalogue)
    before = read_songs()
    catalogue.write_text(HEADER + ROW.replace(",85,", ",70,"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"lacks 1 of the 2 songs .* --remove"):
        load(catalogue)
    assert read_songs() == before


@pytest.mark.parametrize("text", ["", HEADER, VIDEO_HEADER + HELLO, "a,b\n1,2\n"])
def test_load_of_no_catalogue_stops_even_where_songs_may_be_removed(catalogue, text):
    load(catalogue)
    before = read_songs()
    catalogue.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=r"songs\.csv, line 1: "):
        load(catalogue, remove=True)
    assert read_songs() == before


def test_load_of_a_broken_file_says_where_and_stores_nothing(catalogue, videos):
    videos.write_text(VIDEO_HEADER + HELLO + "Adele,Skyfall,DeumyOzKqgI\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"videos\.csv, line 3: Adele - Skyfall is not one of"):
        load(catalogue, videos=videos)
    catalogue.write_text(HEADER + ROW + "Adele,,2015,Soul,,,en,90,\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"songs\.csv, line 3: title"):
        load(catalogue)
    assert (Song.objects.count(), VideoFeature.objects.count()) == (0, 0)


def test_load_of_a_missing_file_says_so(tmp_path, settings):
    settings.STATE_DIR = tmp_path
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "nowhere.csv")


def test_load_of_the_bundled_files_stores_all_of_them(tmp_path, settings):
    settings.STATE_DIR = tmp_path
    load(None)
    assert Song.objects.count() == len(load_songs())
    n_videos = len(VIDEOS_FILE.read_text(encoding="utf-8").splitlines()) - 1
    assert VideoFeature.objects.exclude(song=None).count() == n_videos
    assert SONGS_FILE != VIDEOS_FILE
    _check_that_each_video_gives_way_to_the_next()


def _check_that_each_video_gives_way_to_the_next():
    """Every song plays by the first video of the file; who reports it gets the next, then none."""
    videos = defaultdict(list)
    for video in read_videos(VIDEOS_FILE, load_songs()):
        videos[song_address(*song_key(video.artist, video.title))].append(video.video_id)
    shown = show_songs(list(Song.objects.filter(address__in=videos)))
    assert {song.song_id: song.video_id for song in shown} == {
        address: ids[0] for address, ids in videos.items()
    }
    listener = ListenerFactory()
    several = next(ids for ids in videos.values() if len(ids) == 3)
    plays = [report_video(listener=listener, video_id=id_, code=150).video_id for id_ in several]
    assert plays == [*several[1:], None]


def test_load_teaches_a_learnt_song_and_keeps_its_takes(catalogue, videos):
    """What YouTube told of a bundled video stays; its id is the bundle's from now on."""
    video = VideoFactory(
        video_id="YQHsXMglC9A", song__artist="ADELE", song__title="Hello", channel_id="UC1"
    )
    load(catalogue, videos=videos)
    video.refresh_from_db()
    assert (video.song.address, video.song.artist, video.song.genre) == (
        "adele/hello",
        "Adele",
        "Soul",
    )
    assert (video.source, video.channel_id) == (BUNDLE, "UC1")


def test_videos_that_are_no_longer_in_the_file_go_unless_youtube_told_of_them(catalogue, videos):
    told = "YOASOBI,夜に駆ける,x8VYWazR5mE\n"
    videos.write_text(VIDEO_HEADER + HELLO + told, encoding="utf-8")
    load(catalogue, videos=videos)
    VideoFeature.objects.filter(video_id="x8VYWazR5mE").update(channel_id="UC1")
    load(catalogue)
    assert list(VideoFeature.objects.values_list("video_id", "source")) == [
        ("x8VYWazR5mE", YOUTUBE)
    ]


@pytest.mark.parametrize("n_songs", [1, 30])
def test_loading_takes_few_statements_whatever_the_number(
    catalogue, django_assert_num_queries, n_songs
):
    rows = [ROW.replace("YOASOBI", f"Artist {n}") for n in range(n_songs)]
    catalogue.write_text(HEADER + "".join(rows), encoding="utf-8")
    songs = list(bundled.read_songs(catalogue))
    with django_assert_num_queries(7):  # begin, read, write, end; begin, look for removed, end
        load_catalogue.store_songs(songs)
    with django_assert_num_queries(6):
        load_catalogue.store_songs(songs)
