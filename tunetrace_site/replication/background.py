"""The relay as a thread of every worker: one of them leads, the others stand by."""

import logging
import threading
from typing import Final

from django.db import connections

from tunetrace_site.machine.leader import leading
from tunetrace_site.machine.per_process import OncePerProcess

from .daily_comparison import DailyComparison
from .databases import POSTGRES, has_two_databases
from .failures import DATABASE_ERRORS
from .machines import Claim, NumberClaim
from .marks import Halt, beat, is_down, note_halt
from .reconcile import Comparison
from .relay import PassReport, Relay, take_out_unprepared
from .server_identity import may_meet_another_server

log = logging.getLogger(__name__)

PASS_EVERY_SECONDS: Final = 0.5

_start = OncePerProcess()


def start_relay_thread() -> None:
    """Start the relay thread of this process, once; call it after any fork.

    Does nothing with SQLite alone.
    """
    if has_two_databases() and _start.claim():
        threading.Thread(target=run_relay, name="relay", daemon=True).start()


def run_relay(stop: threading.Event | None = None) -> None:
    """Run the relay until ``stop`` is set: wait to become the leader, then a pass every 0.5 s."""
    stop = stop or threading.Event()
    with leading("relay.lock", stop) as leads:
        try:
            if leads:
                _lead(stop)
        finally:
            connections.close_all()


def _lead(stop: threading.Event) -> None:
    relay, claim, comparison = Relay(), NumberClaim(), DailyComparison()
    take_out_unprepared()
    while not stop.is_set():
        try:
            if keep_number(claim):
                log_report(relay.run_pass())
                log_comparison(comparison.step())
        except Exception:
            # A relay that dies silently is worse than one that repeats its complaint.
            log.exception("the relay failed; it goes on")
            connections.close_all()
        stop.wait(PASS_EVERY_SECONDS)


def keep_number(claim: NumberClaim) -> bool:
    """Return whether this machine's number is its own, so that it may relay; else halt its writes.

    While PostgreSQL cannot be asked, the last answer stands.
    """
    if is_down(POSTGRES):
        return claim.may_relay
    try:
        with may_meet_another_server():
            is_taken = claim.keep() is Claim.TAKEN
    except DATABASE_ERRORS:
        connections[POSTGRES].close()
        return claim.may_relay
    reason = claim.reason if is_taken else ""
    if note_halt(Halt.NUMBER, reason):
        log.error("databases: %s", reason or "no other machine uses this machine's number any more")
    if not claim.may_relay:
        # The relay waits here on purpose: its heartbeat must not say that it is late.
        beat()
    return claim.may_relay


def log_report(report: PassReport) -> None:
    """Write one log line for each event of a pass; none for a pass in which nothing happened."""
    for event in report.events:
        log.warning("databases: %s", event)


def log_comparison(comparison: Comparison | None) -> None:
    """Write a log line when a comparison of both databases has ended and found differences."""
    if comparison and comparison.differences:
        log.error(
            "databases: %d rows differ in SQLite and PostgreSQL: run manage.py reconcile",
            len(comparison.differences),
        )
