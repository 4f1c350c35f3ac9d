"""The artists of the catalogue are read once, and again only when a song of it has changed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from music.collecting import artists as module
from music.collecting.artists import KnownArtists
from music.models import Song
from tests.factories import SongFactory

pytestmark = pytest.mark.django_db


def test_artists_are_read_again_only_after_a_song_of_the_catalogue_changed(monkeypatch):
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.0)
    SongFactory(artist="Nirvana", is_bundled=True)
    Song.objects.update(updated_at=timezone.now() - timedelta(days=1))
    artists = KnownArtists()
    artists.prepare()
    names = artists.read_names()
    SongFactory(artist="Somebody", is_bundled=False)
    with CaptureQueriesContext(connection) as captured:
        artists.prepare()
    assert (artists.read_names() is names, len(captured)) == (True, 1)
    SongFactory(artist="Björk", is_bundled=True)
    artists.prepare()
    names = artists.read_names()
    assert (names.is_known("Björk"), names.is_known("Somebody")) == (True, False)
