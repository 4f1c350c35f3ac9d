"""Second factors: set up, asked for, required of operators, and lost."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import hashers
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import middleware
from accounts.models import User
from accounts.second_factors import FactorAdapter
from accounts.sessions import list_sessions
from tests.factories import PASSWORD, ListenerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    return ListenerFactory(email="ada@example.org")


@pytest.fixture
def operator():
    return ListenerFactory(email="op@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def _required(settings):
    settings.OPERATORS_NEED_SECOND_FACTOR = True


def sign_in(user, browser=None) -> Client:
    browser = browser or Client()
    form = {"login": user.email, "password": PASSWORD}
    browser.post(reverse("account_login"), form)
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get(reverse("tokens")).status_code == 200


def make_code(secret: str, steps: int = 0) -> str:
    """The code that an app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up_app(browser: Client) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = browser.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert secret in page.text
    done = browser.post(reverse("mfa_activate_totp"), {"code": make_code(secret)}, follow=True)
    return secret, re.findall(r"<code>(\d+)</code>", done.text)


def use_code(user, code: str) -> bool:
    browser = sign_in(user)
    assert not is_signed_in(browser)
    browser.post(reverse("mfa_authenticate"), {"code": code})
    return is_signed_in(browser)


def test_sign_in_asks_for_the_code_of_the_app(ada):
    secret, codes = set_up_app(sign_in(ada))
    assert len(codes) == 10
    assert not use_code(ada, "000000")
    assert use_code(ada, make_code(secret))


def test_recovery_code_signs_in_once(ada):
    _, codes = set_up_app(sign_in(ada))
    assert use_code(ada, codes[0])
    assert not use_code(ada, codes[0])
    assert use_code(ada, codes[1])


def test_recovery_codes_are_shown_once(ada):
    browser = sign_in(ada)
    _, codes = set_up_app(browser)
    page = browser.get(reverse("mfa_view_recovery_codes"))
    assert not any(code in page.text for code in codes)
    assert browser.get(reverse("mfa_download_recovery_codes")).status_code == 403


def test_stolen_session_sets_up_and_removes_no_factor(ada):
    stolen = Client()
    stolen.force_login(ada, "accounts.backends.EmailBackend")
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert stolen.get(reverse(name)).url.startswith(reverse("account_reauthenticate")), name
    set_up_app(sign_in(ada))
    thief = Client()
    thief.force_login(User.objects.get(), "accounts.backends.EmailBackend")
    answer = thief.post(reverse("mfa_deactivate_totp"))
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(type="totp").exists()


def test_code_is_used_once_by_whichever_worker(ada):
    secret, _ = set_up_app(sign_in(ada))
    code = make_code(secret)

    def try_code(_: int) -> bool:
        try:
            return use_code(ada, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(try_code, range(4))).count(True) == 1
    assert not use_code(ada, code)


def test_secrets_are_encrypted_and_survive_a_new_key(ada, settings):
    secret, codes = set_up_app(sign_in(ada))
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert codes[0] not in stored
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key that is long enough to be one, and then some"
    assert use_code(ada, make_code(secret))
    fresh = FactorAdapter().encrypt("text")
    settings.SECRET_KEY_FALLBACKS = []
    assert FactorAdapter().decrypt(fresh) == "text"


def test_picture_names_the_site_and_the_account(ada):
    browser = sign_in(ada)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    url = browser.get(reverse("mfa_activate_totp")).context["totp_url"]
    assert url.startswith("otpauth://totp/ada%40example.org?")
    assert "issuer=TuneTrace" in url


@pytest.mark.usefixtures("_required")
def test_operator_without_a_factor_is_led_to_one_and_back(operator):
    browser = sign_in(operator)
    for method in (browser.get, browser.post):
        assert method("/admin/music/").url == reverse("mfa_index")
    page = browser.get(reverse("mfa_index"))
    assert "Operators need a second factor." in page.text
    set_up_app(browser)
    assert browser.get("/admin/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_session_that_has_not_proven_the_factor_proves_it_first(operator):
    secret, _ = set_up_app(sign_in(operator))
    earlier = Client()
    earlier.force_login(operator, "accounts.backends.EmailBackend")
    answer = earlier.get("/admin/music/")
    assert answer.url == f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2Fmusic%2F"
    back = earlier.post(answer.url, {"code": make_code(secret, 1), "next": "/admin/music/"})
    assert back.url == "/admin/music/"
    assert earlier.get("/admin/music/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_operator_can_still_sign_out_and_use_the_site(operator):
    browser = sign_in(operator)
    assert browser.get("/").status_code == 200
    assert browser.get(reverse("account")).status_code == 200
    assert browser.post("/admin/logout/").status_code in {200, 302}
    assert not is_signed_in(browser)


@pytest.mark.usefixtures("_required")
def test_listeners_need_no_second_factor(ada):
    browser = sign_in(ada)
    assert is_signed_in(browser)
    assert browser.get("/admin/").status_code == 302


def test_sessions_of_operators_end_after_hours(operator, ada, monkeypatch):
    browsers = {user: sign_in(user) for user in (operator, ada)}
    now = time.time()
    for hours, expected in ((11.9, True), (12.1, False)):
        monkeypatch.setattr(middleware.time, "time", lambda hours=hours: now + hours * 3600)
        assert is_signed_in(browsers[operator]) is expected
        assert is_signed_in(browsers[ada])
    assert list_sessions(operator) == []
    page = browsers[operator].get("/admin/music/", follow=True)
    assert "Operators sign in again after 12 hours." in page.text
    monkeypatch.undo()
    again = sign_in(operator, browsers[operator])
    assert is_signed_in(again)
    assert again.get("/admin/").status_code == 200


def test_listener_made_an_operator_signs_in_again_after_hours(ada, monkeypatch):
    browser = sign_in(ada)
    User.objects.update(is_staff=True, is_superuser=True)
    assert browser.get("/admin/").status_code == 200
    now = time.time()
    monkeypatch.setattr(middleware.time, "time", lambda: now + 13 * 3600)
    assert browser.get("/admin/").status_code == 302


def test_command_takes_the_factors_off_and_ends_sessions(ada, capsys):
    browser = sign_in(ada)
    set_up_app(browser)
    call_command("reset_second_factor", "ADA@example.org")
    assert "2 factor(s) removed" in capsys.readouterr().out
    assert not is_signed_in(browser)
    assert is_signed_in(sign_in(ada))


def test_command_refuses_an_email_that_is_nobodys():
    with pytest.raises(CommandError, match=r"no account with the email 'eve@example\.org'"):
        call_command("reset_second_factor", "eve@example.org")


def test_passwords_are_hashed_with_argon2_in_bounded_memory(settings):
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2Hasher"]
    hashed = hashers.make_password("a password")
    assert re.match(r"argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$", hashed)
    assert hashers.check_password("a password", hashed)


def test_password_hashed_before_is_hashed_anew_at_sign_in(ada, settings):
    old = settings.PASSWORD_HASHERS
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2Hasher", *old]
    assert is_signed_in(sign_in(ada))
    assert User.objects.get().password.startswith("argon2$")
    assert is_signed_in(sign_in(ada))


@pytest.mark.parametrize("credential", ["", "{", "null", "[]", "{}", '{"id": 5}', "\x00", "a" * 9])
def test_credential_that_is_none_is_no_server_error(ada, credential):
    browser = sign_in(ada)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    visitor = Client()
    for client, name in ((visitor, "mfa_login_webauthn"), (browser, "mfa_add_webauthn")):
        response = client.post(reverse(name), {"name": "key", "credential": credential})
        assert response.status_code < 500, name
