"""Admin of listeners, tokens and service keys."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from rest_framework.request import Request

from accounts.authentication import BearerAuthentication
from accounts.models import AccessToken, ServiceKey, User, digest_secret
from accounts.paginator import MAX_COUNTED, BoundedPaginator
from tests.factories import PASSWORD, GuestFactory, LikeFactory, ListenerFactory

pytestmark = pytest.mark.django_db

LISTENERS = "admin:accounts_user_changelist"
TOKENS = "admin:accounts_accesstoken_changelist"
KEYS = "admin:accounts_servicekey_changelist"


def add_token():
    token, _ = AccessToken.issue(user=ListenerFactory(), name="program")
    token.save()


def add_key():
    key, _ = ServiceKey.issue(name="front end")
    key.save()


@pytest.mark.parametrize(
    ("name", "add", "n_queries"),
    [(LISTENERS, LikeFactory, 4), (TOKENS, add_token, 4), (KEYS, add_key, 4)],
)
def test_list_takes_the_same_queries_for_one_and_three_rows(
    admin_client, django_assert_num_queries, name, add, n_queries
):
    add()
    for _ in range(2):
        with django_assert_num_queries(n_queries):
            assert admin_client.get(reverse(name)).status_code == 200
        add()
        add()


def list_rows(client: Client, name: str, **query: str) -> list:
    response = client.get(reverse(name), query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_listeners_are_found_and_filtered(admin_client, superuser):
    account = ListenerFactory(email="ada@example.org")
    guest = GuestFactory()
    named = ListenerFactory(email=None, user_id="front-end:7")
    assert list_rows(admin_client, LISTENERS, q="ada@") == [account]
    assert list_rows(admin_client, LISTENERS, q="front-end:7") == [named]
    assert list_rows(admin_client, LISTENERS, kind="guest") == [guest]
    assert list_rows(admin_client, LISTENERS, kind="named") == [named]
    assert set(list_rows(admin_client, LISTENERS, kind="account")) == {account, superuser}


def test_number_of_likes_is_shown_and_sorted_by(admin_client):
    busy, idle = LikeFactory().user, ListenerFactory()
    LikeFactory(user=busy)
    rows = list_rows(admin_client, LISTENERS, o="-4")
    assert (rows[0].pk, rows[0].n_likes) == (busy.pk, 2)
    assert {row.pk: row.n_likes for row in rows}[idle.pk] == 0


def test_account_is_made_with_its_email_in_lower_case(admin_client):
    response = admin_client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Ada@Example.ORG",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert response.status_code == 302
    account = User.objects.get(email="ada@example.org")
    assert account.check_password(PASSWORD)


def test_two_listeners_without_an_email_can_be_saved(admin_client):
    for listener in (GuestFactory(), GuestFactory()):
        address = reverse("admin:accounts_user_change", args=[listener.pk])
        response = admin_client.post(address, {"email": "", "is_active": "on", "is_guest": "on"})
        assert response.status_code == 302
    assert User.objects.filter(email=None).count() == 2


def test_listeners_are_blocked_but_not_oneself(admin_client, superuser):
    other = ListenerFactory()
    response = admin_client.post(
        reverse(LISTENERS),
        {"action": "block", "_selected_action": [other.pk, superuser.pk]},
        follow=True,
    )
    assert "1 listener(s) blocked." in response.content.decode()
    assert list(User.objects.filter(is_active=False)) == [other]
    admin_client.post(reverse(LISTENERS), {"action": "unblock", "_selected_action": [other.pk]})
    assert not User.objects.filter(is_active=False).exists()


def staff_with(*codenames: str) -> Client:
    staff = ListenerFactory(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(staff)
    return client


def test_staff_cannot_make_anybody_powerful():
    client, listener = staff_with("change_user", "view_user"), ListenerFactory()
    address = reverse("admin:accounts_user_change", args=[listener.pk])
    client.post(
        address,
        {"email": listener.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"},
    )
    listener.refresh_from_db()
    assert (listener.is_staff, listener.is_superuser) == (False, False)


def test_staff_cannot_block_an_operator(superuser):
    client = staff_with("change_user", "view_user")
    client.post(reverse(LISTENERS), {"action": "block", "_selected_action": [superuser.pk]})
    superuser.refresh_from_db()
    assert superuser.is_active


def test_staff_cannot_set_the_password_of_an_operator(superuser):
    client = staff_with("change_user", "view_user")
    address = reverse("admin:auth_user_password_change", args=[superuser.pk])
    response = client.post(
        address, {"password1": "another pass phrase", "password2": "another pass phrase"}
    )
    assert response.status_code == 403
    superuser.refresh_from_db()
    assert superuser.check_password(PASSWORD)


def test_staff_without_permission_see_nothing():
    client = staff_with()
    for name in (LISTENERS, TOKENS, KEYS):
        assert client.get(reverse(name)).status_code == 403


def test_service_key_is_made_shown_once_and_works(admin_client, rf):
    page = {"name": "shop", "scopes": ["read", "act"], "youtube_share": "0.1"}
    response = admin_client.post(reverse("admin:accounts_servicekey_add"), page)
    key = ServiceKey.objects.get()
    [secret] = re.findall(r"tts_[\w-]+", response.content.decode())
    assert digest_secret(secret) == key.digest
    assert key.scopes == "read act"
    assert key.youtube_share == 0.1
    assert "no-store" in response["Cache-Control"]
    assert secret not in str(response.cookies)
    assert secret not in str(admin_client.cookies)
    assert secret.startswith(key.prefix)
    again = admin_client.get(reverse(KEYS)).content.decode()
    assert secret not in again
    _, credential = BearerAuthentication().authenticate(
        Request(rf.get("/", headers={"Authorization": f"Bearer {secret}"}))
    )
    assert credential == key


@pytest.mark.parametrize("share", ["1.1", "-0.1", "nan", "inf", "much"])
def test_service_key_gets_no_share_beyond_a_day(admin_client, share):
    page = {"name": "shop", "scopes": ["read"], "youtube_share": share}
    response = admin_client.post(reverse("admin:accounts_servicekey_add"), page)
    assert list(response.context["adminform"].form.errors) == ["youtube_share"]
    assert not ServiceKey.objects.exists()


def test_keys_are_revoked_and_not_edited(admin_client):
    add_key()
    key = ServiceKey.objects.get()
    page = {"action": "revoke", "_selected_action": [key.pk]}
    assert "1 revoked." in admin_client.post(reverse(KEYS), page, follow=True).content.decode()
    assert "0 revoked." in admin_client.post(reverse(KEYS), page, follow=True).content.decode()
    key.refresh_from_db()
    assert key.revoked_at is not None
    address = reverse("admin:accounts_servicekey_change", args=[key.pk])
    assert admin_client.post(address, {"name": "other"}).status_code == 403


def test_tokens_cannot_be_made_for_others(admin_client):
    assert admin_client.get(reverse("admin:accounts_accesstoken_add")).status_code == 403


def test_paginator_counts_no_more_than_it_must(django_assert_num_queries, monkeypatch):
    ListenerFactory.create_batch(3)
    monkeypatch.setattr("accounts.paginator.MAX_COUNTED", 2)
    with django_assert_num_queries(1) as queries:
        assert BoundedPaginator(User.objects.order_by("pk"), 10).count == 2
    assert "LIMIT 2" in queries.captured_queries[0]["sql"]
    assert MAX_COUNTED == 10_000
