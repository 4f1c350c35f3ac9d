"""Passwords and email addresses: allauth's views in our pages."""

import re
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.adapters import AccountAdapter
from accounts.models import User
from tests.factories import PASSWORD, GuestFactory, ListenerFactory

NEW_PASSWORD = "another long pass phrase"


@pytest.fixture
def listener(db):
    listener = ListenerFactory(email="ada@example.org")
    EmailAddress.objects.create(user=listener, email=listener.email, primary=True)
    return listener


@pytest.fixture
def browser(listener):
    browser = Client()
    browser.force_login(listener, "allauth.account.auth_backends.AuthenticationBackend")
    return browser


def follow_link(client, mail):
    """The page that the link in ``mail`` leads to."""
    path = re.search(r"http://testserver(/\S+)", mail.body)[1]
    return client.get(path, follow=True)


def has_password(listener, password) -> bool:
    return User.objects.get(pk=listener.pk).check_password(password)


@pytest.mark.django_db(transaction=True)  # mail goes out after the commit
def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(listener, mailoutbox):
    EmailAddress.objects.update(verified=True)
    visitor = Client()
    visitor.post(reverse("account_reset_password"), {"email": listener.email})
    page = follow_link(visitor, mailoutbox[0])
    assert "Choose a new password" in page.text
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    done = visitor.post(page.redirect_chain[-1][0], form, follow=True)
    assert "Your password has been changed" in done.text
    assert has_password(listener, NEW_PASSWORD)
    assert "This link no longer works" in follow_link(Client(), mailoutbox[0]).text


def test_a_link_for_a_password_that_is_none_says_so(db):
    page = Client().get(reverse("account_reset_password_from_key", args=["1", "abc"]))
    assert "This link no longer works" in page.text
    assert "<form class" not in page.text.split("<main")[1].split("</main")[0]


def test_the_password_is_changed_by_who_knows_it(browser, listener):
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert browser.post(reverse("account_change_password"), form).status_code == 302
    assert has_password(listener, NEW_PASSWORD)


@pytest.mark.django_db(transaction=True)  # mail goes out after the commit
def test_an_address_is_added_and_confirmed_by_the_link_in_the_mail(browser, mailoutbox):
    asked = browser.post(reverse("account_email"), {"action_add": "", "email": "new@example.org"})
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="new@example.org").exists()
    browser.post(asked.url, {"password": PASSWORD})
    page = follow_link(browser, mailoutbox[0])
    assert "Is <strong>new@example.org</strong> yours?" in page.text
    browser.post(page.request["PATH_INFO"])
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_addresses_are_shown_with_their_state(browser, listener):
    page = browser.get(reverse("account_email")).text
    assert 'value="ada@example.org" checked' in page
    assert "not confirmed" in page
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.post(reverse("account_email"), {"action_remove": "", "email": listener.email})
    assert EmailAddress.objects.filter(user=listener).exists()  # the primary one stays


def test_who_signs_out_is_asked_first(browser):
    assert "Sign out?" in browser.get(reverse("account_logout")).text
    browser.post(reverse("account_logout"))
    assert browser.get(reverse("tokens")).status_code == 302


def test_an_account_without_an_address_claims_none(db, rf, settings):
    """Guests have no address either: it is not taken by them."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    GuestFactory()
    request = rf.post("/")
    vars(request)["unit_is_open"] = True
    form = SimpleNamespace(cleaned_data={"password1": NEW_PASSWORD})
    made = AccountAdapter(request).save_user(request, User(), form)
    assert (made.email, has_password(made, NEW_PASSWORD)) == (None, True)
