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
    told = [state for state in states if state.lag is not None]
    yield _gauge("lag_entries", "changes not applied yet", told, lambda s: s.lag.n_entries)
    yield _gauge("lag_seconds", "age of the oldest of them", told, lambda s: s.lag.seconds)
    counted = [state for state in states if state.n_parked is not None]
    yield _gauge("parked_rows", "rows the other one refuses", counted, lambda s: s.n_parked)
    last = state.last_reconciliation
    if last is not None:
        text = "when both were last compared, in seconds since 1970"
        yield GaugeMetricFamily(f"{_PREFIX}compared_at", text, last.finished_at.timestamp())
        left = last.n_different - last.n_repaired
        yield GaugeMetricFamily(f"{_PREFIX}different_rows", "found then, not repaired", left)


def _gauge(
    name: str,
    text: str,
    states: Iterable[DatabaseState],
    value: Callable[[DatabaseState], float],
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=["database"])
    for state in states:
        gauge.add_metric([state.name], float(value(state)))
    return gauge
