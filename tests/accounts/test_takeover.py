"""What a stolen session, a guessed address or a quicker stranger cannot do."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AccessToken, User
from accounts.tokens import issue_token
from tests.factories import PASSWORD, ListenerFactory

# Mail goes out after the commit.
pytestmark = pytest.mark.django_db(transaction=True)

NEW_PASSWORD = "another long pass phrase"
BACKEND = "accounts.backends.EmailBackend"


@pytest.fixture
def ada():
    listener = ListenerFactory(email="ada@example.org")
    EmailAddress.objects.create(user=listener, email=listener.email, primary=True, verified=True)
    return listener


@pytest.fixture
def stolen(ada) -> Client:
    """A browser with Ada's session, whose user does not know her password."""
    browser = Client()
    browser.force_login(ada, BACKEND)
    return browser


@pytest.fixture
def _mail_works(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def sign_up(email: str, password: str = PASSWORD):
    form = {"email": email, "password1": password}
    return Client().post(reverse("account_signup"), form)


def sign_in(email: str, password: str) -> bool:
    browser = Client()
    browser.post(reverse("account_login"), {"login": email, "password": password})
    return browser.get(reverse("tokens")).status_code == 200


def find_link(mail) -> str:
    return re.search(r"http://testserver(/\S+)", mail.body)[1]


def confirm(mail):
    return Client().post(find_link(mail))


CHANGES = [
    ("account_email", {"action_add": "", "email": "thief@example.org"}),
    ("account_email", {"action_primary": "", "email": "second@example.org"}),
    ("account_email", {"action_remove": "", "email": "second@example.org"}),
]


@pytest.mark.parametrize(("name", "form"), CHANGES)
def test_stolen_session_changes_no_address_without_the_password(stolen, ada, name, form):
    EmailAddress.objects.create(user=ada, email="second@example.org", verified=True)
    before = list(EmailAddress.objects.order_by("pk").values())
    answer = stolen.post(reverse(name), form)
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert list(EmailAddress.objects.order_by("pk").values()) == before
    stolen.post(answer.url, {"password": "wrong"})
    assert list(EmailAddress.objects.order_by("pk").values()) == before
    stolen.post(answer.url, {"password": PASSWORD})
    assert list(EmailAddress.objects.order_by("pk").values()) != before


def test_stolen_session_changes_no_password(stolen, ada):
    form = {"oldpassword": "wrong", "password1": NEW_PASSWORD}
    assert stolen.post(reverse("account_change_password"), form).status_code == 200
    assert sign_in(ada.email, PASSWORD)


def test_stolen_session_sets_no_password_where_there_is_none(ada, mailoutbox):
    ada.set_unusable_password()
    ada.save()
    browser = Client()
    browser.force_login(ada, BACKEND)
    answer = browser.post(reverse("account_set_password"), {"password1": NEW_PASSWORD})
    assert answer.url.startswith(reverse("account_request_reauthentication_code"))
    assert not User.objects.get(pk=ada.pk).has_usable_password()


def test_old_address_is_told_of_a_new_one(stolen, mailoutbox):
    stolen.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    stolen.post(reverse("account_email"), {"action_add": "", "email": "new@example.org"})
    told = {mail.to[0]: mail.subject for mail in mailoutbox}
    assert told["ada@example.org"] == "[TuneTrace] An email address was added to your account"
    [link] = [mail for mail in mailoutbox if mail.to == ["new@example.org"]]
    confirm(link)
    mailoutbox.clear()
    stolen.post(reverse("account_email"), {"action_primary": "", "email": "new@example.org"})
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]
    assert User.objects.get().email == "new@example.org"


def test_change_of_the_password_is_told(stolen, mailoutbox):
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert stolen.post(reverse("account_change_password"), form).status_code == 302
    [mail] = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert "password has been changed" in mail.body


def reset_by_mail(ada, mailoutbox):
    Client().post(reverse("account_reset_password"), {"email": ada.email})
    browser = Client()
    page = browser.get(find_link(mailoutbox[-1]), follow=True)
    browser.post(page.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})


def change_by_page(ada, mailoutbox):
    browser = Client()
    browser.force_login(ada, BACKEND)
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    browser.post(reverse("account_change_password"), form)


def change_by_admin(ada, mailoutbox):
    browser = Client()
    browser.force_login(ListenerFactory(is_staff=True, is_superuser=True), BACKEND)
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    browser.post(reverse("admin:auth_user_password_change", args=[ada.pk]), form)


def change_on_console(ada, mailoutbox, monkeypatch=None):
    user = User.objects.get(pk=ada.pk)
    user.set_password(NEW_PASSWORD)
    user.save()


@pytest.mark.parametrize(
    "change", [reset_by_mail, change_by_page, change_by_admin, change_on_console]
)
def test_new_password_ends_tokens_and_sessions(ada, stolen, mailoutbox, change):
    issue_token(ada, "program")
    others, _ = issue_token(ListenerFactory(), "another's")
    change(ada, mailoutbox)
    assert sign_in(ada.email, NEW_PASSWORD)
    assert list(AccessToken.objects.valid()) == [others]
    assert stolen.get(reverse("tokens")).status_code == 302


def test_better_hash_of_the_same_password_ends_nothing(ada, settings):
    issue_token(ada, "program")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert sign_in(ada.email, PASSWORD)
    assert User.objects.get().password.startswith("pbkdf2_sha256$")
    assert AccessToken.objects.valid().count() == 1


