"""Making, listing and revoking access tokens."""

import pytest
from django.urls import reverse

from accounts.models import AccessToken
from accounts.tokens import MAX_TOKENS, TooManyTokens, issue_token, list_tokens, revoke_token
from tests.factories import ListenerFactory

pytestmark = pytest.mark.django_db


def test_tokens_are_listed_newest_first_without_the_revoked():
    listener = ListenerFactory()
    tokens = [issue_token(listener, name)[0] for name in ("a", "b", "c")]
    issue_token(ListenerFactory(), "another's")
    assert revoke_token(listener, tokens[1].pk)
    assert list(list_tokens(listener)) == [tokens[2], tokens[0]]


def test_token_is_revoked_once_and_only_by_its_listener():
    listener = ListenerFactory()
    token, _ = issue_token(listener, "a")
    assert not revoke_token(ListenerFactory(), token.pk)
    assert revoke_token(listener, token.pk)
    revoked_at = AccessToken.objects.get().revoked_at
    assert not revoke_token(listener, token.pk)
    assert AccessToken.objects.get().revoked_at == revoked_at


def test_revoked_tokens_make_room_for_others():
    listener = ListenerFactory()
    tokens = [issue_token(listener, str(n))[0] for n in range(MAX_TOKENS)]
    with pytest.raises(TooManyTokens):
        issue_token(listener, "one more")
    revoke_token(listener, tokens[0].pk)
    issue_token(listener, "one more")
    assert list_tokens(listener).count() == MAX_TOKENS


def test_page_of_a_new_token_loaded_again_makes_no_second_one(client):
    listener = ListenerFactory()
    client.force_login(listener, "django.contrib.auth.backends.ModelBackend")
    data = {"name": "program", "once": client.get(reverse("tokens")).context["once"]}
    assert client.post(reverse("tokens"), data).status_code == 201
    again = client.post(reverse("tokens"), data, follow=True)
    assert "That token was made already." in again.text
    assert AccessToken.objects.count() == 1
    data["once"] = client.get(reverse("tokens")).context["once"]
    assert client.post(reverse("tokens"), data).status_code == 201
