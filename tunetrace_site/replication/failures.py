"""What a database error means for the unit of work it ended."""

import errno
import re
import sqlite3
from enum import Enum

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

DATABASE_ERRORS = (DatabaseError, InterfaceError)
# By name: psycopg2 is not needed where only SQLite is configured.
_DEADLINE_MISSED = "DeadlineMissed"


class Unavailable(Exception):
    """No database can take this unit of work now."""


class QueueTimeout(OperationalError):
    """Waited too long for a turn to write to SQLite."""


class FileDamaged(OperationalError):
    """SQLite's file is not what SQLite wrote."""


class FileTakenAway(OperationalError):
    """SQLite's file is not at its path; who has it open may hold the only copy."""


class ConnectionLost(OperationalError):
    """The connection broke during a unit, and the code inside swallowed the error."""


class ServerReplaced(OperationalError):
    """PostgreSQL may have lost what it acknowledged; the relay has not compared it yet."""


class RowsMoved(OperationalError):
    """Somebody else added or deleted rows that a unit relied on, while it ran."""


class Meaning(Enum):
    UNAVAILABLE = "the database cannot be used now: run the unit on the other one"
    COLLISION = "two transactions were in each other's way: run the unit again, on the same one"
    REFUSED = "the database works and refuses this: a bug, or bad data"


# Result code names of https://www.sqlite.org/rescode.html, extended ones by their prefix.
_SQLITE_UNAVAILABLE = (
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    "SQLITE_NOTADB",
    "SQLITE_PERM",
    "SQLITE_PROTOCOL",
    "SQLITE_READONLY",
)
_SQLITE_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
# SQLSTATE classes and codes of PostgreSQL's appendix A: connection, resources, operator, system and
# internal errors; read-only, lock timeout, statement timeout, no such database.
_POSTGRES_UNAVAILABLE = ("08", "53", "58", "XX", "57P", "25006", "55P03", "57014", "3D000")
# A database without a table or column of ours is older than the code: the relay migrates it when it
# is marked as down.
_SQLITE_NOT_MIGRATED = re.compile(r"no such (table|column): |table \S+ has no column named ")
_POSTGRES_NOT_MIGRATED = ("42P01", "42703")
_POSTGRES_COLLISIONS = ("40001", "40P01")
# A unique value or a primary key that is taken, a row referred to that is gone.
_OVERTAKEN = {
    "23505",
    "23503",
    "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_FOREIGNKEY",
}
_NO_ROW_UPDATED = "did not affect any rows"
_POSTGRES_LOCK_REFUSED = ("55P03", "40P01")


def diagnose(error: BaseException) -> Meaning:
    """What ``error``, raised by a database call, says about the database."""
    if isinstance(
        error, (QueueTimeout, ConnectionLost, FileDamaged, FileTakenAway, ServerReplaced)
    ):
        return Meaning.UNAVAILABLE
    if isinstance(error, RowsMoved):
        return Meaning.COLLISION
    if not isinstance(error, DATABASE_ERRORS):
        return Meaning.REFUSED
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", None) or ""
        unusable = name.startswith(_SQLITE_UNAVAILABLE) or is_outdated(error)
        return Meaning.UNAVAILABLE if unusable else Meaning.REFUSED
    return _diagnose_postgres(error, cause)


def _diagnose_postgres(error: BaseException, cause: BaseException | None) -> Meaning:
    state = _sqlstate_of(cause)
    if state is None:
        # The class without a meaning of its own: libpq lost the connection and says nothing.
        lost = isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError
        return Meaning.UNAVAILABLE if lost and cause is not None else Meaning.REFUSED
    if state in _POSTGRES_COLLISIONS:
        return Meaning.COLLISION
    unusable = state.startswith(_POSTGRES_UNAVAILABLE) or is_outdated(error)
    return Meaning.UNAVAILABLE if unusable else Meaning.REFUSED


