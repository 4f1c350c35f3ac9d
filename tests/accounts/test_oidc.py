"""Signing in with an account elsewhere, at a real provider process."""

import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import PASSWORD, LikeFactory, ListenerFactory
from tests.servers.oidc import CLIENT_ID, CLIENT_SECRET, OidcServer

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = "/accounts/oidc/oidc/login/"


@pytest.fixture(scope="module")
def server():
    with OidcServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _configured(settings, server):
    app = {
        "provider_id": "oidc",
        "name": "Example ID",
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": server.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
    }


def sign_in(server, browser=None, process="login"):
    """The answer to a browser that comes back from the provider."""
    browser = browser or Client()
    away = browser.post(f"{LOGIN}?process={process}")
    assert away.status_code == 302
    back = server.authorize(away.url)
    return browser, browser.get(back.removeprefix("http://testserver"))


def is_signed_in(browser: Client) -> bool:
    return browser.get(reverse("tokens")).status_code == 200


@pytest.fixture
def ada():
    listener = ListenerFactory(email="ada@example.org")
    EmailAddress.objects.create(user=listener, email=listener.email, primary=True, verified=True)
    return listener


def test_sign_in_offers_the_provider_and_asks_before_it_sends_there():
    assert f'href="{LOGIN}?process=login"' in Client().get(reverse("account_login")).text
    assert Client().get(LOGIN).status_code == 200  # a page with a button, no redirect by a link


def test_browser_is_sent_with_pkce(server):
    away = Client().post(LOGIN)
    query = parse_qs(urlsplit(away.url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert set(query["scope"][0].split()) == {"openid", "profile", "email"}


def test_new_person_gets_an_account_and_returns_to_it(server):
    server.be(sub="1", email="new@example.org", email_verified=True)
    browser, _ = sign_in(server)
    assert is_signed_in(browser)
    user = User.objects.get()
    assert user.email == "new@example.org"
    assert EmailAddress.objects.get().verified
    again, _ = sign_in(server)
    assert is_signed_in(again)
    assert User.objects.get() == user


@pytest.mark.parametrize("is_verified", [True, False])
@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_address_of_an_account_here_signs_nobody_in_to_it(
    server, ada, settings, is_verified, verification
):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    LikeFactory(user=ada)
    server.be(sub="thief", email=ada.email, email_verified=is_verified)
    browser, answer = sign_in(server)
    assert answer.status_code < 500
    assert not SocialAccount.objects.filter(user=ada).exists()
    me = browser.get("/api/v1/me")
    assert me.status_code == 401 or me.json()["user_id"] != ada.user_id
    assert EmailAddress.objects.get(verified=True).user == ada


def test_unverified_address_is_not_taken_for_verified(server, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    server.be(sub="2", email="somebody@example.org", email_verified=False)
    browser, _ = sign_in(server)
    assert not is_signed_in(browser)
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_listener_connects_an_account_elsewhere_after_the_password(server, ada):
    server.be(sub="3", email="elsewhere@example.org", email_verified=True)
    browser = Client()
    browser.force_login(ada, "accounts.backends.EmailBackend")
    asked = browser.post(f"{LOGIN}?process=connect")
    if asked.url.startswith(server.url):
        back = server.authorize(asked.url).removeprefix("http://testserver")
        asked = browser.get(back)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not SocialAccount.objects.exists()
    browser.post(asked.url, {"password": PASSWORD})
    if not SocialAccount.objects.exists():
        sign_in(server, browser, "connect")
    assert SocialAccount.objects.get().user == ada


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=y", "?error=access_denied"])
def test_return_that_nobody_was_sent_on_signs_nobody_in(query):
    browser = Client()
    assert browser.get(f"{LOGIN}callback/{query}").status_code < 500
    assert not is_signed_in(browser)


def test_code_of_another_browser_signs_nobody_in(server):
    server.be(sub="4", email="thief@example.org", email_verified=True)
    away = Client().post(LOGIN)
    back = server.authorize(away.url).removeprefix("http://testserver")
    victim = Client()
    assert victim.get(back).status_code < 500
    assert not is_signed_in(victim)


def test_provider_that_is_down_is_said_to_be(settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    answer = Client().post(LOGIN)
    assert answer.status_code == 503
    assert "Something went wrong between the other site and TuneTrace." in answer.text


SETTINGS = "from django.conf import settings as s; print(sorted(s.SOCIALACCOUNT_PROVIDERS), "
SETTINGS += "[p['OAUTH_PKCE_ENABLED'] for p in s.SOCIALACCOUNT_PROVIDERS.values()], "
SETTINGS += "s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'][-1])"


def test_settings_name_both_providers_with_pkce(tmp_path):
    environment = {"STATE_DIR": str(tmp_path), "GOOGLE_CLIENT_ID": "a", "GOOGLE_CLIENT_SECRET": "b"}
    environment |= {"OIDC_SERVER_URL": "https://id.example.org/realms/music"}
    environment |= {"OIDC_CLIENT_ID": "c", "OIDC_CLIENT_SECRET": "d"}
    environment["DJANGO_SETTINGS_MODULE"] = "tunetrace_site.settings"
    shown = subprocess.run(
        [sys.executable, "-c", SETTINGS], env=environment, capture_output=True, text=True
    )
    expected = "['google', 'openid_connect'] [True, True] https://id.example.org"
    assert shown.stdout.strip() == expected, shown.stderr
