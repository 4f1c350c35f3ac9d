import pytest

from music.domain import import_parts, imports, likes
from music.errors import InvalidInput, NotFound
from music.jobs import imports as jobs
from music.models import PlaylistImport, UserLikedSong
from tests.factories import ListenerFactory, SongFactory
from tests.work import finish_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener():
    return ListenerFactory()


def test_pasted_list_becomes_likes_slice_by_slice(listener, monkeypatch):
    monkeypatch.setattr(import_parts, "SLICE", 25)
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)
    songs = [SongFactory(artist=f"Band {i}", title=f"Tune {i}") for i in range(30)]
    job = imports.start_import(listener=listener, songs=[str(song) for song in songs])
    jobs.run_import.call_local(job.token)
    job.refresh_from_db()
    assert (job.state, job.n_done, job.n_total) == (PlaylistImport.State.RUNNING, 25, 30)
    job = finish_import(job)
    assert (job.state, job.n_done, job.n_unresolved) == (PlaylistImport.State.DONE, 30, 0)
    assert UserLikedSong.objects.filter(user=listener, song__isnull=False).count() == 30


def test_pasted_song_nobody_knows_is_kept_and_counted(listener):
    job = imports.start_import(listener=listener, songs=["Zzyzx Qwrtp", "Zzyzx Qwrtp"])
    assert finish_import(job).n_unresolved == 1
    assert [like.song_name for like in likes.list_likes(listener=listener)] == ["Zzyzx Qwrtp"]


def test_import_done_twice_changes_nothing(listener):
    SongFactory(artist="Band", title="Tune")
    for _ in range(2):
        finish_import(imports.start_import(listener=listener, songs=["Band - Tune"]))
    assert UserLikedSong.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "playlist"),
        ({"playlist": "PLx", "songs": ["Polly"]}, "playlist"),
        ({"playlist": "https://example.org/playlist?list=PL0123456789"}, "playlist"),
        ({"songs": ["Polly", "?!"]}, "songs"),
        ({"songs": [f"Song {i}" for i in range(1001)]}, "songs"),
    ],
)
def test_what_cannot_be_imported_is_refused(listener, given, field):
    with pytest.raises(InvalidInput) as error:
        imports.start_import(listener=listener, **given)
    assert error.value.field == field
    assert not PlaylistImport.objects.exists()


def test_import_of_somebody_else_is_not_found(listener):
    job = imports.start_import(listener=listener, songs=["Polly"])
    with pytest.raises(NotFound):
        imports.get_import(listener=ListenerFactory(), token=job.token)


def test_playlist_without_a_key_fails_and_says_why(listener):
    job = imports.start_import(listener=listener, playlist="PL" + "0" * 32)
    job = finish_import(job)
    assert job.state == PlaylistImport.State.FAILED
    assert job.error.startswith("Reading a YouTube playlist needs a YouTube API key.")
