from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from music.catalogue.bundled import load_songs
from music.models import VideoFeature

from .test_bundled import HEADER, ROW

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(tmp_path, settings):
    settings.STATE_DIR = tmp_path / "state"
    path = tmp_path / "songs.csv"
    path.write_text(HEADER + ROW + "Adele,Hello,2015,Soul,soul,sad,en,90,\n", encoding="utf-8")
    return path


def load(path, **options):
    said = StringIO()
    call_command("load_catalogue", *([str(path)] if path else []), stdout=said, **options)
    return said.getvalue()


def test_load_stores_every_song_of_the_file(catalogue):
    assert load(catalogue) == "Loaded 2 songs of the catalogue.\n"
    song = VideoFeature.objects.get(video_id="catalogue:adele/hello")
    assert (song.artist_key, song.title_key, song.genre) == ("adele", "hello", "Soul")


def test_load_again_does_nothing(catalogue):
    load(catalogue)
    assert load(catalogue) == "The catalogue is up to date.\n"


def test_load_again_into_an_empty_database_loads(catalogue):
    load(catalogue)
    VideoFeature.objects.all().delete()
    assert load(catalogue) == "Loaded 2 songs of the catalogue.\n"


def test_load_with_force_changes_nothing(catalogue):
    load(catalogue)
    before = list(VideoFeature.objects.order_by("pk").values("pk", "title", "tags", "created_at"))
    load(catalogue, force=True)
    assert before == list(
        VideoFeature.objects.order_by("pk").values("pk", "title", "tags", "created_at")
    )


def test_load_of_a_changed_file_updates_and_retires(catalogue):
    load(catalogue)
    catalogue.write_text(HEADER + ROW.replace(",85,", ",70,"), encoding="utf-8")
    assert load(catalogue) == "Loaded 1 songs of the catalogue. 1 are no longer in it.\n"
    assert VideoFeature.objects.get(available=True).popularity == 70
    assert VideoFeature.objects.get(available=False).video_id == "catalogue:adele/hello"
    assert load(catalogue) == "The catalogue is up to date.\n"


def test_load_of_a_broken_file_says_where_and_stores_nothing(catalogue):
    catalogue.write_text(HEADER + ROW + "Adele,,2015,Soul,,,en,90,\n", encoding="utf-8")
    with pytest.raises(CommandError, match="line 3"):
        load(catalogue)
    assert VideoFeature.objects.count() == 0


def test_load_of_a_missing_file_says_so(tmp_path, settings):
    settings.STATE_DIR = tmp_path
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "nowhere.csv")


def test_load_of_the_bundled_file_stores_all_of_it(tmp_path, settings):
    settings.STATE_DIR = tmp_path
    load(None)
    assert VideoFeature.objects.count() == len(load_songs())
