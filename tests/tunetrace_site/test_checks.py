"""Each check: silent when all is well, and with its id, the value and the fix when it is not."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from music.api.permissions import Everyone
from tests.servers.site import ROOT
from tunetrace_site import checks


def ids(messages) -> list[str]:
    return [message.id for message in messages]


def test_settings_of_the_tests_are_well():
    assert [m for m in run_checks() if m.id.startswith("tunetrace.")] == []


@pytest.fixture
def _public(settings):
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["music.example.org", "localhost"]


@pytest.mark.usefixtures("_public")
def test_published_secret_key_is_an_error_where_others_are_let_in_e001(settings):
    settings.SECRET_KEY = settings.DEVELOPMENT_SECRET_KEY
    (message,) = checks.check_secret_key(None)
    assert message.id == "tunetrace.E001"
    assert "music.example.org" in message.msg
    assert "SECRET_KEY" in message.hint
    with pytest.raises(CommandError, match=r"tunetrace\.E001"):
        call_command("check")


@pytest.mark.parametrize(
    ("debug", "hosts", "secret"),
    [
        (True, ["music.example.org"], None),
        (False, ["localhost", "127.0.0.1", "[::1]"], None),
        (False, ["music.example.org"], "a key of its own"),
    ],
)
def test_published_secret_key_is_fine_at_home(settings, debug, hosts, secret):
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, hosts
    settings.SECRET_KEY = secret or settings.DEVELOPMENT_SECRET_KEY
    assert checks.check_secret_key(None) == []


def test_published_secret_key_is_never_deployed_e002(settings):
    settings.DEBUG = False
    settings.SECRET_KEY = settings.DEVELOPMENT_SECRET_KEY
    assert ids(checks.check_secret_key_in_production(None)) == ["tunetrace.E002"]
    assert "tunetrace.E002" not in ids(run_checks())
    assert "tunetrace.E002" in ids(run_checks(include_deployment_checks=True))
    settings.SECRET_KEY = "a key of its own"
    assert checks.check_secret_key_in_production(None) == []


def test_mail_backend_that_cannot_be_imported_is_an_error_e005(settings):
    settings.EMAIL_BACKEND = "post.Office"
    (message,) = checks.check_email_backend(None)
    assert message.id == "tunetrace.E005"
    assert "EMAIL_BACKEND='post.Office'" in message.msg


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((None, None, None), []),
        (("https://id.example.org", "a", "b"), []),
        (("https://id.example.org", None, "b"), ["tunetrace.E020"]),
        ((None, "a", None), ["tunetrace.E020"]),
    ],
)
def test_part_of_a_providers_settings_is_an_error_e020(settings, values, expected):
    settings.OIDC_SERVER_URL, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = values
    messages = checks.check_openid_connect(None)
    assert [message.id for message in messages] == expected
    if messages:
        assert "OIDC_CLIENT_ID" in messages[0].msg


MAIL = "django.core.mail.backends"


@pytest.mark.parametrize(
    ("backend", "hosts", "words"),
    [
        ("console", ["music.example.org"], ["are printed to the log"]),
        ("dummy", ["music.example.org"], ["No mail can be sent"]),
        ("console", ["localhost"], []),
        ("smtp", ["music.example.org"], []),
    ],
)
def test_mail_that_reaches_nobody_is_a_warning_w020(settings, backend, hosts, words):
    settings.DEBUG, settings.ALLOWED_HOSTS = False, hosts
    settings.EMAIL_BACKEND = f"{MAIL}.{backend}.EmailBackend"
    messages = checks.check_mail_reaches_people(None)
    assert [message.id for message in messages] == ["tunetrace.W020"] * len(words)
    assert all(word in message.msg for word, message in zip(words, messages, strict=True))


@pytest.mark.parametrize(
    ("backend", "sender", "expected"),
    [
        ("smtp", "TuneTrace <noreply@localhost>", ["tunetrace.W021"]),
        ("smtp", "TuneTrace <music@example.org>", []),
        ("dummy", "noreply@localhost", []),
    ],
)
def test_sender_that_nobody_knows_is_a_warning_w021(settings, backend, sender, expected):
    settings.EMAIL_BACKEND, settings.DEFAULT_FROM_EMAIL = f"{MAIL}.{backend}.EmailBackend", sender
    assert [message.id for message in checks.check_sender(None)] == expected


@pytest.mark.parametrize(
    ("mirror", "store", "expected"),
    [
        ("none", None, ["tunetrace.W022"]),
        ("none", "s3://bucket", []),
        ("on", None, []),
    ],
)
def test_machines_without_a_common_index_are_a_warning_w022(settings, mirror, store, expected):
    settings.SQLITE_MIRROR, settings.INDEX_STORE_URL = mirror, store
    assert [message.id for message in checks.check_index_store(None)] == expected


@pytest.mark.parametrize(
    ("client_id", "secret", "expected"),
    [
        (None, None, []),
        ("id", "secret", []),
        ("id", None, ["tunetrace.E003"]),
        (None, "secret", ["tunetrace.E003"]),
    ],
)
def test_half_of_googles_credentials_is_an_error_e003(settings, client_id, secret, expected):
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = client_id, secret
    messages = checks.check_google(None)
    assert ids(messages) == expected
    assert all("GOOGLE_CLIENT" in message.hint for message in messages)


def test_unauthenticated_user_ids_are_warned_of_w001(settings):
    assert checks.check_unauthenticated_user_id(None) == []
    settings.ALLOW_UNAUTHENTICATED_USER_ID = True
    assert ids(checks.check_unauthenticated_user_id(None)) == ["tunetrace.W001"]


@pytest.mark.usefixtures("_public")
def test_debug_in_public_is_warned_of_w002(settings):
    assert checks.check_debug(None) == []
    settings.DEBUG = True
    assert ids(checks.check_debug(None)) == ["tunetrace.W002"]
    settings.ALLOWED_HOSTS = ["localhost"]
    assert checks.check_debug(None) == []


@pytest.mark.parametrize(
    ("token", "expected"), [(None, []), ("a" * 16, []), ("short", ["tunetrace.W003"])]
)
def test_short_metrics_token_is_warned_of_w003(settings, token, expected):
    settings.METRICS_TOKEN = token
    assert ids(checks.check_metrics_token(None)) == expected


def test_endpoint_without_a_key_is_warned_of_w004(settings):
    settings.YOUTUBE_API_ENDPOINT, settings.YOUTUBE_API_KEY = "http://localhost:1", None
    assert ids(checks.check_youtube_endpoint(None)) == ["tunetrace.W004"]
    settings.YOUTUBE_API_KEY = "key"
    assert checks.check_youtube_endpoint(None) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", []),
        ("postgres://localhost/a", []),
        ("postgresql://localhost/a", []),
        ("mysql://root:secret@localhost/a", ["tunetrace.W005"]),
    ],
)
def test_legacy_url_that_is_not_used_is_warned_of_w005(monkeypatch, url, expected):
    monkeypatch.setenv("DATABASE_URL", url)
    messages = checks.check_legacy_database_url(None)
    assert ids(messages) == expected
    assert all("secret" not in str(message) for message in messages)


class Declared(APIView):
    permission_classes = [Everyone]


class Inherited(Declared):
    pass


class Silent(APIView):
    pass


def page(request):
    return None


def other_page(request):
    return None


def routes(*entries) -> SimpleNamespace:
    return SimpleNamespace(url_patterns=[path(f"r{n}/", view) for n, view in enumerate(entries)])


@pytest.mark.parametrize(
    ("view", "declares"),
    [
        (Declared.as_view(), True),
        (Inherited.as_view(), True),
        (Silent.as_view(permission_classes=[AllowAny]), True),
        (Silent.as_view(), False),
        (page, False),
        (login_not_required(lambda request: None), True),
        (login_required(other_page), True),
    ],
)
def test_view_declares_who_may_see_it_or_not(monkeypatch, view, declares):
    monkeypatch.setattr(checks, "OUR_PACKAGES", ("tests.", "music."))
    assert checks.declares_access(view) is declares


def test_route_that_says_nothing_is_an_error_e004(monkeypatch):
    monkeypatch.setattr(checks, "OUR_PACKAGES", ("tests.", "music."))
    monkeypatch.setattr(
        checks, "get_resolver", lambda: routes(Silent.as_view(), Declared.as_view())
    )
    (message,) = checks.check_routes(None)
    assert message.id == "tunetrace.E004"
    assert "/r0/" in message.msg


def test_routes_of_routes_are_walked(monkeypatch):
    inner = [path("b/", page), path("c/", other_page)]
    outer = SimpleNamespace(url_patterns=[path("a/", include(inner)), path("d/", page)])
    monkeypatch.setattr(checks, "get_resolver", lambda: outer)
    assert [route for route, _ in checks.list_routes()] == ["a/b/", "a/c/", "d/"]


def test_admin_is_loaded_for_its_checks_and_not_before(tmp_path):
    code = (
        "import sys, django\n"
        "django.setup()\n"
        "from django.contrib import admin\n"
        "from django.core.checks import run_checks\n"
        "from music.models import Song\n"
        "is_loaded = 'music.admin' in sys.modules\n"
        "run_checks(tags=['admin'])\n"
        "print(is_loaded, admin.site.is_registered(Song))\n"
        "type(admin.site._registry[Song]).list_display = ['nothing']\n"
        "print([message.id for message in run_checks(tags=['admin'])])\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
        "STATE_DIR": str(tmp_path),
    }
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
    ).stdout.decode()
    assert said == "False True\n['admin.E108']\n"
