"""Nothing in admin touches an account above the one who acts, whatever permission they hold."""

import logging
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import ServiceKey, User
from tests.factories import ListenerFactory

from .admin_touches import CATALOGUE, POWERS, make_account_above, read_account, record_touches

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("admin_without_sidebar")]

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Of these no row belongs to anybody.
NOBODYS = {"music.QueryCache", "music.QuotaUsage", "accounts.ServiceKey", "accounts.AuditEntry"}
NOBODYS |= {"music.ScheduledJob"}
NOBODYS |= {model._meta.label for model in CATALOGUE}
PERMISSIONS = [
    f"{model._meta.app_label}.{action}_{model._meta.model_name}"
    for model in REGISTERED
    for action in ("add", "change", "delete", "view")
]


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Formatting thousands of refusals for the log takes most of the time."""
    caplog.set_level(logging.CRITICAL, "django.request")


@pytest.fixture
def owner():
    return make_account_above()


@pytest.fixture
def touches(owner):
    superuser = Client()
    superuser.force_login(ListenerFactory(is_staff=True, is_superuser=True))
    return record_touches(superuser, owner)


def make_staff(*names: str) -> User:
    staff = ListenerFactory(is_staff=True)
    for name in names:
        app, codename = name.split(".")
        staff.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return staff


def assert_out_of_reach(staff: User, owner: User, touches: list) -> None:
    before, powers = read_account(owner), staff.get_all_permissions()
    client = Client()
    client.force_login(staff)
    for touch in touches:
        response = touch.send(client)
        assert response.status_code < 500, touch
        if response.status_code != 403:
            assert read_account(owner) == before, touch
    assert read_account(owner) == before
    staff = User.objects.get(pk=staff.pk)
    assert (staff.is_superuser, staff.get_all_permissions()) == (False, powers)


def find_effective(staff: User, owner: User, touches: list) -> list:
    """The touches that change the account when ``staff`` send them; nothing stays changed."""
    client = Client()
    client.force_login(staff)
    before, session = read_account(owner), client.cookies["sessionid"].value
    found = []
    for touch in touches:
        with transaction.atomic():
            touch.send(client)
            if read_account(owner) != before:
                found.append(touch)
            transaction.set_rollback(True)
        client.cookies["sessionid"] = session
    return found


@pytest.mark.timeout(900)  # thousands of requests
@pytest.mark.parametrize("every", [60, pytest.param(1, marks=pytest.mark.slow)])
def test_no_single_permission_reaches_an_account_above(owner, touches, every):
    """With each permission what its own model's pages take; with ``every`` so many all the rest."""
    touched = {touch.model._meta.label for touch in touches}
    assert touched == {model._meta.label for model in REGISTERED} - NOBODYS
    doors = {(touch.address, dict(touch.data).get("action")): touch for touch in touches}
    for n, name in enumerate(PERMISSIONS):
        model = name.rpartition("_")[2]
        inside = [touch for touch in touches if touch.model._meta.model_name == model]
        others = doors.values() if n % every == 0 else ()
        assert_out_of_reach(make_staff(name), owner, [*inside, *others])


@pytest.mark.parametrize("every", [2, pytest.param(1, marks=pytest.mark.slow)])
def test_all_permissions_together_reach_a_listener_but_no_other_operator(owner, touches, every):
    """With ``every`` 2 one half of the touches is tried on a superuser, one on other staff."""
    assert_out_of_reach(make_staff(*PERMISSIONS), owner, touches[::every])
    User.objects.filter(pk=owner.pk).update(is_superuser=False)
    assert_out_of_reach(make_staff(*PERMISSIONS), owner, touches[every - 1 :: every])

    User.objects.filter(pk=owner.pk).update(is_staff=False)
    effective = find_effective(make_staff(*PERMISSIONS), owner, touches)
    everything = {touch.model for touch in touches}
    assert {touch.model for touch in effective} == everything - set(POWERS)


def test_staff_cannot_add_an_address_to_a_superuser_and_reset_by_it():
    superuser = ListenerFactory(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(make_staff("account.add_emailaddress"))
    data = {"user": superuser.pk, "email": "mine@example.test", "verified": "on"}
    assert client.post(reverse("admin:account_emailaddress_add"), data).status_code == 200
    assert not EmailAddress.objects.filter(email="mine@example.test").exists()
    Client().post(reverse("account_reset_password"), {"email": "mine@example.test"})
    assert not any(re.search("password/reset/key", message.body) for message in mail.outbox)


def test_staff_cannot_add_a_permission_to_their_own_group():
    staff = make_staff("auth.change_group", "auth.view_group")
    group = Group.objects.create(name="Helpers")
    staff.groups.add(group)
    client = Client()
    client.force_login(staff)
    permissions = list(Permission.objects.values_list("pk", flat=True))
    address = reverse("admin:auth_group_change", args=[group.pk])
    assert client.post(address, {"name": "Helpers", "permissions": permissions}).status_code == 403
    assert group.permissions.count() == 0


def test_staff_cannot_make_a_service_key_that_speaks_for_everybody():
    client = Client()
    client.force_login(make_staff("accounts.add_servicekey"))
    assert client.post(reverse("admin:accounts_servicekey_add"), {"name": "x"}).status_code == 403
    assert not ServiceKey.objects.exists()


def test_action_says_how_many_rows_it_left_alone(owner):
    client = Client()
    client.force_login(make_staff("accounts.change_user", "accounts.view_user"))
    data = {"action": "unblock", "_selected_action": [owner.pk, ListenerFactory().pk]}
    page = client.post(reverse("admin:accounts_user_changelist"), data, follow=True)
    assert "1 row(s) of other operators were left alone." in page.content.decode()
