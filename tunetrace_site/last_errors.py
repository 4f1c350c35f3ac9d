"""The last errors of this machine's processes, for the operators' first page.

Of each it keeps when, where and of which kind it was, and the id of the request, by which the log
has the rest: no values, which may be a listener's.
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
    """One error: when it was (UTC), which logger told of it, what, and during which request."""

    at: datetime
    logger: str
    what: str
    request_id: str


class LastErrors(logging.Handler):
    """Appends a line to the file of all processes; half of it goes when it is full."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            _append(json.dumps(_describe(record)) + "\n")


def read_last_errors(n: int) -> list[LastError]:
    """Up to ``n`` errors, the newest first."""
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
    # Of an answer Django says the status and the address; the address may name somebody.
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
