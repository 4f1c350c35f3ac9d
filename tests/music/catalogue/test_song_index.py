from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from music.catalogue import song_index
from music.catalogue.song_index import StoredSongs
from music.models import Song
from tests.factories import SongFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def index():
    return StoredSongs()


def find(index, text):
    index.refresh()
    return [candidate.song_id for candidate in index.find(text, 5)]


def test_refresh_takes_in_new_songs_without_reading_the_old_ones_again(index):
    old = SongFactory.create_batch(3)
    Song.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    index.refresh()
    new = SongFactory(artist="Zebra", title="Quagga")
    assert find(index, "zebra quagga") == [new.address]
    assert len(index) == len(old) + 1


def test_refresh_is_one_query(index):
    SongFactory()
    index.refresh()
    with CaptureQueriesContext(connection) as captured:
        index.refresh()
    assert len(captured) == 1


def test_refresh_forgets_what_a_changed_song_was_called(index):
    song = SongFactory(artist="Zebra", title="Quagga")
    index.refresh()
    Song.objects.update(title="Okapi", updated_at=timezone.now())
    assert find(index, "zebra okapi") == [song.address]
    assert len(index) == 1


def test_many_small_changes_keep_few_segments(index, monkeypatch):
    SongFactory.create_batch(50)
    index.refresh()
    for _ in range(20):
        SongFactory()
        index.refresh()
        assert len(index._names.segments) <= song_index.MAX_SEGMENTS
    assert len(index) == Song.objects.count()
    last = Song.objects.order_by("created_at").last()
    assert find(index, f"{last.artist} {last.title}")[0] == last.address


def test_aliases_that_are_guests_or_artists_are_no_titles(index):
    SongFactory(artist="Rihanna", title="Umbrella")
    SongFactory(artist="Eminem", title="Love the Way You Lie", aliases=["Rihanna"])
    index.refresh()
    candidate = index.find("eminem love the way you lie", 1)[0]
    assert candidate.titles == ("love the way you lie",)
    assert candidate.artists == ("eminem", "rihanna")


@pytest.mark.parametrize("said", ["zebra song", "dazzle of stripes", "quagga quagga"])
def test_song_is_proposed_by_any_of_its_names(index, said):
    song = SongFactory(artist="Zebra", title="Song (Quagga Quagga)", aliases=["Dazzle of Stripes"])
    assert find(index, said) == [song.address]
