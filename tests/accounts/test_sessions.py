"""Where a listener is signed in, and signing out there."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sessions import list_sessions
from tests.factories import PASSWORD, ListenerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return ListenerFactory(email="ada@example.org")


def sign_in(user, name: str) -> Client:
    browser = Client(headers={"user-agent": name})
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get(reverse("tokens")).status_code == 200


def read_names(browser: Client) -> list[str]:
    return [row.user_agent for row in browser.get(reverse("sessions")).context["sessions"]]


@pytest.fixture
def browsers(ada):
    return {name: sign_in(ada, name) for name in ("desk", "phone", "library")}


def end(browser: Client, **form: object):
    return browser.post(reverse("end_sessions"), form)


def test_sessions_are_listed_newest_first_and_nobody_elses(browsers):
    sign_in(ListenerFactory(), "another's")
    assert read_names(browsers["desk"]) == ["library", "phone", "desk"]


def test_one_browser_is_signed_out(browsers):
    row = UserSession.objects.get(user_agent="library")
    assert end(browsers["desk"], which="one", session=row.pk).url == reverse("sessions")
    assert [is_signed_in(browser) for browser in browsers.values()] == [True, True, False]
    assert read_names(browsers["desk"]) == ["phone", "desk"]


def test_all_others_are_signed_out(browsers, ada):
    unknown = Client()
    unknown.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    UserSession.objects.filter(user_agent="").delete()
    assert end(browsers["desk"], which="others").url == reverse("sessions")
    assert [is_signed_in(browser) for browser in browsers.values()] == [True, False, False]
    assert not is_signed_in(unknown)
    assert read_names(browsers["desk"]) == ["desk"]
    assert is_signed_in(sign_in(ada, "new"))


def test_everything_is_signed_out(browsers, ada):
    assert end(browsers["desk"], which="all").url == "/"
    assert not any(is_signed_in(browser) for browser in browsers.values())
    assert not UserSession.objects.exists()
    assert is_signed_in(sign_in(ada, "new"))


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"which": "one"},
        {"which": "one", "session": "x"},
        {"which": "one", "session": "-1"},
        {"which": "one", "session": "9" * 30},
        {"which": "none"},
    ],
)
def test_session_that_cannot_be_is_not_found(browsers, form):
    assert end(browsers["desk"], **form).status_code == 404


def test_another_listeners_session_is_not_found(browsers):
    other = sign_in(ListenerFactory(), "another's")
    row = UserSession.objects.get(user_agent="another's")
    assert end(browsers["desk"], which="one", session=row.pk).status_code == 404
    assert is_signed_in(other)


def test_sessions_that_no_longer_count_are_not_listed(browsers, ada):
    browsers["phone"].logout()
    assert read_names(browsers["desk"]) == ["library", "desk"]
    user = User.objects.get(pk=ada.pk)
    user.set_password("another long pass phrase")
    user.save()
    assert list_sessions(user) == []


@pytest.mark.parametrize("n_sessions", [1, 3])
def test_list_costs_the_same_queries_for_one_and_for_three(
    ada, n_sessions, django_assert_num_queries
):
    browsers = [sign_in(ada, str(n)) for n in range(n_sessions)]
    with django_assert_num_queries(4):
        response = browsers[0].get(reverse("sessions"))
    assert len(response.context["sessions"]) == n_sessions


def test_operator_signs_a_browser_out_in_admin(browsers, ada):
    operator = Client()
    operator.force_login(
        ListenerFactory(is_staff=True, is_superuser=True), "accounts.backends.EmailBackend"
    )
    row = UserSession.objects.get(user_agent="library")
    page = reverse("admin:usersessions_usersession_changelist")
    assert "library" in operator.get(page, {"q": "ada@"}).text
    operator.post(reverse("admin:usersessions_usersession_delete", args=[row.pk]), {"post": "yes"})
    assert not is_signed_in(browsers["library"])
    assert is_signed_in(browsers["desk"])


def test_neither_secrets_nor_session_keys_are_found_by_asking_admin(browsers):
    operator = Client()
    operator.force_login(
        ListenerFactory(is_staff=True, is_superuser=True), "accounts.backends.EmailBackend"
    )
    page = reverse("admin:usersessions_usersession_changelist")
    assert operator.get(page, {"session_key__startswith": "a"}).status_code == 400
    page = reverse("admin:mfa_authenticator_changelist")
    assert operator.get(page, {"data__secret__startswith": "a"}).status_code == 400


def test_sign_in_without_an_address_is_kept_too(ada):
    browser = Client(REMOTE_ADDR="")
    browser.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    assert is_signed_in(browser)
