"""Accounts over two real databases: what django-allauth writes and sends, too."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_added, user_signed_up
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends import locmem
from django.db import connections, transaction
from django.test import Client

from accounts.models import User
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.unit import on_commit, run_unit, unit_of_work

from .rows import assert_equal_databases

PASSWORD = "secret-word-9"
after_next_mail = []


class Mailbox(locmem.EmailBackend):
    """Keeps the mails; a test may break a database right after one has left."""

    def send_messages(self, messages):
        n_sent = super().send_messages(messages)
        while after_next_mail:
            after_next_mail.pop()()
        return n_sent


@pytest.fixture(autouse=True)
def mailbox(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Mailbox"
    after_next_mail.clear()
    # allauth counts there how many mails an address has been sent lately.
    cache.clear()
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def browser(pair):
    """The browser of a listener who has signed up as old@example.org and is signed in."""
    browser = Client()
    form = {"email": "old@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert browser.post("/accounts/signup/", form).status_code == 302
    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    run_unit(lambda: EmailAddress.objects.update(verified=True))
    mail.outbox.clear()
    return browser


def add_email(browser, address):
    return browser.post("/accounts/email/", {"action_add": "", "email": address})


def confirm_email():
    [message] = [message for message in mail.outbox if message.to == ["new@example.org"]]
    [path] = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", message.body)
    return Client().post(path)


def change_email(browser, address):
    assert add_email(browser, address).status_code == 302
    assert confirm_email().status_code == 302
    answer = browser.post("/accounts/email/", {"action_primary": "", "email": address})
    assert answer.status_code == 302


def can_sign_in(address):
    form = {"login": address, "password": PASSWORD}
    return Client().post("/accounts/login/", form).status_code == 302


@pytest.mark.parametrize("preference", ["postgres", "sqlite"], indirect=True)
def test_change_of_email_reaches_both_and_survives_a_failover(browser, pair, sync, preference):
    change_email(browser, "new@example.org")

    rows = assert_equal_databases()
    assert sum(table == "account_emailaddress" for table, _ in rows) == 2
    assert User.objects.using(SQLITE).get().email == "new@example.org"
    pair.server.kill()
    try:
        assert "new@example.org" in browser.get("/accounts/email/").text
        assert can_sign_in("new@example.org")
    finally:
        pair.server.start()
    sync()
    assert_equal_databases()


def test_change_of_email_needs_no_database_but_its_own(browser, pair, sync, settings):
    """allauth then opens a transaction without saying where (``add_new_email``)."""
    settings.ACCOUNT_CHANGE_EMAIL = True
    with pair.sqlite_locked():
        assert add_email(browser, "new@example.org").status_code == 302
    confirm_email()
    sync()
    assert_equal_databases()
    assert User.objects.get().email == "new@example.org"


@pytest.mark.parametrize("alias", [POSTGRES, SQLITE])
def test_transaction_without_a_name_is_the_units(pair, alias):
    with pinned(alias), unit_of_work():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            User.objects.create(user_id="undone")
            1 / 0  # noqa: B018
        with transaction.atomic():
            User.objects.create(user_id="kept")
        others = {SQLITE, POSTGRES} - {alias}
        assert not any(connections[other].in_atomic_block for other in others)
    assert [user.user_id for user in User.objects.all()] == ["kept"]
    assert_equal_databases()


def test_mail_is_sent_though_the_unit_that_ordered_it_was_lost(browser, pair, sync):
    def kill(**kwargs):
        email_added.disconnect(kill)
        pair.server.kill()

    email_added.connect(kill)
    try:
        assert add_email(browser, "new@example.org").status_code == 302
    finally:
        pair.server.start()
    told = sorted(message.to for message in mail.outbox)
    assert told == [["new@example.org"], ["old@example.org"]]
    sync()
    assert_equal_databases()


@pytest.mark.parametrize("preference", ["postgres", "sqlite"], indirect=True)
def test_sign_up_that_lost_its_database_half_way_is_whole(pair, sync, preference):
    """Its unit begins after the password was hashed, and has all its rows."""

    def kill(**kwargs):
        user_signed_up.disconnect(kill)
        pair.server.kill()

    user_signed_up.connect(kill)
    try:
        answer = Client().post(
            "/accounts/signup/", {"email": "ann@example.org", "password1": PASSWORD}
        )
    finally:
        pair.server.start()
    assert answer.status_code == 302
    sync()
    tables = [table for table, _ in assert_equal_databases()]
    assert (tables.count("accounts_user"), tables.count("account_emailaddress")) == (1, 1)
    assert can_sign_in("ann@example.org")


def test_sign_up_that_fails_half_way_leaves_nothing(pair):
    def fail(**kwargs):
        user_signed_up.disconnect(fail)
        raise ZeroDivisionError

    user_signed_up.connect(fail)
    form = {"email": "ann@example.org", "password1": PASSWORD}
    answer = Client(raise_request_exception=False).post("/accounts/signup/", form)
    assert answer.status_code == 500
    assert not User.objects.exists()
    assert_equal_databases()


def test_mail_is_sent_once_though_the_unit_runs_twice(browser, pair, sync):
    after_next_mail.append(pair.server.kill)
    try:
        answer = browser.post("/accounts/password/reset/", {"email": "old@example.org"})
    finally:
        pair.server.start()
    assert answer.status_code == 302
    assert [message.to for message in mail.outbox] == [["old@example.org"]]
    sync()
    assert_equal_databases()


def test_mail_of_a_unit_that_is_undone_is_not_sent(browser, settings):
    settings.ROOT_URLCONF = "tests.tunetrace_site.replication.urls"
    browser.post("/test/mail", {"status": 400})
    assert mail.outbox == []
    browser.post("/test/mail", {"status": 200})
    assert len(mail.outbox) == 1


def test_on_commit_without_a_name_waits_for_the_unit(pair):
    seen = []

    def action():
        transaction.on_commit(lambda: seen.append("bare"))
        on_commit(lambda: seen.append("ours"))
        assert seen == []

    run_unit(action)
    assert sorted(seen) == ["bare", "ours"]


def make_code(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.mark.parametrize("preference", ["postgres", "sqlite"], indirect=True)
def test_second_factor_is_in_both_and_asked_for_after_a_failover(browser, pair, sync, preference):
    secret = browser.get("/accounts/2fa/totp/activate/").context["form"].secret
    form = {"code": make_code(secret)}
    assert browser.post("/accounts/2fa/totp/activate/", form).status_code == 302
    tables = [table for table, _ in assert_equal_databases()]
    assert tables.count("mfa_authenticator") == 2  # the app, and recovery codes
    assert tables.count("usersessions_usersession") == 1
    pair.server.kill()
    try:
        other = Client()
        form = {"login": "old@example.org", "password": PASSWORD}
        assert other.post("/accounts/login/", form).url == "/accounts/2fa/authenticate/"
        form = {"code": make_code(secret, 1)}
        assert other.post("/accounts/2fa/authenticate/", form).status_code == 302
        assert other.get("/account/tokens/").status_code == 200
    finally:
        pair.server.start()
    sync()
    tables = [table for table, _ in assert_equal_databases()]
    assert tables.count("usersessions_usersession") == 2


def test_operators_page_is_answered_by_the_other_database(pair, sync, settings):
    settings.OPERATORS_NEED_SECOND_FACTOR = True
    run_unit(lambda: User.objects.create_superuser("op@example.org", PASSWORD))
    client = Client()
    client.post("/accounts/login/", {"login": "op@example.org", "password": PASSWORD})
    pair.server.kill()
    try:
        assert client.get("/admin/").url == "/accounts/2fa/"
        settings.OPERATORS_NEED_SECOND_FACTOR = False
        assert client.get("/admin/").status_code == 200
    finally:
        pair.server.start()
    sync()


def test_signing_out_everywhere_holds_in_both(browser, pair, sync):
    assert browser.post("/account/sessions/end/", {"which": "all"}).status_code == 302
    assert User.objects.using(SQLITE).get().n_sign_outs == 1
    assert_equal_databases()
    assert browser.get("/account/tokens/").status_code == 302
