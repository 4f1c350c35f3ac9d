"""Passkeys, in a browser with an authenticator of its own."""

from urllib.parse import urljoin

import pytest

from tests.factories import PASSWORD, ListenerFactory

from .conftest import open_page


@pytest.fixture
def ada(songs):
    return ListenerFactory(email="ada@example.org")


@pytest.fixture
def page(chromium, live_server, ada):
    """A page at ``localhost``: browsers take no passkey for an address that is a number."""
    page = open_page(chromium, live_server)
    page.goto(live_server.url.replace("127.0.0.1", "localhost") + "/accounts/login/")
    yield page
    page.context.close()


def go(page, path: str) -> None:
    page.goto(urljoin(page.url, path))


def add_authenticator(page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page, password: str) -> None:
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").first.fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def wait_for_script(page, path: str) -> None:
    """Until the script of the page at ``path`` listens to its buttons: a test clicks faster than
    people do.
    """
    page.wait_for_url(f"**{path}", wait_until="load")
    page.wait_for_function("() => window.allauth && allauth.webauthn")


def test_passkey_is_added_and_signs_in_alone(page, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    add_authenticator(page)
    sign_in(page, PASSWORD)
    go(page, "/accounts/2fa/")
    page.get_by_role("link", name="Add a key").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    wait_for_script(page, "/accounts/2fa/webauthn/add/")
    page.get_by_label("Let it sign me in without a password").check()
    page.get_by_role("button", name="Add the key").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_text("You have 1 key.").wait_for()
    page.context.clear_cookies()
    go(page, "/accounts/login/")
    wait_for_script(page, "/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    go(page, "/account/")
    page.get_by_text("Signed in as ada@example.org").wait_for()


def test_key_is_asked_for_after_the_password(page, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    add_authenticator(page)
    sign_in(page, PASSWORD)
    go(page, "/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    wait_for_script(page, "/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add the key").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.context.clear_cookies()
    go(page, "/accounts/login/")
    sign_in(page, PASSWORD)
    wait_for_script(page, "/accounts/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    go(page, "/account/")
    page.get_by_text("Signed in as ada@example.org").wait_for()
