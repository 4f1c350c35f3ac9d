"""Who did what to whom is written down, by keys alone, and forgotten after half a year."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.auditing import KEPT_DAYS, forget_old_entries
from accounts.models import AccessToken, AuditEntry
from tests.factories import PASSWORD, ListenerFactory

pytestmark = pytest.mark.django_db

Kind = AuditEntry.Kind


@pytest.fixture(autouse=True)
def _nothing_was_noted_before():
    cache.clear()


def list_entries() -> list[tuple[str, int | None, int | None, str]]:
    rows = AuditEntry.objects.order_by("at")
    return list(rows.values_list("kind", "actor_pk", "subject_pk", "what"))


def sign_in(client: Client, email: str, password: str) -> int:
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code


def test_signing_in_and_out_is_noted():
    ada, browser = ListenerFactory(), Client()
    assert sign_in(browser, ada.email, PASSWORD) == 302
    browser.post("/accounts/logout/")
    assert list_entries() == [
        (Kind.SIGN_IN, ada.pk, ada.pk, ""),
        (Kind.SIGN_OUT, ada.pk, ada.pk, ""),
    ]


def test_wrong_password_is_noted_once_a_minute_and_without_what_was_typed():
    ada = ListenerFactory()
    for password in ("wrong", "wrong again", "s3cret"):
        sign_in(Client(), ada.email, password)
    sign_in(Client(), "nobody@example.org", "wrong")
    assert list_entries() == [
        (Kind.SIGN_IN_REFUSED, None, ada.pk, ""),
        (Kind.SIGN_IN_REFUSED, None, None, ""),
    ]


def test_use_of_a_token_is_noted_once_an_hour_and_a_wrong_one_is_too():
    token, secret = AccessToken.issue(user=ListenerFactory(), name="program")
    token.save()
    for _ in range(3):
        assert (
            Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code
            == 200
        )
        wrong = Client().post("/suggestions", headers={"Authorization": "Bearer ttu_wrong"})
        assert wrong.status_code == 401
    assert list_entries() == [
        (Kind.CREDENTIAL_USED, token.user_id, None, token.prefix),
        (Kind.CREDENTIAL_REFUSED, None, None, "bearer"),
    ]


def test_what_operators_do_in_admin_is_noted_with_the_listener(admin_client, superuser):
    ada = ListenerFactory()
    AuditEntry.objects.all().delete()
    data = {"action": "block", "_selected_action": [ada.pk]}
    assert admin_client.post("/admin/accounts/user/", data).status_code == 302
    admin_client.get(f"/admin/accounts/user/{ada.pk}/change/")  # looking is not noted
    admin_client.post(f"/admin/accounts/user/{ada.pk}/delete/", {"post": "yes"})
    assert list_entries() == [
        (Kind.ADMIN, superuser.pk, None, "block /admin/accounts/user/"),
        (Kind.ADMIN, superuser.pk, ada.pk, f"/admin/accounts/user/{ada.pk}/delete/"),
    ]


def test_refusal_of_somebody_who_is_signed_in_is_noted():
    browser = Client()
    staff = ListenerFactory(is_staff=True)
    browser.force_login(staff)
    browser.get("/admin/jsi18n/")
    AuditEntry.objects.all().delete()
    for _ in range(2):
        assert browser.get("/admin/accounts/user/").status_code == 403
    assert list_entries() == [(Kind.REFUSED, staff.pk, None, "GET /admin/accounts/user/")]


def test_operators_search_it_and_cannot_change_it(admin_client):
    ada, bob = ListenerFactory(email="ada@example.org"), ListenerFactory()
    AuditEntry.objects.create(kind=Kind.SIGN_IN, actor_pk=ada.pk, subject_pk=ada.pk)
    AuditEntry.objects.create(kind=Kind.SIGN_IN, actor_pk=bob.pk, subject_pk=bob.pk)
    page = admin_client.get("/admin/accounts/auditentry/", {"q": "ada@example.org"})
    assert f"listener {ada.pk}" in page.text
    assert f"listener {bob.pk}" not in page.text
    [entry] = AuditEntry.objects.filter(actor_pk=bob.pk)
    for address in ("add/", f"{entry.pk}/delete/"):
        assert admin_client.get(f"/admin/accounts/auditentry/{address}").status_code == 403
    assert admin_client.post(f"/admin/accounts/auditentry/{entry.pk}/change/").status_code == 403


def test_entries_are_kept_for_half_a_year():
    now = timezone.now()
    for days in (1, KEPT_DAYS - 1, KEPT_DAYS + 1, 1000):
        AuditEntry.objects.create(kind=Kind.SIGN_IN, at=now - timedelta(days=days))
    assert forget_old_entries() == 2
    assert AuditEntry.objects.count() == 2


def test_entries_hold_no_name_of_a_listener_who_left():
    ada = ListenerFactory(email="marked-name@example.org", display_name="marked-name")
    sign_in(Client(), ada.email, PASSWORD)
    sign_in(Client(), ada.email, "wrong")
    for entry in AuditEntry.objects.all():
        assert "marked-name" not in str(vars(entry))
