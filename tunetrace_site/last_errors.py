"""The last errors of this machine's processes, for the operators' first page.

Stored are the time, the place and the kind of an error, and the request id by which the rest can be
found in the log: no values, which may be a listener's.
"""

import json
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

FILE = "last_errors.jsonl"
MAX_BYTES = 64 * 1024
_TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class LastError:
    """One error: its time (UTC), the logger that reported it, what it was, and the request's id."""

    at: datetime
    logger: str
    what: str
    request_id: str


class LastErrors(logging.Handler):
    """A log handler that appends to one file of all processes, halved when it is full."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            _append(json.dumps(_describe(record)) + "\n")


def read_last_errors(n: int) -> list[LastError]:
    """Return up to ``n`` errors, newest first."""
    try:
        lines = _path().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in reversed(lines):
        # Two processes may have written a line at once when half of the file went.
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(line)
            at = datetime.fromtimestamp(told["at"], UTC)
            found.append(LastError(at, told["logger"], told["what"], told["request_id"]))
        if len(found) == n:
            break
    return found


def _describe(record: logging.LogRecord) -> dict[str, object]:
    kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    # Django's message has status and address; the address may name a listener, so it is dropped.
    where = f"at {match.route}" if match else str(record.msg)
    what = f"{kind} {where}" if kind else where
    return {
        "at": record.created,
        "logger": record.name,
        "what": what[:_TEXT_LENGTH],
        "request_id": getattr(record, "request_id", "-"),
    }


def _path() -> Path:
    return settings.STATE_DIR / FILE


def _append(line: str) -> None:
    path = _path()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        is_full = os.fstat(descriptor).st_size > MAX_BYTES
    finally:
        os.close(descriptor)
    if is_full:
        kept = path.read_bytes()[-MAX_BYTES // 2 :].partition(b"\n")[2]
        shorter = path.with_suffix(f".{os.getpid()}")
        shorter.write_bytes(kept)
        shorter.replace(path)
