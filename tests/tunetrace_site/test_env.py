"""One variable: read, or refused by name with what was read and what is allowed."""

import os
import runpy

import pytest
from django.core.exceptions import ImproperlyConfigured

from tunetrace_site import env

NAME = "TUNETRACE_TEST_VARIABLE"

# Settings are run once more beside those of this process, on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:'tunetrace_site.settings' found in sys.modules")


@pytest.fixture
def put(monkeypatch):
    return lambda value: monkeypatch.setenv(NAME, value)


def test_unset_and_empty_are_the_default(put):
    assert env.read_text(NAME) is None
    assert env.read_text(NAME, "x") == "x"
    put("  ")
    assert env.read_text(NAME, "x") == "x"
    assert env.read_bool(NAME, True) is True
    assert env.read_int(NAME, 5, minimum=1, maximum=9) == 5
    assert env.read_float(NAME, 0.5, minimum=0, maximum=1) == 0.5
    assert env.read_choice(NAME, "a", ("a", "b")) == "a"
    assert env.read_list(NAME, ("a",)) == ["a"]
    assert env.read_url(NAME, ("http",)) is None
    assert env.read_origins(NAME) == []


def test_spaces_around_a_text_are_dropped(put):
    put("  value ")
    assert env.read_text(NAME) == "value"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((text, True) for text in ("true", "TRUE", "1", "yes", "on")),
        *((text, False) for text in ("false", "0", "No", "off")),
    ],
)
def test_truth_is_read(put, value, expected):
    put(value)
    assert env.read_bool(NAME, not expected) is expected


def test_list_is_read_without_spaces_and_empty_words(put):
    put(" a, b ,,c ")
    assert env.read_list(NAME) == ["a", "b", "c"]


def test_numbers_at_their_limits_are_read(put):
    put("9")
    assert env.read_int(NAME, 5, minimum=1, maximum=9) == 9
    put("0.25")
    assert env.read_float(NAME, 0.5, minimum=0.25, maximum=1) == 0.25


def test_choice_is_read_in_any_case(put):
    put("SQLite")
    assert env.read_choice(NAME, "postgres", ("postgres", "sqlite")) == "sqlite"


def test_origins_are_read(put):
    put("https://a.example, http://b.example:8080")
    assert env.read_origins(NAME) == ["https://a.example", "http://b.example:8080"]


