"""Bearer tokens and service keys: accepted, refused, and when they were last used."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import authentication
from accounts.authentication import BearerAuthentication, ServiceCaller
from accounts.models import AccessToken, ServiceKey, digest_secret
from tests.factories import ListenerFactory

pytestmark = pytest.mark.django_db


def authenticate(header: str | None):
    headers = {} if header is None else {"Authorization": header}
    return BearerAuthentication().authenticate(Request(RequestFactory().get("/", headers=headers)))


@pytest.fixture
def token():
    token, secret = AccessToken.issue(user=ListenerFactory(), name="program")
    token.save()
    token.secret = secret
    return token


@pytest.fixture
def key():
    key, secret = ServiceKey.issue(name="front end")
    key.save()
    key.secret = secret
    return key


def test_secret_is_random_and_only_its_digest_is_kept(token):
    _, other = AccessToken.issue(user=token.user, name="program")
    assert other != token.secret
    assert len(token.secret) == len("ttu_") + 43
    assert token.secret.startswith(token.prefix)
    assert token.digest == digest_secret(token.secret)
    assert token.secret not in str(AccessToken.objects.values().get())


def test_token_stands_for_its_listener(token):
    assert authenticate(f"Bearer {token.secret}") == (token.user, token)
    assert authenticate(f"bearer   {token.secret}") == (token.user, token)


def test_service_key_stands_for_nobody(key):
    caller, credential = authenticate(f"Bearer {key.secret}")
    assert caller == ServiceCaller(key)
    assert credential == key
    assert (caller.is_authenticated, caller.is_staff, caller.pk) == (True, False, None)


@pytest.mark.parametrize("header", [None, "", "Basic dXNlcjpwYXNz", "Token abc"])
def test_other_schemes_are_left_to_others(header):
    assert authenticate(header) is None


def test_revoked_token_is_refused(token):
    AccessToken.objects.update(revoked_at=timezone.now())
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {token.secret}")


def test_revoked_key_is_refused(key):
    ServiceKey.objects.update(revoked_at=timezone.now())
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {key.secret}")


def test_token_of_a_blocked_listener_is_refused(token):
    type(token.user).objects.filter(pk=token.user.pk).update(is_active=False)
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {token.secret}")


def test_secret_of_one_kind_is_not_accepted_as_the_other(token, key):
    swapped = "tts_" + token.secret.removeprefix("ttu_")
    for secret in (swapped, key.digest, token.digest, token.prefix):
        with pytest.raises(AuthenticationFailed):
            authenticate(f"Bearer {secret}")


def test_last_use_is_written_at_most_once_a_minute(token, django_assert_num_queries):
    before = timezone.now()
    authenticate(f"Bearer {token.secret}")
    token.refresh_from_db()
    first = token.last_used_at
    assert before <= first <= timezone.now()
    with django_assert_num_queries(1):
        authenticate(f"Bearer {token.secret}")
    token.refresh_from_db()
    assert token.last_used_at == first
    long_ago = first - timedelta(seconds=61)
    AccessToken.objects.update(last_used_at=long_ago)
    authenticate(f"Bearer {token.secret}")
    token.refresh_from_db()
    assert token.last_used_at > long_ago


def test_caller_is_not_refused_because_the_use_cannot_be_written(token, monkeypatch):
    def refuse():
        raise DatabaseError("read-only")

    monkeypatch.setattr(authentication, "unit_of_work", refuse)
    assert authenticate(f"Bearer {token.secret}") == (token.user, token)
