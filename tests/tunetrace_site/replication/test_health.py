"""What operators see: the state, its page, its metrics, and the check of the triggers."""

import re
import time

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connections
from django.test import Client

from accounts.models import User
from tests.tunetrace_site.monitored import list_monitored
from tunetrace_site.replication import log
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.health import (
    collect_replication,
    describe_replication,
    read_replication_state,
)
from tunetrace_site.replication.marks import (
    Halt,
    Mark,
    note_halt,
    note_reason,
    read_reason,
    set_marks,
)
from tunetrace_site.replication.models import State
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.triggers import drop_triggers
from tunetrace_site.replication.unit import run_unit

from .rows import change_only

PAGE = "/admin/operations/databases/"


@pytest.fixture
def operator_client(pair):
    client = Client()

    def sign_in():
        operator = User.objects.create_superuser("op@example.org", "secret-word-9")
        client.force_login(operator)

    run_unit(sign_in)
    Relay().run_pass()
    return client


@pytest.fixture
def read_readiness(settings):
    """``/health/ready`` as a program that may see everything reads it."""
    settings.METRICS_TOKEN = "a-token-for-the-metrics"
    headers = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    return lambda: Client().get("/health/ready", headers=headers).json()["replication"]


def read_gauges():
    return {
        (metric.name.removeprefix("tunetrace_database_"), sample.labels.get("database")): (
            sample.value
        )
        for metric in collect_replication()
        for sample in metric.samples
    }


def test_healthy_state(pair):
    state = read_replication_state()
    assert state.leader == POSTGRES
    assert state.can_write
    assert state.is_complete
    assert [(d.alias, d.in_service, d.leads, d.lag.n_entries) for d in state.databases] == [
        (POSTGRES, True, True, 0),
        (SQLITE, True, False, 0),
    ]


def test_lag_counts_what_the_reader_has_not_applied(pair):
    change_only(POSTGRES, lambda: [User.objects.create(user_id=f"u{n}") for n in range(3)])
    lag = {d.alias: d.lag for d in read_replication_state().databases}
    assert (lag[SQLITE].n_entries, lag[POSTGRES].n_entries) == (3, 0)
    assert 0 < lag[SQLITE].seconds < 60
    assert read_gauges()["lag_entries", "SQLite"] == 3
    assert describe_replication()["lag_has_more"] == []


@pytest.mark.parametrize("is_down", [False, True])
def test_lag_is_counted_up_to_a_bound(pair, monkeypatch, is_down):
    monkeypatch.setattr(log, "MAX_COUNTED", 2)
    if is_down:
        set_marks(SQLITE, Mark.DOWN)
    change_only(POSTGRES, lambda: [User.objects.create(user_id=f"u{n}") for n in range(3)])
    lag = next(d.lag for d in read_replication_state().databases if d.alias == SQLITE)
    assert (lag.n_entries, lag.has_more, str(lag)) == (2, True, "more than 2 changes")
    assert 0 < lag.seconds < 60
    assert describe_replication()["lag_has_more"] == ["SQLite"]
    assert read_gauges()["lag_entries", "SQLite"] == 2


def test_killed_postgres_is_told(pair, sync):
    pair.server.kill()
    run_unit(lambda: User.objects.create(user_id="ann"))
    state = read_replication_state()
    postgres, sqlite = state.databases
    assert (postgres.reachable, postgres.in_service, postgres.lag.n_entries) == (False, False, 1)
    assert (sqlite.reachable, sqlite.in_service, sqlite.lag) == (True, True, None)
    assert state.leader == SQLITE
    assert (state.can_write, state.is_complete) == (True, False)
    assert read_gauges()["in_service", "PostgreSQL"] == 0
    described = describe_replication()
    assert described["leader"] == "SQLite"
    assert described["lag_entries"] == {"PostgreSQL": 1, "SQLite": None}
    pair.server.start()
    sync()


