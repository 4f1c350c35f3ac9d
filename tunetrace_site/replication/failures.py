"""Classifies database errors by what they mean for the unit of work that they ended."""

import errno
import re
import sqlite3
from enum import Enum

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

DATABASE_ERRORS = (DatabaseError, InterfaceError)
# The class is looked up by name: psycopg2 is not needed where only SQLite is configured.
_DEADLINE_MISSED = "DeadlineMissed"


class Unavailable(Exception):
    """No database can take this unit of work now."""


class QueueTimeout(OperationalError):
    """The wait for a turn to write to SQLite took too long."""


class FileDamaged(OperationalError):
    """SQLite's file is corrupt."""


class FileTakenAway(OperationalError):
    """SQLite's file is not at its path; a process that has it open may hold the only copy."""


class ConnectionLost(OperationalError):
    """The connection broke during a unit of work, and the code inside swallowed the error."""


class ServerReplaced(OperationalError):
    """PostgreSQL may have lost acknowledged changes, and the relay has not compared it yet."""


class RowsMoved(OperationalError):
    """Another writer added or deleted rows that a unit of work relied on, while it ran."""


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
    """Return what ``error``, raised by a database call, says about the database."""
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
        unusable = name.startswith(_SQLITE_UNAVAILABLE) or has_old_schema(error)
        return Meaning.UNAVAILABLE if unusable else Meaning.REFUSED
    return _diagnose_postgres(error, cause)


def _diagnose_postgres(error: BaseException, cause: BaseException | None) -> Meaning:
    state = _sqlstate_of(cause)
    if state is None:
        # A plain ``DatabaseError`` without a code: libpq lost the connection and gives no reason.
        lost = isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError
        return Meaning.UNAVAILABLE if lost and cause is not None else Meaning.REFUSED
    if state in _POSTGRES_COLLISIONS:
        return Meaning.COLLISION
    unusable = state.startswith(_POSTGRES_UNAVAILABLE) or has_old_schema(error)
    return Meaning.UNAVAILABLE if unusable else Meaning.REFUSED


def has_old_schema(error: BaseException) -> bool:
    """Return whether the database lacks a table or a column: its schema is older than the code."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _SQLITE_NOT_MIGRATED.match(str(cause)) is not None
    return _sqlstate_of(cause) in _POSTGRES_NOT_MIGRATED


def is_overtaken(error: BaseException) -> bool:
    """Return whether another transaction may have come first, so that the unit should run again.

    The unit stored a row that did not exist when it looked, or deleted one that did; run again, it
    finds the result of the other transaction. When rows of the other database are applied the same
    errors are refusals, which ``conflicts.py`` settles row by row.
    """
    cause = error.__cause__
    if isinstance(error, IntegrityError):
        name = getattr(cause, "sqlite_errorname", None) or _sqlstate_of(cause)
        return name in _OVERTAKEN
    # Django raises this for a row that is gone: ``save(update_fields=…)``.
    return type(error) is DatabaseError and cause is None and _NO_ROW_UPDATED in str(error)


def is_lock_refused(error: BaseException) -> bool:
    """Return whether the database gave up waiting for a lock of another transaction."""
    name = getattr(error.__cause__, "sqlite_errorname", None) or ""
    state = _sqlstate_of(error.__cause__)
    return name.startswith("SQLITE_BUSY") or state in _POSTGRES_LOCK_REFUSED


def is_damage(error: BaseException) -> bool:
    """Return whether ``error`` says that SQLite's file is corrupt."""
    if isinstance(error, FileDamaged):
        return True
    name = getattr(error.__cause__, "sqlite_errorname", None) or ""
    return name.startswith(_SQLITE_DAMAGE)


def is_full_disk(error: BaseException) -> bool:
    """Return whether ``error``, of a database or of a file, says that the disk is full."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    cause = error.__cause__
    return getattr(cause, "sqlite_errorname", None) == "SQLITE_FULL"


def is_unavailable(error: BaseException) -> bool:
    """Return whether ``error`` means that its database cannot be used now."""
    return isinstance(error, Unavailable) or diagnose(error) is Meaning.UNAVAILABLE


def may_run_again(error: BaseException) -> bool:
    """Return whether the unit that ``error`` ended should run once more, on either database."""
    return isinstance(error, Unavailable) or diagnose(error) is not Meaning.REFUSED


def vendor_of(error: BaseException) -> str | None:
    """Return whose driver raised ``error``: ``sqlite``, ``postgresql``, or None when unknown."""
    of_ours = isinstance(error, (QueueTimeout, FileDamaged, FileTakenAway))
    if of_ours or isinstance(error.__cause__, sqlite3.Error):
        return "sqlite"
    if isinstance(error, ServerReplaced):
        return "postgresql"
    if any(ancestor.__module__ == "psycopg2" for ancestor in type(error.__cause__).__mro__):
        return "postgresql"
    return None


def _sqlstate_of(cause: BaseException | None) -> str | None:
    """Return PostgreSQL's five-character error code; None when the server sent none."""
    return getattr(cause, "pgcode", None)


def explain(error: BaseException) -> str:
    """Return one line: the database's own name of the error, a colon, and its message."""
    cause = error.__cause__ or error
    name = getattr(cause, "sqlite_errorname", None) or _sqlstate_of(cause)
    lines = str(error).strip().splitlines() or ["no text"]
    return f"{name or type(cause).__name__}: {lines[0]}"


def is_worth_a_new_connection(error: BaseException) -> bool:
    """Return whether the server had dropped the connection, so that a new one may work at once.

    A missed deadline does not count: a server that did not answer once is not asked a second time.
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
