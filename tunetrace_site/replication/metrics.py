"""The state of both databases as Prometheus gauges (``tunetrace_site.metrics`` collects them)."""

from collections.abc import Callable, Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from .databases import has_two_databases
from .health import DatabaseState, read_replication_state

_PREFIX = "tunetrace_database_"


def collect_replication() -> Iterable[Metric]:
    """Per database: in service, leading, lag and parked rows; nothing with SQLite alone."""
    if not has_two_databases():
        return
    state = read_replication_state()
    states = state.databases
    yield _gauge("in_service", "1 while it may answer", states, lambda s: s.in_service)
    yield _gauge("leads", "1 for the one that requests use", states, lambda s: s.leads)
    lag = "changes not applied yet"
    yield _gauge("lag_entries", lag, states, lambda s: s.lag.n_entries if s.lag else None)
    lag = "age of the oldest of them"
    yield _gauge("lag_seconds", lag, states, lambda s: s.lag.seconds if s.lag else None)
    yield _gauge("parked_rows", "rows the other one refuses", states, lambda s: s.n_parked)
    text = "added to its clock, which is behind"
    yield _gauge("clock_offset_seconds", text, states, lambda s: s.clock_offset_seconds)
    text = "1 while this machine takes no writes, whatever its databases do"
    yield GaugeMetricFamily(f"{_PREFIX}refuses_writes", text, bool(state.halts))
    last = state.last_reconciliation
    if last is not None:
        text = "when both were last compared, in seconds since 1970"
        yield GaugeMetricFamily(f"{_PREFIX}compared_at", text, last.finished_at.timestamp())
        text = "found then, not repaired"
        yield GaugeMetricFamily(f"{_PREFIX}different_rows", text, last.n_left)


def _gauge(
    name: str,
    text: str,
    states: Iterable[DatabaseState],
    read: Callable[[DatabaseState], float | None],
) -> GaugeMetricFamily:
    """One value a database, but for those of which it is not known."""
    gauge = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=["database"])
    for state in states:
        if (value := read(state)) is not None:
            gauge.add_metric([state.name], float(value))
    return gauge
