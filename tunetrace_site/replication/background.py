"""The relay as a thread of every worker; one of them leads, the others stand by."""

import fcntl
import logging
import os
import threading
from typing import Final

from django.db import connections

from .databases import has_two_databases
from .marks import state_path
from .relay import PassReport, Relay, take_out_unprepared

log = logging.getLogger(__name__)

PASS_EVERY_SECONDS: Final = 0.5

_started_in_pid = 0
_start_lock = threading.Lock()


def start_relay_thread() -> None:
    """Start the relay of this process, once; nothing with SQLite alone. Call it after any fork."""
    global _started_in_pid
    if _started_in_pid == os.getpid() or not has_two_databases():
        return
    with _start_lock:
        if _started_in_pid != os.getpid():
            _started_in_pid = os.getpid()
            threading.Thread(target=run_relay, name="relay", daemon=True).start()


def run_relay(stop: threading.Event | None = None) -> None:
    """Relay until ``stop`` is set: wait to lead, then a pass every half second."""
    stop = stop or threading.Event()
    descriptor = os.open(state_path("relay.lock"), os.O_CREAT | os.O_RDWR, 0o644)
    try:
        while not _try_to_lead(descriptor):
            if stop.wait(PASS_EVERY_SECONDS):
                return
        _lead(stop)
    finally:
        os.close(descriptor)
        connections.close_all()


def _try_to_lead(descriptor: int) -> bool:
    # The kernel frees the lock when the leading process dies, however it dies.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lead(stop: threading.Event) -> None:
    relay = Relay()
    take_out_unprepared()
    while not stop.is_set():
        try:
            log_report(relay.run_pass())
        except Exception:
            # A relay that dies silently is worse than one that repeats its complaint.
            log.exception("the relay failed; it goes on")
            connections.close_all()
        stop.wait(PASS_EVERY_SECONDS)


def log_report(report: PassReport) -> None:
    """One line an event; nothing for a pass in which nothing happened."""
    for event in report.events:
        log.warning("databases: %s", event)
