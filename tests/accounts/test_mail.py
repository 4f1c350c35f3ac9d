"""Mail, handed in to a real SMTP server."""

import re
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from tests.factories import ListenerFactory
from tests.servers.redis import find_free_port

pytestmark = pytest.mark.django_db(transaction=True)


class Inbox:
    """Keeps what it is handed; asks for a name and a password."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.credentials: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        mail.envelope_to = envelope.rcpt_tos
        self.mails.append(mail)
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        self.credentials.append((data.login, data.password))
        return AuthResult(success=True)


@pytest.fixture
def inbox(settings):
    inbox = Inbox()
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=find_free_port(),
        authenticator=inbox.authenticate,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "music", "pass/word"
    settings.DEFAULT_FROM_EMAIL = "TuneTrace <music@example.org>"
    yield inbox
    controller.stop()


@pytest.fixture
def ada():
    listener = ListenerFactory(email="ada@example.org")
    EmailAddress.objects.create(user=listener, email=listener.email, primary=True, verified=True)
    return listener


def test_mail_carries_the_site_its_sender_and_the_link_as_text_and_as_html(inbox, ada):
    answer = Client().post(reverse("account_reset_password"), {"email": ada.email})
    assert answer.status_code == 302
    [mail] = inbox.mails
    assert inbox.credentials == [(b"music", b"pass/word")]
    assert mail.envelope_to == ["ada@example.org"]
    assert mail["From"] == "TuneTrace <music@example.org>"
    assert mail["Subject"] == "[TuneTrace] Choose a new password"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    [link] = re.findall(r"http://testserver/\S+", text)
    assert f'<a href="{link}"' in html
    assert "TuneTrace" in text
    assert "TuneTrace" in html
    page = Client().get(link.removeprefix("http://testserver"), follow=True)
    assert "Choose a new password" in page.text


def test_what_a_stranger_wrote_is_no_markup_in_a_mail(inbox, ada):
    browser = Client(headers={"user-agent": "<img src=x onerror=alert(1)>"})
    browser.force_login(ada, "accounts.backends.EmailBackend")
    password = "another long pass phrase"
    form = {"oldpassword": "correct horse battery staple"}
    form |= {"password1": password, "password2": password}
    assert browser.post(reverse("account_change_password"), form).status_code == 302
    [mail] = inbox.mails
    assert "<img" in mail.get_body(("plain",)).get_content()
    assert "<img" not in mail.get_body(("html",)).get_content()


MAILS = ["account_already_exists", "email_added", "email_changed", "email_confirm"]
MAILS += ["email_confirmation", "email_confirmation_signup", "email_deleted", "password_changed"]
MAILS += ["password_reset", "password_reset_key", "password_set", "unknown_account"]


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_has_a_subject_and_both_bodies(inbox, rf, ada, name):
    from allauth.account.adapter import get_adapter
    from allauth.core import context

    request = rf.get("/")
    with context.request_context(request):
        get_adapter(request).send_mail(f"account/email/{name}", "ada@example.org", {"user": ada})
    [mail] = inbox.mails
    assert mail["Subject"].startswith("[TuneTrace] ")
    assert "example.com" not in mail.as_string()
    for kind in ("plain", "html"):
        assert "TuneTrace" in mail.get_body((kind,)).get_content()


SETTINGS = "from django.conf import settings as s; print(s.EMAIL_HOST, s.EMAIL_PORT, "
SETTINGS += "s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL, s.ACCOUNT_EMAIL_VERIFICATION)"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp+tls://u:p%2Fw@mail.example.org", "mail.example.org 587 p/w True False mandatory"),
        ("smtps://u:p@mail.example.org:4650", "mail.example.org 4650 p False True mandatory"),
        ("smtp://localhost", "localhost 25  False False mandatory"),
        ("console://", "localhost 25  False False none"),
        ("", "localhost 25  False False none"),
    ],
)
def test_settings_follow_from_one_url(tmp_path, url, expected):
    environment = {"EMAIL_URL": url, "STATE_DIR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "tunetrace_site.settings"
    shown = subprocess.run(
        [sys.executable, "-c", SETTINGS], env=environment, capture_output=True, text=True
    )
    assert shown.stdout.strip() == expected, shown.stderr


@pytest.mark.parametrize(
    ("host", "linked"),
    [
        ("music.example.org:666", "music.example.org"),
        ("music.example.org", "music.example.org"),
        ("music.example.org:8000", "music.example.org:8000"),  # where the site itself listens
        ("music.example.org:8443", "music.example.org:8443"),  # an origin that may post forms
    ],
)
def test_port_that_a_request_claims_does_not_get_into_mails(inbox, ada, settings, host, linked):
    settings.ALLOWED_HOSTS = ["music.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://music.example.org:8443"]
    for email in (ada.email, "nobody@example.org"):
        Client().post(reverse("account_reset_password"), {"email": email}, headers={"host": host})
    for mail in inbox.mails:
        text = mail.as_string()
        assert ":666" not in text
        assert f"//{linked}/" in text
