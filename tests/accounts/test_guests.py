"""Guests: a row from the first like, kept by the browser, handed over at sign-in."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from accounts.guests import find_listener, get_or_make_listener, hand_over_guest
from accounts.models import User
from tests.factories import PASSWORD, GuestFactory, LikeFactory, ListenerFactory
from tunetrace_site.replication.unit import unit_of_work

pytestmark = pytest.mark.django_db


def make_request(user=None, session=None):
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    request.session = session if session is not None else SessionStore()
    return request


def keep_guest(request) -> User:
    """The guest of a browser of whom something is kept."""
    guest = get_or_make_listener(request)
    guest.ensure_stored()
    return guest


def test_looking_makes_nobody():
    request = make_request()
    assert find_listener(request) is None
    assert User.objects.count() == 0
    assert request.session.is_empty()


def test_guest_is_made_once_and_found_again_by_the_browser():
    request = make_request()
    guest = get_or_make_listener(request)
    assert (User.objects.count(), request.session.is_empty()) == (0, True)
    guest.ensure_stored()
    assert guest.is_guest
    assert not guest.has_account
    assert not guest.has_usable_password()
    assert get_or_make_listener(request) == guest
    assert find_listener(make_request(session=request.session)) == guest
    assert User.objects.count() == 1


def test_signed_in_listener_is_themself_whatever_the_browser_was_before():
    session = SessionStore()
    keep_guest(make_request(session=session))
    account = ListenerFactory()
    assert find_listener(make_request(account, session)) == account


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_guest": False}])
def test_guest_that_is_none_any_more_is_not_found(change):
    request = make_request()
    guest = keep_guest(request)
    User.objects.filter(pk=guest.pk).update(**change)
    assert find_listener(make_request(session=request.session)) is None


def test_adopted_guest_is_gone_and_forgotten():
    request = make_request()
    guest, account = keep_guest(request), ListenerFactory()
    LikeFactory(user=guest, song_name="Polly")
    hand_over_guest(request, account)
    assert list(User.objects.all()) == [account]
    assert [like.song_name for like in account.liked_songs.all()] == ["Polly"]
    assert request.session.is_empty()


def test_adopting_without_a_guest_changes_nothing():
    account = ListenerFactory()
    hand_over_guest(make_request(), account)
    assert list(User.objects.all()) == [account]


def test_likes_are_kept_by_signing_up(client):
    guest = _be_guest(client)
    LikeFactory(user=guest, song_name="Polly")
    response = client.post(
        "/accounts/signup/",
        {"email": "Ada@Example.org", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert response.status_code == 302
    account = User.objects.get()
    assert (account.email, account.is_guest) == ("ada@example.org", False)
    assert [like.song_name for like in account.liked_songs.all()] == ["Polly"]


def test_likes_are_kept_by_signing_in(client):
    account = ListenerFactory(email="ada@example.org")
    guest = _be_guest(client)
    LikeFactory(user=guest, song_name="Polly")
    response = client.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert response.status_code == 302
    assert list(User.objects.all()) == [account]
    assert [like.song_name for like in account.liked_songs.all()] == ["Polly"]


def test_failed_sign_in_keeps_the_guest(client):
    ListenerFactory(email="ada@example.org")
    guest = _be_guest(client)
    LikeFactory(user=guest)
    client.post("/accounts/login/", {"login": "ada@example.org", "password": "wrong"})
    assert guest.liked_songs.count() == 1


def _be_guest(client) -> User:
    session = client.session
    guest = keep_guest(make_request(session=session))
    session.save()
    client.cookies["sessionid"] = session.session_key
    assert guest == GuestFactory._meta.model.objects.get(is_guest=True)
    return guest


@pytest.mark.django_db
def test_named_listener_is_stored_anew_when_the_unit_runs_again():
    named = User.objects.make_named("front-end:again")
    with pytest.raises(RuntimeError), unit_of_work():
        named.ensure_stored()
        raise RuntimeError("the database failed before its commit")
    with unit_of_work():
        named.ensure_stored()
    assert User.objects.filter(pk=named.pk).count() == 1
