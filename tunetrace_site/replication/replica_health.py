"""Watches the replicas of PostgreSQL: which of them may answer, beside requests.

A thread for each replica asks it and the primary four times a second how far their logs go. A
replica that has replayed up to where the primary's log ended at some moment holds whatever was
confirmed before that moment; while that was within the last second, requests read from it. So one
that lags, hangs, is dead or is cut off is left out within a second although nothing says so, and so
is every replica of a process whose threads stand still. Positions are compared, never clocks.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connections
from prometheus_client.core import GaugeMetricFamily, Metric

from tunetrace_site.machine.per_process import OncePerProcess

from .databases import ALONE, list_replicas
from .failures import DATABASE_ERRORS, explain

log = logging.getLogger(__name__)

MAX_AGE_SECONDS: Final = 1.0
"""A replica answers while it holds everything that was confirmed so long ago."""
CHECK_EVERY_SECONDS: Final = 0.25
_KEPT_SAMPLES = 64
_PAUSE_SECONDS = 0.005
_NOT_LOOKED_AT = "it was not looked at yet"

# The cluster, which a replica shares with its primary, and the database in it.
_CLUSTER_SQL = """concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
    (SELECT oid FROM pg_database WHERE datname = current_database()))"""
_REPLICA_SQL = f"SELECT {_CLUSTER_SQL}, pg_is_in_recovery(), pg_last_wal_replay_lsn() - '0/0'"
# What is confirmed was flushed before, unless commits do not wait for that.
_PRIMARY_SQL = f"""SELECT {_CLUSTER_SQL}, CASE current_setting('synchronous_commit')
    WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END - '0/0'"""


class _Sample(NamedTuple):
    """Where the primary's log ended (bytes) at or after a moment (monotonic seconds)."""

    at: float
    position: int


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """The state of one replica, as this process sees it.

    ``age_seconds`` is how old its data are at most (infinite: unknown), ``n_bytes_behind`` the part
    of the primary's log that it has not replayed; ``reason`` says why it is left out, if it is.
    """

    name: str
    is_used: bool
    age_seconds: float
    n_bytes_behind: int | None
    reason: str


class ReplicaWatch:
    """What this process knows of one replica. ``look`` is called by one thread only."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        described = connections.settings[alias]
        place = ":".join(filter(None, (described["HOST"], str(described["PORT"]))))
        self.name = f"{alias} ({place or 'local'})"
        self.n_bytes_behind: int | None = None
        self.level_at = -math.inf
        self._reason = _NOT_LOOKED_AT
        self._samples: deque[_Sample] = deque(maxlen=_KEPT_SAMPLES)
        self._was_used = False

    @property
    def age_seconds(self) -> float:
        """How old its data may be, in seconds; infinite when that is unknown."""
        return time.monotonic() - self.level_at

    @property
    def is_used(self) -> bool:
        """Whether requests may read from it now."""
        return self.age_seconds <= MAX_AGE_SECONDS

    def describe(self) -> ReplicaState:
        """Return its state now."""
        is_used = self.is_used
        late = "it lags behind the primary" if math.isfinite(self.age_seconds) else _NOT_LOOKED_AT
        reason = "" if is_used else self._reason or late
        return ReplicaState(self.name, is_used, self.age_seconds, self.n_bytes_behind, reason)

    def leave_out(self, reason: str) -> None:
        """Let no request read from it until ``look`` finds it well again."""
        self.level_at, self._reason = -math.inf, reason

    def look(self) -> None:
        """Ask the replica, then the primary; note how old its data are, or leave it out."""
        try:
            cluster, is_replica, replayed = _ask(self.alias, _REPLICA_SQL)
        except DATABASE_ERRORS as error:
            self.leave_out(explain(error))
            return
        began_at = time.monotonic()
        try:
            cluster_of_primary, position = _ask(ALONE, _PRIMARY_SQL)
        except DATABASE_ERRORS as error:
            # It may go on for the rest of its second: what it holds is no older for that.
            self._reason = f"the primary does not answer ({explain(error)})"
            return
        if problem := _find_problem(is_replica, cluster == cluster_of_primary, replayed, position):
            # Older samples may be of a log that the primary has left since.
            self._samples.clear()
            self.leave_out(problem)
            return
        self._note(_Sample(began_at, int(position)), int(replayed))

    def say_changes(self) -> None:
        """Write a log line when it begins to be used, or is left out."""
        state = self.describe()
        if state.is_used != self._was_used:
            self._was_used = state.is_used
            if state.is_used:
                log.warning("databases: requests read from %s", state.name)
            else:
                log.warning("databases: %s is left out: %s", state.name, state.reason)

    def _note(self, sample: _Sample, replayed: int) -> None:
        if self._samples and sample.position < self._samples[-1].position:
            self._samples.clear()  # another server has become the primary
        self._samples.append(sample)
        self.n_bytes_behind = sample.position - replayed
        while len(self._samples) > 1 and self._samples[1].position <= replayed:
            self._samples.popleft()
        self._reason = ""
        if self._samples[0].position <= replayed:
            self.level_at = self._samples[0].at


def _ask(alias: str, sql: str) -> Any:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()
    except DATABASE_ERRORS:
        connections[alias].close()
        raise


def _find_problem(
    is_replica: bool, is_same_cluster: bool, replayed: int | None, position: int
) -> str:
    """Return why the server may not answer for the primary; empty when it may."""
    if not is_replica:
        return "it is no replica, or not any more: it was promoted"
    if not is_same_cluster:
        return "it is a replica of another server, or the URL names another database"
    # It was asked first: one that follows the primary cannot be ahead of it.
    if replayed is None or replayed > position:
        return "it follows another history than the primary's"
    return ""


_watches: dict[str, ReplicaWatch] = {}
_start = OncePerProcess()
_wake = threading.Condition()


def list_watches() -> list[ReplicaWatch]:
    """Return this process's watch of each configured replica."""
    return [
        _watches.get(alias) or _watches.setdefault(alias, ReplicaWatch(alias))
        for alias in list_replicas()
    ]


