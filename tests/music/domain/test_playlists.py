"""Playlists become likes, against a real server that counts what they cost."""

import pytest

from music.domain import imports
from music.errors import QuotaExhausted
from music.models import PlaylistImport, QuotaUsage, UserLikedSong, VideoFeature
from music.names.addresses import to_uploads_playlist
from tests.factories import ListenerFactory, VideoFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world

pytestmark = pytest.mark.django_db(transaction=True)

WORLD, _ = build_synthetic_world(n_artists=40, n_songs=400)
LONG = max(WORLD.channels.values(), key=lambda channel: len(channel.uploads))
N_LONG = len(LONG.uploads)


def run(listener, playlist):
    job = imports.start_import(listener=listener, playlist=playlist)
    return imports.advance_import(listener=listener, token=job.token)


def count_songs(video_ids=None):
    """How many songs the videos are takes of."""
    videos = VideoFeature.objects.filter(video_id__in=video_ids or LONG.uploads)
    return videos.values("song").distinct().count()


def run_long(listener=None):
    return run(listener or ListenerFactory(), to_uploads_playlist(LONG.id))


def test_playlist_becomes_likes_without_a_search(youtube_server, gateway):
    listener = ListenerFactory()
    channel_id = gateway.fetch_popular(region="US", caller="listener")[0].channel_id
    address = f"https://www.youtube.com/playlist?list=UU{channel_id[2:]}"
    job = run(listener, address)
    assert job.state == PlaylistImport.State.DONE
    uploads = VideoFeature.objects.filter(channel_id=channel_id)
    liked = UserLikedSong.objects.filter(user=listener).values_list("song", flat=True)
    assert sorted(liked) == sorted(set(uploads.values_list("song", flat=True)))
    assert job.n_done == len(liked) > 0
    n_same = uploads.count() - len(liked)
    assert (f"{n_same} of a song that another entry has too" in job.error) == (n_same > 0)
    assert youtube_server.report()["searches"] == 0
    assert QuotaUsage.objects.filter(caller="import", bucket="units").get().used == 2


def test_playlist_that_does_not_exist_fails_and_says_so(youtube_server, gateway):
    job = run(ListenerFactory(), "PL" + "x" * 32)
    assert job.state == PlaylistImport.State.FAILED
    assert job.error == "YouTube shows no such playlist. It must be public or unlisted."


def test_import_without_quota_says_when_to_try_again(youtube_server, gateway):
    youtube_server.configure(daily_units=0)
    listener = ListenerFactory()
    with pytest.raises(QuotaExhausted):
        gateway.fetch_popular(region="US", caller="listener")
    job = run(listener, "PL" + "x" * 32)
    assert "No YouTube quota units are left today. They come back at" in job.error


def test_playlist_over_the_maximum_says_what_was_left_out(youtube_server, monkeypatch):
    monkeypatch.setattr(imports, "MAX_IMPORTED_SONGS", 100)
    job = run_long()
    assert (job.state, job.n_total) == (PlaylistImport.State.DONE, N_LONG)
    assert job.n_done == count_songs(LONG.uploads[:100])
    assert job.error.startswith(
        f"Only the first 100 of {N_LONG} entries were read: an import takes at most 100."
    )


def test_playlist_cut_off_by_youtube_keeps_what_was_read_and_says_why(youtube_server):
    youtube_server.configure(daily_units=2)
    job = run_long()
    assert (job.state, job.n_total) == (PlaylistImport.State.DONE, N_LONG)
    assert job.n_done == count_songs(LONG.uploads[:100])
    assert job.error.startswith(
        f"Only the first 100 of {N_LONG} entries were read; import it again for the rest. "
        "YouTube says that today's quota is used up"
    )
    assert set(VideoFeature.objects.values_list("video_id", flat=True)) == set(LONG.uploads[:100])


def test_playlist_cut_off_by_the_ledger_says_when_quota_comes_back(youtube_server, settings):
    settings.YOUTUBE_DAILY_UNITS = 1
    job = run_long()
    assert "Only the first 50 of" in job.error
    assert "They come back at" in job.error


def test_playlist_that_was_cut_off_is_whole_when_imported_again(youtube_server, settings):
    listener = ListenerFactory()
    settings.YOUTUBE_DAILY_UNITS = 1
    run_long(listener)
    settings.YOUTUBE_DAILY_UNITS = 10_000
    job = run_long(listener)
    assert (job.n_done, job.n_total) == (count_songs(), N_LONG)
    assert "entries were read" not in job.error
    assert VideoFeature.objects.count() == N_LONG


def test_details_are_asked_only_of_videos_that_are_not_stored(youtube_server):
    for video_id in LONG.uploads:
        VideoFactory(video_id=video_id)
    assert run_long().n_done == N_LONG
    assert list(youtube_server.report()["by_resource"]) == ["playlistItems"]


def test_page_and_api_say_what_was_left_out(youtube_server, settings, client):
    settings.YOUTUBE_DAILY_UNITS = 4  # of which one listener may spend a quarter
    client.force_login(ListenerFactory(), backend="django.contrib.auth.backends.ModelBackend")
    address = client.post("/import/", {"playlist": to_uploads_playlist(LONG.id)}).url
    page = client.get(address)
    job = PlaylistImport.objects.get()
    assert f"50 of {N_LONG} entries were read" in page.text
    assert client.get(f"/api/v1/imports/{job.token}").json()["error"] == job.error