@pytest.mark.parametrize(
    ("value", "read", "allowed"),
    [
        ("maybe", lambda: env.read_bool(NAME, True), "true or false"),
        ("ten", lambda: env.read_int(NAME, 1, minimum=1, maximum=9), "a whole number from 1 to 9"),
        ("10", lambda: env.read_int(NAME, 1, minimum=1, maximum=9), "a whole number from 1 to 9"),
        ("1.5", lambda: env.read_int(NAME, 1, minimum=1, maximum=9), "a whole number from 1 to 9"),
        ("x", lambda: env.read_float(NAME, 1, minimum=0, maximum=1), "a number from 0 to 1"),
        ("nan", lambda: env.read_float(NAME, 1, minimum=0, maximum=1), "a number from 0 to 1"),
        ("inf", lambda: env.read_float(NAME, 1, minimum=0, maximum=1), "a number from 0 to 1"),
        ("c", lambda: env.read_choice(NAME, "a", ("a", "b")), "a or b"),
        ("a.example", lambda: env.read_origins(NAME), "origins such as"),
        ("https://a.example/x", lambda: env.read_origins(NAME), "origins such as"),
        ("ftp://a", lambda: env.read_url(NAME, ("http", "https")), "http:// or https://"),
        ("localhost", lambda: env.read_url(NAME, ("redis",)), "redis://"),
        ("http://[::1", lambda: env.read_url(NAME, ("http",)), "a well-formed URL"),
        ("mysql:///a", lambda: env.parse_sqlite_url(NAME, os.environ[NAME], "/"), "sqlite:///"),
        ("sqlite:///", lambda: env.parse_sqlite_url(NAME, os.environ[NAME], "/"), "sqlite:///"),
    ],
)
def test_bad_value_is_refused_naming_the_variable_and_what_is_allowed(put, value, read, allowed):
    put(value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read()
    assert NAME in str(refusal.value)
    assert allowed in str(refusal.value)


@pytest.mark.parametrize("value", ["ftp://user:hunter2@host/", "user:hunter2@host"])
def test_password_of_a_bad_url_is_not_repeated(put, value):
    put(value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.read_url(NAME, ("postgres",))
    assert "hunter2" not in str(refusal.value)


def test_postgres_url_is_taken_apart():
    address = env.parse_postgres_url(NAME, "postgres://ada:p%40ss@db.example:5433/music")
    assert address == env.PostgresAddress("music", "ada", "p@ss", "db.example", "5433")
    socket = env.parse_postgres_url(NAME, "postgres://ada@/music?host=/run/postgresql")
    assert (socket.host, socket.port, socket.password) == ("/run/postgresql", "", "")
    tls = "sslmode=verify-full&sslrootcert=/ca.pem"
    address = env.parse_postgres_url(NAME, f"postgres://db.example/music?{tls}&pool=5")
    assert address.tls == {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}


@pytest.mark.parametrize("url", ["postgres://host", "postgres://host:port/music"])
def test_bad_postgres_url_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env.parse_postgres_url(NAME, url)


def test_sqlite_url_is_relative_or_absolute():
    assert env.parse_sqlite_url(NAME, "sqlite:///app.db", "/srv") == "/srv/app.db"
    assert env.parse_sqlite_url(NAME, "sqlite:////data/app.db", "/srv") == "/data/app.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("REDIS_TTL_SECONDS", "0"),
        ("DB_READ_PREFERENCE", "mysql"),
        ("POSTGRES_DATABASE_URL", "mysql://localhost/a"),
        ("SQLITE_DATABASE_URL", "app.db"),
        ("REDIS_URL", "http://localhost"),
        ("CORS_ALLOWED_ORIGINS", "localhost"),
        ("TRUSTED_PROXIES", "-1"),
        ("PORT", "80x"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "http://mail.example.org"),
        ("EMAIL_URL", "smtp://mail.example.org:0x"),
        ("DEFAULT_FROM_EMAIL", "TuneTrace"),
        ("DEFAULT_FROM_EMAIL", "a@b, c@d"),
        ("DEFAULT_FROM_EMAIL", "TuneTrace <music@>"),
        ("DEFAULT_FROM_EMAIL", "TuneTrace\nBcc: x <a@example.org>"),
        ("WEB_WORKERS", "0"),
        ("YOUTUBE_REGION", "USA"),
        ("REDIS_URL", "redis://localhost:99999/0"),
        ("DATABASE_URL", "postgres://host"),
    ],
)
def test_settings_refuse_a_wrong_value_by_its_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(env.WrongVariable, match=f"^{name}="):
        runpy.run_module("tunetrace_site.settings")


def test_password_of_the_mail_server_is_in_no_error(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "imap://me:secret@mail.example.org")
    with pytest.raises(env.WrongVariable) as caught:
        env.read_mail_server("EMAIL_URL", "dummy://")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("sender", ["music@example.org", "TuneTrace <music@example.org>"])
def test_sender_is_one_address_with_or_without_a_name(monkeypatch, sender):
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", sender)
    assert env.read_mailbox("DEFAULT_FROM_EMAIL", "x@localhost") == sender


@pytest.mark.parametrize(
    ("url", "is_used"),
    [
        ("postgres://h/music", True),
        ("postgresql://h/music", True),
        ("postgresql+psycopg2://h/music", True),
        ("mysql://h/music", False),
        ("sqlite:///app.db", False),
    ],
)
def test_legacy_database_url_is_the_second_database_when_it_is_postgres(monkeypatch, url, is_used):
    monkeypatch.setenv("DATABASE_URL", url)
    settings = runpy.run_module("tunetrace_site.settings")
    assert ("postgres" in settings["DATABASES"]) is is_used