def test_last_comparison_is_told_everywhere(pair, sync, capsys, read_readiness):
    assert describe_replication()["last_reconciliation"] is None
    change_only(POSTGRES, lambda: User.objects.create(user_id="ann"))
    call_command("reconcile")
    told = read_readiness()
    assert told["last_reconciliation"].items() >= {"n_different": 0, "n_repaired": 0}.items()
    assert (told["leader"], told["parked_rows"]) == ("PostgreSQL", {"PostgreSQL": 0, "SQLite": 0})
    gauges = read_gauges()
    assert gauges["different_rows", None] == 0
    assert time.time() - gauges["compared_at", None] < 60
    exported = {f"tunetrace_database_{name}" for name, _ in gauges}
    watched = {name for name in list_monitored() if name.startswith("tunetrace_database_")}
    assert len(watched) > 4
    assert watched <= exported


def test_page_shows_both_and_who_leads(operator_client):
    page = operator_client.get(PAGE).content.decode()
    assert len(re.findall(r"<td>\s*in service\s*</td>", page)) == 2
    assert re.findall(r"<td>\s*(leads|follows)\s*</td>", page) == ["leads", "follows"]
    assert "The relay last ran at" in page


def test_page_tells_why_this_machine_takes_no_writes_and_the_clock_offsets(operator_client):
    operator_client.get(PAGE)  # the first visit writes down since when this session is operated
    State.objects.using(SQLITE).update(clock_offset=1_500_000)
    note_halt(Halt.NUMBER, "MACHINE_NUMBER=1 is in use by another host as well")
    page = " ".join(operator_client.get(PAGE).text.split())
    assert "This machine takes no writes: MACHINE_NUMBER=1 is in use by another host" in page
    assert re.findall(r"<td> ([\d.]+) s </td>", page) == ["0.0", "1.5"]


def test_page_and_readiness_tell_why_a_database_is_down(
    operator_client, pair, sync, read_readiness
):
    pair.server.kill()
    page = operator_client.get(PAGE)
    assert page.status_code == 200
    assert "UTC: the relay has not tried it yet" in page.text
    Relay().run_pass()
    page = operator_client.get(PAGE)
    assert re.search("UTC: OperationalError: .*Connection refused", page.text)
    # A program may pass this one on: it names no host and no user of the database.
    told = read_readiness()
    assert told["errors"] == {"PostgreSQL": "OperationalError"}
    assert Client().get("/health/ready").json() == {"status": "up"}
    pair.server.start()
    sync()
    assert read_reason(POSTGRES) == ""
    assert describe_replication()["errors"] == {}


def test_reason_names_what_sqlite_says(pair, sync):
    with pair.sqlite_unreadable():
        set_marks(SQLITE, Mark.DOWN)
        Relay().run_pass()
        told = read_replication_state().databases[1]
        assert (told.error_name, told.error) == ("SQLITE_NOTADB", read_reason(SQLITE))
    sync()


def test_long_reason_is_cut(pair):
    note_reason(POSTGRES, "ü" * 200)
    assert read_reason(POSTGRES) == "ü" * 120
    assert read_reason(SQLITE) == ""


def test_page_lists_parked_rows_and_tries_them_again(operator_client):
    change_only(SQLITE, lambda: User.objects.create(user_id="long", display_name="x" * 200))
    Relay().run_pass()
    page = operator_client.get(PAGE).content.decode()
    assert "value too long for type character varying(80)" in page
    change_only(SQLITE, lambda: User.objects.filter(user_id="long").update(display_name="x"))
    answer = operator_client.post(f"{PAGE}retry/", follow=True)
    assert "parked rows tried again" in answer.content.decode()
    assert "character varying" not in answer.content.decode()


def test_page_is_for_operators_with_the_permission(pair):
    client = Client()

    def sign_in():
        user = User.objects.create_user("staff@example.org", "secret-word-9", is_staff=True)
        client.force_login(user)

    assert client.get(PAGE).status_code == 302
    run_unit(sign_in)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}retry/").status_code == 403


def test_missing_triggers_are_found_by_the_check(pair):
    assert run_checks(tags=["database"], databases=[SQLITE, POSTGRES]) == []
    drop_triggers(connections[SQLITE])
    found = run_checks(tags=["database"], databases=[SQLITE])
    assert {message.id for message in found} == {"replication.E001"}
    assert "accounts_user" in " ".join(message.msg for message in found)


@pytest.mark.django_db
def test_state_with_sqlite_alone():
    state = read_replication_state()
    assert [(d.alias, d.in_service, d.leads, d.lag) for d in state.databases] == [
        (SQLITE, True, True, None)
    ]
    assert state.is_complete
    assert list(collect_replication()) == []
