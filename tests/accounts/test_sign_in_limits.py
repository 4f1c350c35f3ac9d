"""Guessing is slowed down; nobody is locked out by somebody elsewhere."""

import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import sign_in_limits
from accounts.sign_in_limits import FREE_FOR_ADDRESS, FREE_FOR_PAIR, TooFast, admit, forgive
from tests.factories import PASSWORD, ListenerFactory

HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def clock(monkeypatch):
    """The time in seconds, to be set by the test."""
    now = [1_000_000.0]
    monkeypatch.setattr(sign_in_limits.time, "time", lambda: now[0])
    return now


def find_wait(address: str, account: str) -> int:
    """Seconds that an attempt has to wait; an attempt that need not is counted."""
    try:
        admit(address, account)
    except TooFast as error:
        return error.seconds
    return 0


def test_waits_double_after_the_free_attempts_up_to_a_minute(clock):
    assert [find_wait(HERE, "ada") for _ in range(FREE_FOR_PAIR)] == [0] * FREE_FOR_PAIR
    waits = []
    for _ in range(8):
        waits.append(find_wait(HERE, "ada"))
        clock[0] += waits[-1]
        assert find_wait(HERE, "ada") == 0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_attempts_that_had_to_wait_do_not_lengthen_it(clock):
    for _ in range(FREE_FOR_PAIR):
        admit(HERE, "ada")
    assert [find_wait(HERE, "ada") for _ in range(50)] == [1] * 50


def test_owner_elsewhere_waits_for_nobody(clock):
    for _ in range(FREE_FOR_PAIR):
        admit(HERE, "ada")
    assert find_wait(HERE, "ADA ") == 1
    assert find_wait(ELSEWHERE, "ada") == 0
    assert find_wait(HERE, "eve") == 0


def test_right_password_ends_the_waiting(clock):
    for _ in range(FREE_FOR_PAIR):
        admit(HERE, "ada")
    forgive(HERE, "ada")
    assert find_wait(HERE, "ada") == 0


def test_address_that_tries_many_accounts_waits_but_for_those_it_knows(clock):
    admit(HERE, "ada")
    forgive(HERE, "ada")
    for n in range(FREE_FOR_ADDRESS):
        assert find_wait(HERE, f"victim {n}") == 0
    assert find_wait(HERE, "one more") == 1
    assert find_wait(HERE, "ada") == 0
    assert find_wait(ELSEWHERE, "one more") == 0


def test_signing_in_between_guesses_does_not_start_the_address_again(clock):
    for n in range(FREE_FOR_ADDRESS):
        admit(HERE, f"victim {n}")
        admit(HERE, "mine")
        forgive(HERE, "mine")
    assert find_wait(HERE, "one more") == 1


def test_ipv6_addresses_of_one_network_are_one(clock):
    for n in range(FREE_FOR_PAIR):
        admit(f"2001:db8::{n + 1}", "ada")
    assert find_wait("2001:db8::ffff", "ada") == 1
    assert find_wait("2001:db8:0:1::1", "ada") == 0


def test_neither_address_nor_email_is_written_down(monkeypatch):
    seen = []
    monkeypatch.setattr(sign_in_limits.cache, "set", lambda *args: seen.append(args))
    admit(HERE, "ada@example.org")
    assert seen
    assert "ada" not in str(seen)
    assert HERE not in str(seen)


def sign_in(email: str, password: str, address: str, **headers: str):
    form = {"login": email, "password": password}
    path = reverse("account_login")
    return Client().post(path, form, REMOTE_ADDR=address, headers=headers)


@pytest.mark.django_db
def test_guesser_waits_with_the_right_password_too_and_the_owner_does_not():
    ada = ListenerFactory()
    for _ in range(FREE_FOR_PAIR):
        assert sign_in(ada.email, "wrong", HERE).status_code == 200
    refused = sign_in(ada.email, PASSWORD, HERE)
    assert "That was too fast. Wait 1 second, then try again." in refused.text
    assert sign_in(ada.email, PASSWORD, ELSEWHERE).status_code == 302


@pytest.mark.django_db
def test_password_is_not_looked_at_while_the_guesser_waits(monkeypatch):
    ada = ListenerFactory()
    for _ in range(FREE_FOR_PAIR):
        sign_in(ada.email, "wrong", HERE)
    hashed = []
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda self, *args: hashed.append(args)
    )
    assert sign_in(ada.email, "wrong", HERE).status_code == 200
    assert hashed == []


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_wrong_password_is_hashed_once_whether_there_is_an_account_or_not(monkeypatch, email):
    ListenerFactory(email="ada@example.org")
    hashed, encode = [], hashers.MD5PasswordHasher.encode

    def count(self, password, salt):
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", count)
    sign_in(email, "wrong", HERE)
    assert hashed == ["wrong"]


@pytest.mark.django_db
def test_addresses_are_looked_for_past_the_trusted_proxies(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    ada, proxy = ListenerFactory(), "10.0.0.1"
    for _ in range(FREE_FOR_PAIR):
        sign_in(ada.email, "wrong", proxy, x_forwarded_for=f"1.2.3.4, {HERE}")
    assert sign_in(ada.email, PASSWORD, proxy, x_forwarded_for=HERE).status_code == 200
    assert sign_in(ada.email, PASSWORD, proxy, x_forwarded_for=ELSEWHERE).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("claim", ["", "x", "1.2.3.4", "unknown", "\xff", "a" * 5000])
def test_claimed_address_that_makes_no_sense_is_no_server_error(settings, claim):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    ada = ListenerFactory()
    assert sign_in(ada.email, PASSWORD, HERE, x_forwarded_for=claim).status_code == 302


@pytest.mark.django_db
def test_admin_is_entered_through_the_same_door():
    operator = ListenerFactory(is_staff=True)
    browser = Client()
    for method in (browser.get, browser.post):
        response = method("/admin/login/?next=/admin/music/")
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?next=%2Fadmin%2Fmusic%2F"
    form = {"login": operator.email, "password": PASSWORD, "next": "/admin/"}
    assert browser.post(reverse("account_login"), form).url == "/admin/"
    assert browser.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_guesses_at_the_question_whether_it_is_still_you_are_counted_too():
    ada = ListenerFactory()
    browser = Client()
    browser.force_login(ada, "accounts.backends.EmailBackend")
    for _ in range(FREE_FOR_PAIR):
        browser.post(reverse("account_reauthenticate"), {"password": "wrong"})
    page = browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert "That was too fast" in page.text
    cache.clear()
    page = browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert page.status_code == 302


@pytest.mark.django_db
def test_owner_of_a_reset_is_not_kept_from_asking_by_somebody_elsewhere(mailoutbox):
    ada = ListenerFactory()
    for address in (HERE, HERE, HERE, HERE, HERE, HERE, ELSEWHERE):
        path = reverse("account_reset_password")
        response = Client().post(path, {"email": ada.email}, REMOTE_ADDR=address)
        assert response.status_code == 302