ALONE = {
    "SQLITE_MIRROR": "none",
    "POSTGRES_DATABASE_URL": "postgres://localhost/tunetrace",
    "REDIS_URL": "redis://cache:6379/0",
}


def test_without_sqlite_postgres_is_all_there_is_and_jobs_wait_in_redis(monkeypatch):
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    settings = runpy.run_module("tunetrace_site.settings")
    assert [d["ENGINE"] for d in settings["DATABASES"].values()] == [
        "tunetrace_site.replication.postgresql"
    ]
    assert list(settings["DATABASES"]) == ["default"]
    assert settings["JOB_REDIS_URL"] == ALONE["REDIS_URL"]
    monkeypatch.setenv("JOB_REDIS_URL", "redis://queue/0")
    assert runpy.run_module("tunetrace_site.settings")["JOB_REDIS_URL"] == "redis://queue/0"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"POSTGRES_DATABASE_URL": ""}, "SQLITE_MIRROR='none' needs POSTGRES_DATABASE_URL"),
        ({"REDIS_URL": ""}, "SQLITE_MIRROR='none' needs REDIS_URL"),
        ({"DB_READ_PREFERENCE": "sqlite"}, "DB_READ_PREFERENCE='sqlite' is not valid with SQLITE"),
        ({"SQLITE_MIRROR": "off"}, "SQLITE_MIRROR='off' is not valid: use none or on"),
    ],
)
def test_without_sqlite_what_else_is_needed_is_said(monkeypatch, changed, problem):
    for name, value in {**ALONE, **changed}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(env.WrongVariable, match=problem):
        runpy.run_module("tunetrace_site.settings")


def test_replicas_are_databases_that_refuse_writes(monkeypatch):
    urls = "postgres://me:secret@one:5433/tunetrace?sslmode=require, postgres://two/tunetrace"
    for name, value in {**ALONE, "POSTGRES_REPLICA_URLS": urls}.items():
        monkeypatch.setenv(name, value)
    databases = runpy.run_module("tunetrace_site.settings")["DATABASES"]
    assert list(databases) == ["default", "replica-1", "replica-2"]
    first = databases["replica-1"]
    assert (first["HOST"], first["PORT"], first["OPTIONS"]["sslmode"]) == ("one", "5433", "require")
    assert "default_transaction_read_only=on" in databases["replica-2"]["OPTIONS"]["options"]


@pytest.mark.parametrize(
    ("urls", "changed", "problem"),
    [
        ("postgres://me:secret@one/t,mysql://me:secret@two/t", {}, "='… \\(URL 2\\)' is not valid"),
        ("postgres://me:secret@one/", {}, "='postgres://…' is not valid"),
        ("postgres://one/t,postgres://me:secret@one/t", {}, "=.*URL 2, a server named before"),
        ("postgres://me:secret@localhost/tunetrace", {}, " names the server of POSTGRES_DATABASE"),
        ("postgres://one/t", {"SQLITE_MIRROR": "on"}, " is not valid without SQLITE_MIRROR=none"),
        ("postgres://one/t", dict.fromkeys(ALONE, ""), " is not valid without SQLITE_MIRROR=none"),
    ],
)
def test_replicas_that_cannot_be_are_refused_by_name(monkeypatch, urls, changed, problem):
    for name, value in {**ALONE, "POSTGRES_REPLICA_URLS": urls, **changed}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(env.WrongVariable, match=f"^POSTGRES_REPLICA_URLS{problem}") as caught:
        runpy.run_module("tunetrace_site.settings")
    assert "secret" not in str(caught.value)


def test_sqlite_may_not_lead_where_several_machines_share_postgres(monkeypatch):
    monkeypatch.setenv("SEVERAL_MACHINES", "true")
    monkeypatch.setenv("DB_READ_PREFERENCE", "sqlite")
    with pytest.raises(env.WrongVariable, match="DB_READ_PREFERENCE='sqlite' is not valid with"):
        runpy.run_module("tunetrace_site.settings")