def list_used() -> list[str]:
    """Return the aliases of the replicas that requests may read from now."""
    return [watch.alias for watch in list_watches() if watch.is_used]


def may_use(alias: str) -> bool:
    """Return whether requests may still read from this replica."""
    return alias in _watches and _watches[alias].is_used


def leave_out(alias: str, error: BaseException) -> None:
    """Let no request of this process read from a replica that has just failed one."""
    _watches[alias].leave_out(explain(error))


def start_watching() -> None:
    """Start the watching threads of this process, once; call it after any fork."""
    if list_replicas() and _start.claim():
        for watch in list_watches():
            threading.Thread(target=_watch, args=[watch], name=watch.alias, daemon=True).start()


def wait_until_replayed(*, at_most: float = MAX_AGE_SECONDS) -> None:
    """Wait until the replicas that are read from hold what was confirmed before the call.

    Those that do not in ``at_most`` seconds are left out by then.
    """
    began_at = time.monotonic()
    while any(w.is_used and w.level_at < began_at for w in list_watches()):
        if time.monotonic() - began_at > at_most:
            break
        with _wake:
            _wake.notify_all()
        time.sleep(_PAUSE_SECONDS)


def _watch(watch: ReplicaWatch) -> None:
    while True:
        try:
            watch.look()
            watch.say_changes()
        except Exception:
            log.exception("%s could not be watched; it is tried again", watch.name)
            watch.leave_out("it could not be watched: see the log")
        with _wake:
            _wake.wait(CHECK_EVERY_SECONDS)


def describe_replicas() -> dict[str, Any]:
    """Return each replica's state for ``/health/ready``, by name; empty without replicas."""
    return {
        state.name: {
            "used": state.is_used,
            "age_seconds": _round(state.age_seconds),
            "bytes_behind": state.n_bytes_behind,
            # Without the message of an error, which may name hosts and people.
            "left_out": state.reason.partition(":")[0] or None,
        }
        for state in (watch.describe() for watch in list_watches())
    }


def _round(seconds: float) -> float | None:
    return round(seconds, 2) if math.isfinite(seconds) else None


def collect_replicas() -> Iterable[Metric]:
    """Yield Prometheus gauges of each replica, as the process that answers sees it."""
    states = [watch.describe() for watch in list_watches()]
    used = GaugeMetricFamily(
        "tunetrace_replica_used", "1 while requests read from it.", labels=["replica"]
    )
    age = GaugeMetricFamily(
        "tunetrace_replica_age_seconds", "How old its data are at most.", labels=["replica"]
    )
    for state in states:
        used.add_metric([state.name], float(state.is_used))
        if math.isfinite(state.age_seconds):
            age.add_metric([state.name], state.age_seconds)
    return (used, age) if states else ()
