"""The state of both databases, for the operators' page, ``/health/ready`` and ``/metrics``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections
from prometheus_client.core import GaugeMetricFamily, Metric

from .databases import SQLITE, display_name, has_two_databases, in_order_of_preference, other
from .drain import find_cursor, position_of
from .failures import DATABASE_ERRORS, Unavailable, explain
from .log import MAX_COUNTED, Lag, LogSize, Position, measure_lag, measure_lag_since, measure_log
from .marks import Mark, last_heartbeat, read_halts, read_mark, read_reason
from .models import Parked, Reconciliation
from .router import candidates
from .triggers import find_uncaptured_tables
from .versions import read_clock

RELAY_LATE_SECONDS = 10.0
_PREFIX = "tunetrace_database_"


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The state of one database.

    ``lag`` is the part of the peer's log that it has not applied (None: unknown). While it is down
    its position in that log is unknown; ``lag`` is then what was logged since it went down.
    ``log`` is the size of its own log (None: unknown).
    ``clock_offset_seconds`` is added to its clock (None: unknown).
    """

    alias: str
    name: str
    reachable: bool
    leads: bool
    down_since: datetime | None
    behind_since: datetime | None
    lag: Lag | None
    log: LogSize | None
    n_parked: int | None
    clock_offset_seconds: float | None
    uncaptured_tables: tuple[str, ...]
    error: str

    @property
    def error_name(self) -> str:
        """The error without its message, which may name hosts and people: safe to publish."""
        return self.error.partition(":")[0]

    @property
    def in_service(self) -> bool:
        return self.reachable and self.down_since is None and self.behind_since is None


@dataclass(frozen=True, slots=True)
class ReplicationState:
    """The state of both databases and their relay.

    ``relay_seen_at`` is when a relay of this machine last ran; ``halts`` are the reasons why this
    machine takes no writes although its databases are healthy (empty: it takes them).
    """

    databases: tuple[DatabaseState, ...]
    leader: str | None
    relay_seen_at: datetime | None
    last_reconciliation: Reconciliation | None
    halts: tuple[str, ...]

    @property
    def can_write(self) -> bool:
        """Whether some database takes writes."""
        return not self.halts and any(state.in_service for state in self.databases)

    @property
    def is_complete(self) -> bool:
        """Whether every configured database is in service, and the relay (if needed) runs."""
        whole = all(state.in_service for state in self.databases)
        return whole and not self.halts and not self.relay_is_late

    @property
    def relay_is_late(self) -> bool:
        if len(self.databases) < 2:
            return False
        now = datetime.now(UTC)
        seen = self.relay_seen_at
        return seen is None or (now - seen).total_seconds() > RELAY_LATE_SECONDS


def read_replication_state() -> ReplicationState:
    """Return the state of both databases now; waits at most one deadline for each."""
    order = candidates(write=True)
    leader = order[0] if order else None
    states = tuple(_read_database(alias, leader) for alias in in_order_of_preference())
    heartbeat = last_heartbeat() if has_two_databases() else 0.0
    return ReplicationState(
        databases=states,
        leader=leader,
        relay_seen_at=datetime.fromtimestamp(heartbeat, UTC) if heartbeat else None,
        last_reconciliation=_find_last_reconciliation(states),
        halts=tuple(read_halts()) if has_two_databases() else (),
    )


def describe_replication() -> dict[str, Any]:
    """Return both databases as plain values for ``/health/ready``; empty with SQLite alone."""
    if not has_two_databases():
        return {}
    state = read_replication_state()
    last, seen_at = state.last_reconciliation, state.relay_seen_at
    return {
        "leader": display_name(state.leader) if state.leader else None,
        "relay_seen_at": seen_at.isoformat() if seen_at else None,
        "errors": {s.name: s.error_name for s in state.databases if s.error},
        "lag_entries": {s.name: s.lag.n_entries if s.lag else None for s in state.databases},
        "lag_has_more": [s.name for s in state.databases if s.lag and s.lag.has_more],
        "lag_seconds": {s.name: s.lag.seconds if s.lag else None for s in state.databases},
        "log_entries": {s.name: s.log.n_entries if s.log else None for s in state.databases},
        "log_is_long": [s.name for s in state.databases if s.log and s.log.is_long],
        "clock_offset_seconds": {s.name: s.clock_offset_seconds for s in state.databases},
        "refuses_writes": list(state.halts),
        "parked_rows": {s.name: s.n_parked for s in state.databases},
        "last_reconciliation": last
        and {
            "finished_at": last.finished_at.isoformat(),
            "n_different": last.n_different,
            "n_repaired": last.n_repaired,
        },
    }