def test_reset_goes_to_no_address_that_is_not_verified(ada, mailoutbox):
    EmailAddress.objects.create(user=ada, email="thief@example.org")
    Client().post(reverse("account_reset_password"), {"email": "thief@example.org"})
    [mail] = mailoutbox
    assert "password/reset/key" not in mail.body
    assert "/accounts/confirm-email/" in mail.body


def test_owner_of_an_unverified_account_verifies_and_then_resets(mailoutbox):
    listener = ListenerFactory(email="eve@example.org")
    Client().post(reverse("account_reset_password"), {"email": listener.email})
    confirm(mailoutbox[-1])
    Client().post(reverse("account_reset_password"), {"email": listener.email})
    assert "/accounts/password/reset/key/" in mailoutbox[-1].body


@pytest.mark.usefixtures("_mail_works")
def test_address_is_held_for_nobody_until_it_is_verified(mailoutbox):
    sign_up("eve@example.org", "the squatter's pass phrase")
    sign_up("eve@example.org")
    assert User.objects.count() == 2
    assert [mail.to for mail in mailoutbox] == [["eve@example.org"]] * 2
    confirm(mailoutbox[1])
    assert sign_in("eve@example.org", PASSWORD)
    assert not sign_in("eve@example.org", "the squatter's pass phrase")
    assert User.objects.count() == 1
    assert "confirm-email" in find_link(mailoutbox[0])
    assert confirm(mailoutbox[0]).status_code == 404


@pytest.mark.usefixtures("_mail_works")
def test_address_claimed_by_an_account_in_use_goes_to_who_proves_it(mailoutbox, ada):
    EmailAddress.objects.create(user=ada, email="eve@example.org")
    sign_up("eve@example.org", NEW_PASSWORD)
    confirm(mailoutbox[-1])
    assert sign_in("eve@example.org", NEW_PASSWORD)
    assert sign_in(ada.email, PASSWORD)
    assert list(EmailAddress.objects.filter(user=ada).values_list("email", flat=True)) == [
        ada.email
    ]


def test_taken_address_becomes_nobodys_primary(ada, mailoutbox):
    other = ListenerFactory(email="eve@example.org")
    EmailAddress.objects.create(user=other, email=other.email, primary=True)
    browser = Client()
    browser.force_login(other, BACKEND)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.post(reverse("account_email"), {"action_add": "", "email": ada.email})
    answer = browser.post(reverse("account_email"), {"action_primary": "", "email": ada.email})
    assert answer.status_code == 302
    assert sign_in(ada.email, PASSWORD)
    [link] = [mail for mail in mailoutbox if mail.to == [ada.email]]
    assert confirm(link).status_code == 302
    assert not EmailAddress.objects.get(user=other, email=ada.email).verified


@pytest.mark.usefixtures("_mail_works")
def test_sign_up_does_not_tell_who_has_an_account(ada, mailoutbox, monkeypatch):
    hashed, set_password = [], User.set_password
    monkeypatch.setattr(
        User, "set_password", lambda self, raw: (hashed.append(raw), set_password(self, raw))
    )
    taken = sign_up(ada.email, "first pass phrase")
    new = sign_up("new@example.org", "first pass phrase")
    assert (taken.status_code, taken.url) == (new.status_code, new.url)
    pages = [
        re.sub(r'value="\w{64}"|\S+@example.org', "", Client().get(answer.url).text)
        for answer in (taken, new)
    ]
    assert pages[0] == pages[1]
    assert hashed == ["first pass phrase"] * 2
    subjects = {mail.to[0]: mail.subject for mail in mailoutbox}
    assert subjects == {
        ada.email: "[TuneTrace] You have an account already",
        "new@example.org": "[TuneTrace] Confirm your email address",
    }


@pytest.mark.usefixtures("_mail_works")
def test_nobody_signs_in_before_the_address_is_proven(mailoutbox):
    sign_up("eve@example.org")
    assert not sign_in("eve@example.org", PASSWORD)
    confirm(mailoutbox[0])
    assert sign_in("eve@example.org", PASSWORD)


def count_statuses(act, n: int) -> list[int]:
    def run(_: int) -> int:
        try:
            return act().status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(n) as pool:
        return sorted(pool.map(run, range(n)))


def test_of_four_sign_ups_with_one_address_at_once_one_wins():
    statuses = count_statuses(lambda: sign_up("eve@example.org"), 4)
    assert statuses == [200, 200, 200, 302]
    assert User.objects.count() == 1
    assert "already registered" in sign_up("eve@example.org").text


@pytest.mark.usefixtures("_mail_works")
def test_four_sign_ups_with_one_address_at_once_all_wait_for_their_mail(mailoutbox):
    assert count_statuses(lambda: sign_up("eve@example.org"), 4) == [302] * 4
    links = [mail for mail in mailoutbox if mail.to == ["eve@example.org"]]
    cache.clear()
    statuses = iter(links)
    assert all(status < 500 for status in count_statuses(lambda: confirm(next(statuses)), 3))
    assert EmailAddress.objects.filter(verified=True).count() == 1


def test_operator_made_on_the_console_has_a_proven_address(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="op@example.org", interactive=False, verbosity=0)
    assert EmailAddress.objects.get(email="op@example.org").verified
    assert sign_in("op@example.org", PASSWORD)


def test_many_who_claim_one_address_cost_few_hashes(monkeypatch):
    for _ in range(12):
        ListenerFactory(email="eve@example.org")
    tried, check = [], User.check_password
    monkeypatch.setattr(User, "check_password", lambda s, raw: (tried.append(s), check(s, raw))[1])
    assert not sign_in("eve@example.org", "wrong")
    assert len(tried) == 5
