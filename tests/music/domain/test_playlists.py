"""Playlists become likes, against a real server that counts what they cost."""

import pytest
from django.utils import timezone

from music.domain import imports, playlists
from music.errors import InvalidInput, QuotaExhausted
from music.models import PlaylistImport, QuotaUsage, UserLikedSong, VideoFeature
from music.names.addresses import to_uploads_playlist
from music.youtube import pacific_days
from tests.factories import ListenerFactory, VideoFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world
from tests.work import finish_import

pytestmark = pytest.mark.django_db(transaction=True)

WORLD, _ = build_synthetic_world(n_artists=40, n_songs=400)
LONG = max(WORLD.channels.values(), key=lambda channel: len(channel.uploads))
N_LONG = len(LONG.uploads)


def run(listener, playlist):
    return finish_import(imports.start_import(listener=listener, playlist=playlist))


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
    monkeypatch.setattr(playlists, "MAX_ENTRIES", 100)
    job = run_long()
    assert (job.state, job.n_total) == (PlaylistImport.State.DONE, N_LONG)
    assert job.n_done == count_songs(LONG.uploads[:100])
    assert job.error.startswith(
        f"Only the first 100 of {N_LONG} entries were read: an import takes at most 100."
    )


def test_playlist_cut_off_by_youtube_keeps_what_was_read_and_says_why(youtube_server):
    youtube_server.configure(daily_units=2)
    job = run_long()
    assert (job.state, job.n_total) == (PlaylistImport.State.RUNNING, N_LONG)
    assert job.n_done == count_songs(LONG.uploads[:50])
    assert job.error.startswith(f"Only the first 50 of {N_LONG} entries were read so far; ")
    assert set(VideoFeature.objects.values_list("video_id", flat=True)) == set(LONG.uploads[:50])


def test_playlist_cut_off_by_the_ledger_goes_on_where_it_stopped(youtube_server, settings):
    settings.YOUTUBE_DAILY_UNITS = 1
    job = run_long()
    assert "Only the first 50 of" in job.error
    assert job.resumes_at == pacific_days.get_reset_time(pacific_days.get_pacific_day())
    assert imports.list_open() == []
    settings.YOUTUBE_DAILY_UNITS = 10_000
    PlaylistImport.objects.update(resumes_at=timezone.now())
    assert imports.list_open() == [job.token]
    n_before = youtube_server.report()["by_resource"]["playlistItems"]
    job = finish_import(job)
    assert (job.state, job.n_done, job.n_total) == ("done", count_songs(), N_LONG)
    assert "so far" not in job.error
    n_pages = youtube_server.report()["by_resource"]["playlistItems"] - n_before
    assert n_pages == -(-N_LONG // 50) - 1


def test_playlist_imported_again_likes_nothing_twice(youtube_server):
    listener = ListenerFactory()
    first, second = run_long(listener), run_long(listener)
    assert first.n_done == second.n_done == count_songs()
    assert UserLikedSong.objects.count() == count_songs()
    assert set(second.rows.values_list("state", flat=True)) <= {"had", "left"}


def test_entries_that_nobody_may_see_are_counted(youtube_server):
    gone = LONG.uploads[:2]
    youtube_server.configure(videos={video: {"privacy": "private"} for video in gone})
    job = run_long()
    youtube_server.configure(videos={video: {"privacy": "public"} for video in gone})
    assert "2 entries deleted or private" in job.error
    assert job.rows.filter(why=playlists.GONE).count() == 2


MIX, OWN, CHANNEL = "This is a mix", "is shown to its owner only", "This is a channel"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://www.youtube.com/watch?v=fJ9rUzIMcZQ&list=RDfJ9rUzIMcZQ&start_radio=1", MIX),
        ("https://www.youtube.com/watch?v=fJ9rUzIMcZQ&list=RDMM", MIX),
        ("RDEMxxxxxxxxxxxx", MIX),
        ("https://music.youtube.com/playlist?list=LM", OWN),
        ("https://www.youtube.com/playlist?list=LL", OWN),
        ("https://www.youtube.com/playlist?list=WL", OWN),
        ("WL", OWN),
        ("https://music.youtube.com/browse/VLLM", OWN),
        ("https://www.youtube.com/@Nirvana", CHANNEL),
        ("youtube.com/c/Nirvana/videos", CHANNEL),
        ("https://www.youtube.com/user/Nirvana", CHANNEL),
        ("https://example.org/playlist?list=PL0123456789", playlists.NO_PLAYLIST),
        ("RDmixes are words", playlists.NO_PLAYLIST),
        ("", playlists.NO_PLAYLIST),
    ],
)
def test_list_that_nobody_can_read_is_refused_with_the_reason(address, said):
    with pytest.raises(InvalidInput) as refused:
        playlists.clean_playlist(address)
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("address", "playlist_id"),
    [
        ("https://music.youtube.com/browse/VLPL1234567890abcdef", "PL1234567890abcdef"),
        ("VLPL1234567890abcdef", "PL1234567890abcdef"),
        ("https://www.youtube.com/playlist?list=VLPL1234567890abcdef", "PL1234567890abcdef"),
        (
            "https://www.youtube.com/channel/UC_x5XG1OV2P6uZZ5FSM9Ttw/videos",
            "UU_x5XG1OV2P6uZZ5FSM9Ttw",
        ),
        (
            "https://music.youtube.com/playlist?list=RDCLAK5uy_kmPRjHDECIcuVwnKsx",
            "RDCLAK5uy_kmPRjHDECIcuVwnKsx",
        ),
    ],
)
def test_list_behind_another_address_is_read(address, playlist_id):
    assert playlists.clean_playlist(address) == playlist_id


def test_details_are_asked_only_of_videos_that_are_not_stored(youtube_server):
    for video_id in LONG.uploads:
        VideoFactory(video_id=video_id)
    assert run_long().n_done == N_LONG
    assert list(youtube_server.report()["by_resource"]) == ["playlistItems"]


def test_page_and_api_say_what_was_left_out(youtube_server, settings, client):
    settings.YOUTUBE_DAILY_UNITS = 8  # of which one listener may spend a quarter
    client.force_login(ListenerFactory(), backend="django.contrib.auth.backends.ModelBackend")
    address = client.post("/import/", {"playlist": to_uploads_playlist(LONG.id)}).url
    job = finish_import(PlaylistImport.objects.get())
    page = client.get(address)
    assert f"50 of {N_LONG} entries were read" in page.text
    assert client.get(f"/api/v1/imports/{job.token}").json()["error"] == job.error