def _read_database(alias: str, leader: str | None) -> DatabaseState:
    down_since, behind_since = _since(alias, Mark.DOWN), _since(alias, Mark.BEHIND)
    lag, log, n_parked, offset, error = None, None, None, None, ""
    uncaptured: tuple[str, ...] = ()
    try:
        if down_since is not None:
            raise Unavailable(read_reason(alias) or "the relay has not tried it yet")
        _ping(alias)
        if has_two_databases():
            log = measure_log(alias)
            n_parked = Parked.objects.using(alias).count()
            offset = read_clock(alias).offset / 1_000_000
            uncaptured = tuple(find_uncaptured_tables(connections[alias]))
    except (*DATABASE_ERRORS, Unavailable) as reason:
        connections[alias].close_if_unusable_or_obsolete()
        error = explain(reason) if down_since is None else str(reason)
    if has_two_databases():
        lag = _find_lag(alias)
    return DatabaseState(
        alias=alias,
        name=display_name(alias),
        reachable=not error,
        leads=alias == leader,
        down_since=down_since,
        behind_since=behind_since,
        lag=lag,
        log=log,
        n_parked=n_parked,
        clock_offset_seconds=offset,
        uncaptured_tables=uncaptured,
        error=error,
    )


def _ping(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1")


def _find_lag(alias: str) -> Lag | None:
    source = other(alias)
    if read_mark(source, Mark.DOWN).is_set:
        return None
    down = read_mark(alias, Mark.DOWN)
    try:
        if down.is_set:
            return measure_lag_since(source, down.since)
        cursor = find_cursor(source, alias)
        position = position_of(cursor) if cursor else Position()
        return measure_lag(source, position)
    except DATABASE_ERRORS:
        return None


def _since(alias: str, mark: Mark) -> datetime | None:
    since = read_mark(alias, mark).since if has_two_databases() else 0.0
    return datetime.fromtimestamp(since, UTC) if since else None


def _find_last_reconciliation(states: tuple[DatabaseState, ...]) -> Reconciliation | None:
    # Counts in SQLite are for this machine; those in PostgreSQL for all machines that share it.
    for state in sorted(states, key=lambda state: state.alias != SQLITE):
        if state.reachable:
            results = Reconciliation.objects.using(state.alias)
            latest = results.order_by("-finished_at").first()
            if latest is not None:
                return latest
    return None


def collect_replication() -> Iterable[Metric]:
    """Yield Prometheus gauges of both databases: in service, leading, lag, parked rows.

    Yields nothing with SQLite alone.
    """
    if not has_two_databases():
        return
    state = read_replication_state()
    states = state.databases
    yield _gauge("in_service", "1 while it is in service", states, lambda s: s.in_service)
    yield _gauge("leads", "1 for the database that requests use", states, lambda s: s.leads)
    lag = f"changes of the other database not applied yet, counted up to {MAX_COUNTED}"
    yield _gauge("lag_entries", lag, states, lambda s: s.lag.n_entries if s.lag else None)
    lag = "age of the oldest change not applied yet"
    yield _gauge("lag_seconds", lag, states, lambda s: s.lag.seconds if s.lag else None)
    log = "changes that its log holds, at most"
    yield _gauge("log_entries", log, states, lambda s: s.log.n_entries if s.log else None)
    log = "how much its log is of CHANGE_LOG_ENTRIES or CHANGE_LOG_DAYS; at 1 it is cut off"
    yield _gauge("log_share", log, states, lambda s: s.log.share if s.log else None)
    yield _gauge(
        "parked_rows", "rows that the other database refuses", states, lambda s: s.n_parked
    )
    text = "seconds added to its clock"
    yield _gauge("clock_offset_seconds", text, states, lambda s: s.clock_offset_seconds)
    text = "1 while this machine refuses all writes"
    yield GaugeMetricFamily(f"{_PREFIX}refuses_writes", text, bool(state.halts))
    last = state.last_reconciliation
    if last is not None:
        text = "when both databases were last compared, in seconds since 1970"
        yield GaugeMetricFamily(f"{_PREFIX}compared_at", text, last.finished_at.timestamp())
        text = "rows found to differ then, and not repaired"
        yield GaugeMetricFamily(f"{_PREFIX}different_rows", text, last.n_left)


def _gauge(
    name: str,
    text: str,
    states: Iterable[DatabaseState],
    read: Callable[[DatabaseState], float | None],
) -> GaugeMetricFamily:
    """Return a gauge with one value per database, without those whose value is unknown."""
    gauge = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=["database"])
    for state in states:
        if (value := read(state)) is not None:
            gauge.add_metric([state.name], float(value))
    return gauge
