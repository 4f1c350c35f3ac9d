"""Which machine uses a ``MACHINE_NUMBER``: kept in PostgreSQL, so that no two can share one.

Two SQLite databases with one number would each take the other's log for a rewritten one, and make
equal versions of different rows. The process that leads a machine's relay counts up in the row of
its number; a machine that finds another one counting there takes no writes. No clocks are compared:
a holder is alive when its count moves while it is watched.
"""

import os
import socket
import time
import uuid
from contextlib import suppress
from enum import Enum
from typing import Final

from django.conf import settings

from tunetrace_site.machine.files import state_path

from .databases import POSTGRES
from .models import Machine

RENEW_EVERY_SECONDS: Final = 1.0
# After three missed counts the holder has ended.
WATCH_SECONDS: Final = 3.0


class Claim(Enum):
    """The result of a claim to a number."""

    HELD = "this machine has it"
    WATCHING = "somebody had it; whether they still live is being watched"
    TAKEN = "another machine is using it"


class NumberTaken(Exception):
    """Another running machine uses this machine's number."""


class NumberClaim:
    """One process's claim on its machine's number; ``keep`` is called again and again."""

    def __init__(self) -> None:
        self.claim = Claim.WATCHING
        self._token = uuid.uuid4().hex
        self._number = settings.MACHINE_NUMBER
        self._renewed_at = 0.0
        self._watched: tuple[tuple[str, int], float] | None = None
        self._other: Machine | None = None

    @property
    def may_relay(self) -> bool:
        """Whether no other machine uses the number, as far as is known.

        A process of this machine that held it before has ended: only one at a time leads the relay.
        """
        if self.claim is Claim.WATCHING and self._other is not None:
            return self._other.holder == read_machine_id()
        return self.claim is not Claim.TAKEN

    @property
    def reason(self) -> str:
        """Why this machine takes no writes, as a sentence for operators."""
        host = self._other.host if self._other else "another machine"
        return (
            f"MACHINE_NUMBER={self._number} is in use by {host} as well: give each machine that"
            " shares this PostgreSQL a number of its own (1 to 15) and SEVERAL_MACHINES=true"
        )

    def keep(self) -> Claim:
        """Renew the claim when it is due, or watch who holds the number. Queries PostgreSQL."""
        if self.claim is Claim.HELD and time.monotonic() - self._renewed_at < RENEW_EVERY_SECONDS:
            return self.claim
        row = Machine.objects.using(POSTGRES).filter(number=self._number).first()
        if row is None or row.token == self._token:
            self.claim = self._write(row)
        else:
            self.claim = self._watch(row)
        return self.claim

    def _write(self, found: Machine | None) -> Claim:
        """Increase the count, unless another machine did so first."""
        values = {
            "holder": read_machine_id(),
            "host": socket.gethostname()[:255],
            "token": self._token,
            "n_beats": found.n_beats + 1 if found else 1,
        }
        rows = Machine.objects.using(POSTGRES)
        if found is None:
            _, is_ours = rows.get_or_create(number=self._number, defaults=values)
        else:
            same = rows.filter(number=self._number, token=found.token, n_beats=found.n_beats)
            is_ours = same.update(**values) == 1
        self._renewed_at, self._watched = time.monotonic(), None
        return Claim.HELD if is_ours else Claim.WATCHING

    def _watch(self, row: Machine) -> Claim:
        now, seen = time.monotonic(), (row.token, row.n_beats)
        self._other = row
        if self._watched is None:
            self._watched = (seen, now)
            return Claim.WATCHING
        before, since = self._watched
        if seen != before:
            self._watched = (seen, now)
            return Claim.TAKEN
        return self._write(row) if now - since >= WATCH_SECONDS else self.claim


def refuse_taken_number() -> None:
    """Claim this machine's number at start-up; raise ``NumberTaken`` when another machine uses it.

    Waits for ``WATCH_SECONDS`` where another machine's claim is found, to see whether it still
    counts.
    """
    claim = NumberClaim()
    while claim.keep() is Claim.WATCHING and not claim.may_relay:
        time.sleep(RENEW_EVERY_SECONDS / 4)
    if claim.claim is Claim.TAKEN:
        raise NumberTaken(claim.reason)


def read_machine_id() -> str:
    """Return the random name of this machine, kept in ``STATE_DIR``; made at the first call."""
    path = state_path("machine-id")
    if not path.exists():
        draft = state_path(f"machine-id-{os.getpid()}")
        draft.write_text(uuid.uuid4().hex)
        with suppress(FileExistsError):
            # In one step: nobody shall read an empty one.
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
