"""What an operator does to songs: find, add, join, give a take away, undo."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from music.models import Song, SongMove, VideoFeature
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory

pytestmark = pytest.mark.django_db
SONGS = reverse("admin:music_song_changelist")
VIDEOS = reverse("admin:music_videofeature_changelist")


def find(client, address, text):
    return [str(row) for row in client.get(address, {"q": text}).context["cl"].result_list]


@pytest.mark.parametrize(
    "text", ["Beyoncé", "beyonce HALO", "halo", "beyonce/halo", "BEYONCÉ - Halo"]
)
def test_songs_and_videos_are_found_in_any_spelling(admin_client, text):
    song = VideoFactory(song__artist="Beyoncé", song__title="Halo").song
    SongFactory(artist="Adele", title="Hello")
    assert find(admin_client, SONGS, text) == ["Beyoncé – Halo"]
    if "/" not in text:
        assert find(admin_client, VIDEOS, text) == [song.takes.get().title]


def test_song_shows_its_takes(admin_client):
    video = VideoFactory(take="live")
    page = admin_client.get(reverse("admin:music_song_change", args=[video.song.pk]))
    assert video.video_id in page.content.decode()
    assert reverse("admin:music_videofeature_change", args=[video.pk]) in page.content.decode()


NO_TAKES = {
    "takes-TOTAL_FORMS": 0,
    "takes-INITIAL_FORMS": 0,
}
FACTS = {"aliases": "[]", "tags": "[]", "genre": "", "language": "", "year": "", "popularity": 0}


def test_added_song_gets_keys_and_is_refused_when_it_is_there(admin_client):
    address = reverse("admin:music_song_add")
    page = {"artist": "Björk", "title": "Jóga", **FACTS, **NO_TAKES}
    assert admin_client.post(address, page).status_code == 302
    song = Song.objects.get()
    assert (song.address, song.pk) == ("bjork/joga", Song.named("Bjork", "Joga").pk)
    again = admin_client.post(address, page | {"artist": "BJÖRK"})
    assert "exists already: bjork/joga" in again.content.decode()
    assert Song.objects.count() == 1


def test_renamed_song_keeps_its_keys(admin_client):
    song = SongFactory(artist="Bjork", title="Joga")
    address = reverse("admin:music_song_change", args=[song.pk])
    page = {"artist": "Björk", "title": "Jóga", **FACTS, **NO_TAKES, "genre": "Pop"}
    assert admin_client.post(address, page).status_code == 302
    renamed = Song.objects.get()
    assert (renamed.pk, renamed.address, str(renamed)) == (song.pk, "bjork/joga", "Björk – Jóga")
    assert renamed.updated_at > song.updated_at


def join(client, songs, **choice):
    page = {"action": "join", "_selected_action": [song.pk for song in songs], **choice}
    return client.post(SONGS, page, follow=True)


def test_songs_are_joined_after_asking_which_one_stays(admin_client):
    learnt = VideoFactory(song__title="Yesterdy").song
    bundled = SongFactory(title="Yesterday", popularity=1)
    asked = join(admin_client, [learnt, bundled])
    assert list(asked.context["songs"]) == [bundled, learnt]
    assert asked.context["form"]["stays"].initial == bundled
    assert not SongMove.objects.exists()
    page = join(admin_client, [learnt, bundled], stays=bundled.pk)
    assert f"They are {bundled} now." in page.content.decode()
    assert Song.objects.get(joined_to=bundled) == learnt
    assert (bundled.takes.count(), SongMove.objects.get().made_by.is_superuser) == (1, True)


def test_joining_takes_two_songs(admin_client):
    song = SongFactory()
    assert "Select at least two songs." in join(admin_client, [song]).content.decode()


def test_take_is_given_to_another_song_with_its_likes_and_back(admin_client):
    video, song = VideoFactory(), SongFactory()
    like = LikeFactory(song=video.song, video=video)
    address = reverse("admin:music_videofeature_change", args=[video.pk])
    form = admin_client.get(address).context["adminform"].form
    page = {name: value for name, value in form.initial.items() if value is not None}
    page |= {"song": song.pk, "tags": "[]", "blocked_regions": "[]", "allowed_regions": "null"}
    response = admin_client.post(address, page)
    assert response.status_code == 302, response.context["errors"]
    like.refresh_from_db()
    assert (VideoFeature.objects.get().song, like.song) == (song, song)
    undo = {"action": "undo", "_selected_action": [SongMove.objects.get().pk]}
    moves = reverse("admin:music_songmove_changelist")
    assert "1 move(s) undone." in admin_client.post(moves, undo, follow=True).content.decode()
    like.refresh_from_db()
    assert like.song == VideoFeature.objects.get().song != song
    again = admin_client.post(moves, undo, follow=True).content.decode()
    assert "It has been undone already." in again
    assert "0 move(s) undone." in again


def test_songs_are_not_deleted_by_hand(admin_client):
    song = SongFactory()
    address = reverse("admin:music_song_delete", args=[song.pk])
    assert admin_client.post(address, {"post": "yes"}).status_code == 403


def test_joining_and_undoing_need_the_permission_to_change():
    songs = SongFactory.create_batch(2)
    staff = ListenerFactory(is_staff=True)
    for codename in ("view_song", "view_songmove"):
        staff.user_permissions.add(Permission.objects.get(codename=codename))
    client = Client()
    client.force_login(staff)
    join(client, songs, stays=songs[0].pk)
    assert not SongMove.objects.exists()
