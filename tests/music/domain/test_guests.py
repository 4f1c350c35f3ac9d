import pytest

from accounts.guests import guest_signed_in
from accounts.models import User
from music.domain.guests import adopt_guest
from music.domain.privacy import delete_listener, export_listener
from music.models import Dismissal, MatchCorrection, UserLikedSong
from tests.factories import (
    DismissalFactory,
    GuestFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
)

pytestmark = pytest.mark.django_db


def test_account_takes_over_what_the_guest_said():
    guest, account = GuestFactory(), ListenerFactory()
    like, dismissal = LikeFactory(user=guest), DismissalFactory(user=guest)
    MatchCorrection.objects.create(user=guest, query="hurt", song=like.song)
    guest_signed_in.send(sender=User, guest=guest, account=account)
    copy = UserLikedSong.objects.get(user=account)
    assert (copy.song_name, copy.song, copy.created_at) == (
        like.song_name,
        like.song,
        like.created_at,
    )
    assert Dismissal.objects.get(user=account).song == dismissal.song
    assert MatchCorrection.objects.get(user=account).song == like.song


def test_song_both_liked_is_liked_once_in_the_accounts_words():
    guest, account, song = GuestFactory(), ListenerFactory(), SongFactory()
    LikeFactory(user=guest, song_name="polly", song=song)
    LikeFactory(user=account, song_name="Nirvana - Polly", song=song)
    adopt_guest(guest=guest, account=account)
    adopt_guest(guest=guest, account=account)
    assert [like.song_name for like in UserLikedSong.objects.filter(user=account)] == [
        "Nirvana - Polly"
    ]


def test_export_holds_every_like_in_the_listeners_words():
    like = LikeFactory(song_name="that one")
    LikeFactory()
    exported = export_listener(listener=like.user)
    assert [row["song_name"] for row in exported["liked_songs"]] == ["that one"]
    assert exported["listener"]["email"] == like.user.email


def test_deleted_listener_leaves_nothing_behind():
    like, other = LikeFactory(), LikeFactory()
    delete_listener(listener=like.user)
    assert list(UserLikedSong.objects.all()) == [other]
    assert list(User.objects.all()) == [other.user]
