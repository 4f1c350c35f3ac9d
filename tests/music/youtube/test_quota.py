"""The ledger: exactly N calls, on the right day, with a reserve for listeners."""

import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from music.errors import QuotaExhausted
from music.models import QuotaUsage
from music.youtube import pacific_days, quota
from tests.servers.postgres import running_postgres

PROJECT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 12:00 in Los Angeles


@pytest.fixture(autouse=True)
def small_quota(settings):
    settings.YOUTUBE_DAILY_SEARCHES = 10
    settings.YOUTUBE_DAILY_UNITS = 100
    settings.YOUTUBE_LISTENER_RESERVE = 0.5


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to move: ``clock(time)``."""

    def move(to):
        monkeypatch.setattr(timezone, "now", lambda: to)

    move(NOON)
    return move


def state_of(bucket):
    return next(state for state in quota.get_state() if state.bucket == bucket)


@pytest.mark.parametrize(
    ("now", "day", "reset"),
    [
        # Standard time: UTC-8.
        ("2026-01-15T07:59:59+00:00", "2026-01-14", "2026-01-15T08:00:00+00:00"),
        ("2026-01-15T08:00:00+00:00", "2026-01-15", "2026-01-16T08:00:00+00:00"),
        # The clocks go forward on 8 March 2026: a day of 23 hours.
        ("2026-03-08T08:00:00+00:00", "2026-03-08", "2026-03-09T07:00:00+00:00"),
        ("2026-03-09T06:59:59+00:00", "2026-03-08", "2026-03-09T07:00:00+00:00"),
        # And back on 1 November: a day of 25 hours.
        ("2026-11-01T07:00:00+00:00", "2026-11-01", "2026-11-02T08:00:00+00:00"),
        ("2026-11-02T07:59:59+00:00", "2026-11-01", "2026-11-02T08:00:00+00:00"),
    ],
)
def test_day_and_reset_follow_pacific_time(now, day, reset):
    pacific_day = pacific_days.get_pacific_day(datetime.fromisoformat(now))
    assert pacific_day == date.fromisoformat(day)
    assert pacific_days.get_reset_time(pacific_day) == datetime.fromisoformat(reset)


def test_new_day_has_its_quota_whole(db, clock):
    for _ in range(10):
        quota.reserve("search", 1, "listener")
    with pytest.raises(QuotaExhausted) as caught:
        quota.reserve("search", 1, "listener")
    assert caught.value.until == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    clock(caught.value.until)

    quota.reserve("search", 1, "listener")
    assert (state_of("search").used, state_of("search").left) == (1, 9)


def test_reservation_that_does_not_fit_changes_nothing(db, clock):
    quota.reserve("units", 60, "listener")
    with pytest.raises(QuotaExhausted):
        quota.reserve("units", 41, "import")
    assert state_of("units").by_caller == {"listener": 60}
    assert state_of("units").used == 60


def test_background_leaves_the_reserve_to_listeners(db, clock):
    for _ in range(5):
        quota.reserve("search", 1, "harvest")
    with pytest.raises(QuotaExhausted, match="reserve"):
        quota.reserve("search", 1, "refresh")
    for _ in range(5):
        quota.reserve("search", 1, "listener")
    with pytest.raises(QuotaExhausted):
        quota.reserve("search", 1, "listener")


def test_released_reservation_can_be_used_again(db, clock):
    reservations = [quota.reserve("search", 1, "listener") for _ in range(10)]
    quota.release(reservations[0])
    assert state_of("search").left == 1
    quota.reserve("search", 1, "import")
    assert state_of("search").by_caller == {"import": 1, "listener": 9}


def test_refusal_by_youtube_is_believed_over_our_count_until_reset(db, clock):
    quota.reserve("search", 1, "listener")
    until = quota.believe_exhausted("search")
    with pytest.raises(QuotaExhausted) as caught:
        quota.reserve("search", 1, "listener")
    assert caught.value.until == until == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert (state_of("search").left, state_of("search").exhausted_at) == (0, NOON)
    assert quota.reserve("units", 1, "listener").bucket == "units"

    clock(until)
    assert quota.reserve("search", 1, "listener").day == date(2026, 11, 23)


def test_refusal_before_any_call_of_ours_is_believed_too(db, clock):
    quota.believe_exhausted("units")
    with pytest.raises(QuotaExhausted):
        quota.reserve("units", 1, "listener")


def test_refusal_of_a_call_made_before_midnight_does_not_close_the_new_day(db, clock):
    midnight = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    clock(midnight - timedelta(seconds=1))
    reservation = quota.reserve("search", 1, "listener")
    clock(midnight + timedelta(seconds=1))

    quota.believe_exhausted("search", reservation.day)

    quota.reserve("search", 1, "listener")


def test_refusal_just_after_midnight_is_believed_for_a_quarter_of_an_hour(db, clock):
    midnight = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    clock(midnight + timedelta(seconds=30))
    quota.believe_exhausted("search")
    with pytest.raises(QuotaExhausted):
        quota.reserve("search", 1, "listener")
    assert state_of("search").left == 0

    clock(midnight + timedelta(minutes=15))

    quota.reserve("search", 1, "listener")
    assert state_of("search").left == 9


def test_history_has_every_day_oldest_first(db, clock):
    quota.reserve("units", 7, "harvest")
    clock(NOON + timedelta(days=2))
    quota.reserve("units", 3, "listener")

    units = [day for day in quota.get_history(days=4) if day.bucket == "units"]

    assert [day.day.isoformat() for day in units] == [
        "2026-11-21",
        "2026-11-22",
        "2026-11-23",
        "2026-11-24",
    ]
    assert [day.used for day in units] == [0, 7, 0, 3]
    assert units[3].by_caller == {"listener": 3}
    assert len(quota.get_history()) == 2 * 30


def _reserve_until_refused(granted, start):
    start.wait()
    try:
        while True:
            quota.reserve("units", 1, "listener")
            granted.append(1)
    except QuotaExhausted:
        pass
    finally:
        connections.close_all()


def test_sixteen_threads_get_exactly_what_there_is(transactional_db):
    granted, start = [], threading.Barrier(16)
    threads = [
        threading.Thread(target=_reserve_until_refused, args=(granted, start)) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 100
    totals = QuotaUsage.objects.filter(bucket="units").values_list("caller", "used")
    assert dict(totals) == {"": 100, "listener": 100}


@pytest.mark.parametrize(
    "with_postgres", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["sqlite", "both"]
)
def test_sixteen_processes_get_exactly_what_there_is(with_postgres, make_site_folder):
    with ExitStack() as stack:
        environment = _site_environment(make_site_folder())
        if with_postgres:
            server = stack.enter_context(running_postgres())
            server.create_database("site")
            environment["POSTGRES_DATABASE_URL"] = server.url("site")
        run = {"cwd": PROJECT, "env": environment}
        if with_postgres:
            subprocess.run([sys.executable, "manage.py", "init_db"], check=True, **run)
        command = [sys.executable, "-m", "tests.music.youtube.reserve_worker"]
        answer = subprocess.run(command, check=True, capture_output=True, timeout=100, **run)
    granted = json.loads(answer.stdout)
    assert (len(granted), sum(granted)) == (16, 100)


def _site_environment(folder):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
        "STATE_DIR": str(folder / "state"),
        "SQLITE_DATABASE_URL": f"sqlite:///{folder}/app.db",
        "SECRET_KEY": "a-key-for-tests-that-is-long-enough-to-satisfy-every-check-of-django",
        "YOUTUBE_DAILY_UNITS": "100",
    }
