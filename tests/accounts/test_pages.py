"""Account pages: name, tokens, signing in and up."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessToken, User
from accounts.tokens import MAX_TOKENS, issue_token
from tests.factories import PASSWORD, ListenerFactory


@pytest.fixture
def listener(db):
    return ListenerFactory()


@pytest.fixture
def browser(listener):
    browser = Client()
    browser.force_login(listener, "django.contrib.auth.backends.ModelBackend")
    return browser


def test_account_offers_a_visitor_to_sign_up(db):
    response = Client().get(reverse("account"))
    assert response.status_code == 200
    assert reverse("account_signup") in response.text
    assert reverse("delete_everything") not in response.text


def test_a_name_is_changed_and_greets_the_listener(browser, listener):
    assert browser.post(reverse("account"), {"display_name": " Ada "}).url == reverse("account")
    listener.refresh_from_db()
    assert listener.display_name == "Ada"
    assert "<h1>Ada</h1>" in browser.get(reverse("account")).text


@pytest.mark.parametrize("name", ["x" * 81, "a\x00b"])
def test_a_bad_name_is_shown_again_with_a_message(browser, listener, name):
    response = browser.post(reverse("account"), {"display_name": name})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["display_name"]
    listener.refresh_from_db()
    assert listener.display_name == ""


def test_a_visitor_cannot_name_themself(db):
    assert Client().post(reverse("account"), {"display_name": "x"}).status_code == 200
    assert User.objects.count() == 0


def test_tokens_need_an_account(db):
    response = Client().get(reverse("tokens"))
    assert response.url == f"{reverse('account_login')}?next={reverse('tokens')}"


def test_a_token_is_shown_once_and_works(browser):
    response = browser.post(reverse("tokens"), {"name": "my program"})
    assert response.status_code == 201
    [secret] = re.findall(r'id="secret">(ttu_[\w-]+)<', response.text)
    assert "no-store" in response.headers["Cache-Control"]
    assert secret not in browser.get(reverse("tokens")).text
    me = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    assert me.status_code == 200


def test_a_token_is_made_with_the_powers_and_the_end_that_were_chosen(browser):
    page = {"name": "my program", "scopes": "read", "expires_in_days": "30"}
    assert browser.post(reverse("tokens"), page).status_code == 201
    [token] = AccessToken.objects.all()
    assert token.list_scopes() == ["read"]
    assert 29 <= (token.expires_at - timezone.now()).days <= 30
    assert "May look and ask, until" in browser.get(reverse("tokens")).text


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b"])
def test_a_token_needs_a_name(browser, name):
    response = browser.post(reverse("tokens"), {"name": name})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["name"]
    assert AccessToken.objects.count() == 0


def test_no_more_tokens_than_allowed(browser, listener):
    for n in range(MAX_TOKENS):
        issue_token(listener, f"program {n}")
    response = browser.post(reverse("tokens"), {"name": "one more"})
    assert response.status_code == 400
    assert response.context["form"].non_field_errors() == [
        f"You have {MAX_TOKENS} tokens: revoke one that is not used."
    ]


def test_a_revoked_token_disappears(browser, listener):
    token, _ = issue_token(listener, "program")
    assert browser.post(reverse("revoke_token", args=[token.pk])).url == reverse("tokens")
    assert list(browser.get(reverse("tokens")).context["tokens"]) == []


def test_another_listeners_token_is_not_found(browser):
    token, _ = issue_token(ListenerFactory(), "program")
    assert browser.post(reverse("revoke_token", args=[token.pk])).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


@pytest.mark.parametrize("n_tokens", [1, 3])
def test_tokens_cost_the_same_queries_for_one_and_for_three(
    browser, listener, n_tokens, django_assert_num_queries
):
    for n in range(n_tokens):
        issue_token(listener, f"program {n}")
    with django_assert_num_queries(3):
        response = browser.get(reverse("tokens"))
    assert len(response.context["tokens"]) == n_tokens


def test_a_listener_signs_in_and_out(listener):
    browser = Client()
    data = {"login": listener.email, "password": PASSWORD}
    assert browser.post(reverse("account_login"), data).url == "/"
    assert f"Signed in as {listener.email}" in browser.get(reverse("account")).text
    browser.post(reverse("account_logout"))
    assert "Signed in as" not in browser.get(reverse("account")).text


def test_a_wrong_password_is_said_without_saying_which_half_is_wrong(listener):
    browser = Client()
    texts = []
    for email in (listener.email, "nobody@example.org"):
        response = browser.post(reverse("account_login"), {"login": email, "password": "wrong"})
        texts.append(list(response.context["form"].non_field_errors()))
    assert texts[0] == texts[1] != []


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_signup", "account_reset_password"],
)
def test_pages_of_allauth_wear_our_layout(db, name):
    text = Client().get(reverse(name)).text
    assert '<a class="skip-link" href="#main">' in text
    assert "Menu:" not in text


@pytest.mark.parametrize("name", ["account_change_password", "account_email"])
def test_pages_of_allauth_for_listeners_wear_our_layout(browser, name):
    text = browser.get(reverse(name)).text
    assert '<a class="skip-link" href="#main">' in text
    assert "Menu:" not in text


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_google_is_offered_when_it_is_configured(db, settings, name):
    assert "Google" not in re.sub(r"(?s)<footer.*", "", Client().get(reverse(name)).text)
    app = {"client_id": "id", "secret": "secret", "key": ""}
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [app]}}
    text = Client().get(reverse(name)).text
    assert f'href="{reverse("google_login")}?process=login"' in text
    assert "Continue with Google" in text
