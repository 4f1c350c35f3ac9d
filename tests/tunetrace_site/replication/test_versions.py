"""Clocks that disagree or jump: versions never fall, offsets come back, a bound stops writes."""

from types import SimpleNamespace

import pytest
from django.db import connections
from django.test import Client

from accounts.models import User
from tunetrace_site.replication import versions
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.health import describe_replication, read_replication_state
from tunetrace_site.replication.marks import read_halts
from tunetrace_site.replication.models import RowVersion
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.triggers import install_triggers
from tunetrace_site.replication.unit import run_unit, unit_of_work
from tunetrace_site.replication.versions import ReferenceClock, read_clock

from .rows import assert_equal_databases, change_only
from .test_health import read_gauges

HOUR = 3_600_000_000


@pytest.fixture
def set_clocks(pair, monkeypatch):
    """``set_clocks(sqlite=hours, postgresql=hours)``: how wrong each database's clock is."""
    real = dict(versions._CLOCK_SQL)

    def move(**hours):
        moved = {v: f"({sql} + {int(hours.get(v, 0) * HOUR)})" for v, sql in real.items()}
        monkeypatch.setattr(versions, "_CLOCK_SQL", moved)
        for alias in (SQLITE, POSTGRES):
            install_triggers(connections[alias])

    yield move
    monkeypatch.undo()
    install_triggers(connections[POSTGRES])


def version_of(alias, user_id):
    user = User.objects.using(alias).get(user_id=user_id)
    return RowVersion.objects.using(alias).get(row_pk=str(user.pk)).version


@pytest.mark.parametrize("alias", [SQLITE, POSTGRES])
def test_version_of_any_row_is_above_all_that_were_written(pair, set_clocks, alias):
    """Not only above the row's own: no relay has run since the clock went back."""
    change_only(alias, lambda: User.objects.create(user_id="before"))
    set_clocks(sqlite=-1, postgresql=-1)
    change_only(alias, lambda: User.objects.create(user_id="after"))
    assert version_of(alias, "after") > version_of(alias, "before")


@pytest.mark.parametrize(("source", "target"), [(SQLITE, POSTGRES), (POSTGRES, SQLITE)])
def test_version_is_above_those_that_were_received(pair, set_clocks, source, target):
    set_clocks(sqlite=1, postgresql=1)
    with pinned(source), unit_of_work():
        User.objects.create(user_id="before")
    set_clocks()
    change_only(target, lambda: User.objects.create(user_id="after"))
    assert version_of(target, "after") > version_of(target, "before")


def read_offsets():
    return {alias: read_clock(alias).offset / 1_000_000 for alias in (SQLITE, POSTGRES)}


def test_offset_that_a_jump_made_comes_back_and_does_not_add_up(pair, set_clocks, monkeypatch):
    relay, now = Relay(), [0.0]
    monkeypatch.setattr(versions, "time", SimpleNamespace(monotonic=lambda: now[0]))
    relay.run_pass()
    for _ in range(3):
        set_clocks(sqlite=1, postgresql=1)
        now[0] += 0.5
        relay.run_pass()
        change_only(SQLITE, lambda: User.objects.update_or_create(user_id="ann"))
        set_clocks()
        now[0] += 0.5
        relay.run_pass()
        offsets = read_offsets()
        assert 3590 < offsets[SQLITE] < 3610
        assert 3590 < offsets[POSTGRES] < 3610


def test_reference_is_caught_up_with_after_twice_the_jump(monkeypatch):
    now, start = [100.0], 10**15
    monkeypatch.setattr(versions, "time", SimpleNamespace(monotonic=lambda: now[0]))
    reference = ReferenceClock()

    def read(seconds, wrong=0):
        now[0] = 100.0 + seconds
        clock = start + int(seconds * 1e6) + wrong
        return (reference.advance(clock, highest=0) - clock + wrong) / 1e6

    assert read(0) == 0
    assert read(1, wrong=HOUR) == 3600
    assert read(2) == pytest.approx(3599.5)
    before = 0
    for seconds in range(10, 7000, 10):
        offset = read(seconds)
        assert offset == pytest.approx(3600 - (seconds - 1) / 2, abs=0.01)
        assert start + seconds * 1e6 + offset * 1e6 > before
        before = start + seconds * 1e6 + offset * 1e6
    assert read(7300) == 0


def test_next_relay_goes_on_where_the_last_one_left_the_reference(pair, set_clocks):
    set_clocks(sqlite=1, postgresql=1)
    Relay().run_pass()
    change_only(POSTGRES, lambda: User.objects.create(user_id="ann"))
    set_clocks()
    Relay().run_pass()
    Relay().run_pass()
    assert 3590 < read_offsets()[POSTGRES] < 3610


def test_versions_of_a_clock_that_was_years_ahead_are_stayed_above_not_followed(pair, set_clocks):
    set_clocks(sqlite=9 * 8766, postgresql=9 * 8766)
    change_only(POSTGRES, lambda: User.objects.create(user_id="ann"))
    set_clocks()
    relay = Relay()
    relay.run_pass()
    assert read_offsets() == {SQLITE: 0, POSTGRES: 0}
    run_unit(lambda: User.objects.create(user_id="ben"))
    run_unit(lambda: User.objects.filter(user_id="ann").delete())
    relay.run_pass()
    assert_equal_databases()
    assert [user.user_id for user in User.objects.all()] == ["ben"]


def test_offset_is_told(pair, set_clocks):
    set_clocks(postgresql=1)
    Relay().run_pass()
    assert 3590 < read_gauges()["clock_offset_seconds", "SQLite"] < 3610
    assert read_gauges()["clock_offset_seconds", "PostgreSQL"] == 0
    offsets = describe_replication()["clock_offset_seconds"]
    assert 3590 < offsets["SQLite"] < 3610
    # Entries made an hour ahead are not an hour old, nor made in the future.
    change_only(POSTGRES, lambda: User.objects.create(user_id="ann"))
    lag = {d.alias: d.lag for d in read_replication_state().databases}
    assert 0 < lag[SQLITE].seconds < 60


@pytest.mark.parametrize("hours", [-3, 3])
def test_clock_beyond_the_bound_stops_writes_and_says_why(pair, set_clocks, settings, hours):
    run_unit(lambda: User.objects.create(user_id="ann"))
    set_clocks(postgresql=hours)
    relay = Relay()
    word = "ahead of" if hours > 0 else "behind"
    [event] = relay.run_pass().events
    assert event.startswith("PostgreSQL's clock is 10")
    assert f" s {word} this machine's: no writes until one of them is set" in event
    assert relay.run_pass().events == []

    assert run_unit(User.objects.count, write=False) == 1
    with pytest.raises(Unavailable):
        run_unit(lambda: User.objects.create(user_id="ben"))
    with pytest.raises(Unavailable, match="PostgreSQL's clock is"), unit_of_work():
        User.objects.create(user_id="ben")
    assert read_halts() == [event]
    state = read_replication_state()
    assert (state.can_write, state.is_complete, state.halts) == (False, False, (event,))
    assert read_gauges()["refuses_writes", None] == 1
    settings.METRICS_TOKEN = "a-token-for-the-metrics"
    headers = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    told = Client().get("/health/ready", headers=headers).json()
    assert (told["status"], told["replication"]["refuses_writes"]) == ("degraded", [event])

    set_clocks()
    assert relay.run_pass().events == ["the clocks agree again"]
    run_unit(lambda: User.objects.create(user_id="ben"))
    assert read_gauges()["refuses_writes", None] == 0
    assert len(assert_equal_databases()) == 2