def is_outdated(error: BaseException) -> bool:
    """Whether the database lacks a table or a column: its schema is older than the code."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _SQLITE_NOT_MIGRATED.match(str(cause)) is not None
    return _sqlstate_of(cause) in _POSTGRES_NOT_MIGRATED


def is_overtaken(error: BaseException) -> bool:
    """Whether another transaction may have come first: run again, the unit finds what that one did.

    It stored a row that was not there when the unit looked, or deleted one that was. To whoever
    applies rows of the other database this is a refusal all the same: there it is settled, row by
    row (``conflicts.py``).
    """
    cause = error.__cause__
    if isinstance(error, IntegrityError):
        name = getattr(cause, "sqlite_errorname", None) or _sqlstate_of(cause)
        return name in _OVERTAKEN
    # Django's own word for a row that is gone: ``save(update_fields=…)``.
    return type(error) is DatabaseError and cause is None and _NO_ROW_UPDATED in str(error)


def is_lock_refused(error: BaseException) -> bool:
    """Whether the database gave up waiting for what another transaction holds."""
    name = getattr(error.__cause__, "sqlite_errorname", None) or ""
    state = _sqlstate_of(error.__cause__)
    return name.startswith("SQLITE_BUSY") or state in _POSTGRES_LOCK_REFUSED


def is_damage(error: BaseException) -> bool:
    """Whether SQLite's file is not what SQLite wrote."""
    if isinstance(error, FileDamaged):
        return True
    name = getattr(error.__cause__, "sqlite_errorname", None) or ""
    return name.startswith(_SQLITE_DAMAGE)


def is_full_disk(error: BaseException) -> bool:
    """Whether ``error``, of a database or of a file, says that there is no room left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    cause = error.__cause__
    return getattr(cause, "sqlite_errorname", None) == "SQLITE_FULL"


def is_unavailable(error: BaseException) -> bool:
    """Whether ``error`` means that its database cannot be used now."""
    return isinstance(error, Unavailable) or diagnose(error) is Meaning.UNAVAILABLE


def may_run_again(error: BaseException) -> bool:
    """Whether the unit that ``error`` ended should run once more, here or on the other database."""
    return isinstance(error, Unavailable) or diagnose(error) is not Meaning.REFUSED


def vendor_of(error: BaseException) -> str | None:
    """``sqlite`` or ``postgresql``: whose driver raised ``error``; None when it cannot be told."""
    of_ours = isinstance(error, (QueueTimeout, FileDamaged, FileTakenAway))
    if of_ours or isinstance(error.__cause__, sqlite3.Error):
        return "sqlite"
    if isinstance(error, ServerReplaced):
        return "postgresql"
    if any(ancestor.__module__ == "psycopg2" for ancestor in type(error.__cause__).__mro__):
        return "postgresql"
    return None


def _sqlstate_of(cause: BaseException | None) -> str | None:
    """PostgreSQL's five characters for what went wrong; None when the server said nothing."""
    return getattr(cause, "pgcode", None)


def explain(error: BaseException) -> str:
    """One line: the database's own name of the error, a colon, and what it says."""
    cause = error.__cause__ or error
    name = getattr(cause, "sqlite_errorname", None) or _sqlstate_of(cause)
    lines = str(error).strip().splitlines() or ["no text"]
    return f"{name or type(cause).__name__}: {lines[0]}"


def is_worth_a_new_connection(error: BaseException) -> bool:
    """Whether the server had dropped the connection, so that a new one may work at once.

    Not after a deadline: a server that did not answer once is not asked a second time.
    """
    if isinstance(error, ServerReplaced):
        return False
    cause = error.__cause__
    state = _sqlstate_of(cause)
    timed_out = type(cause).__name__ == _DEADLINE_MISSED
    return (
        vendor_of(error) == "postgresql"
        and not timed_out
        and (state is None or state.startswith("57P"))
    )
