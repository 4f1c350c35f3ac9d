"""Tells whether a new connection leads to the same PostgreSQL server and history as before.

A server that was restarted, promoted from a standby or restored from a dump may have forgotten
acknowledged changes. It must not answer before the relay has compared it with SQLite. Compared are
the values that change whenever that can have happened: the cluster, its timeline, the start of the
server, its last recovery from a crash, the database and the table; and the end of the write-ahead
log, which must not have gone back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from .databases import POSTGRES
from .failures import DATABASE_ERRORS, ServerReplaced, is_worth_a_new_connection
from .marks import known_server, note_server

# A crash of one backend restarts all backends under the same postmaster; the sign is that the
# server begins its statistics anew.
_IDENTITY_SQL = """
    SELECT concat_ws('/',
        (SELECT system_identifier FROM pg_control_system()),
        CASE WHEN pg_is_in_recovery() THEN 'in recovery'
             ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END,
        extract(epoch FROM pg_postmaster_start_time()),
        (SELECT extract(epoch FROM stats_reset) FROM pg_stat_bgwriter),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        to_regclass('replication_state')::oid),
    CASE WHEN pg_is_in_recovery() THEN 0 ELSE pg_current_wal_insert_lsn() - '0/0' END"""

_may_meet: ContextVar[bool] = ContextVar("may_meet_another_server", default=False)


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """A PostgreSQL server at one moment; ``wal_position`` is the end of its log, in bytes."""

    identity: str
    wal_position: int

    @property
    def is_known(self) -> bool:
        """Whether this is the server that was stored last, and its log has not gone back since."""
        identity, wal_position = known_server()
        return self.identity == identity and self.wal_position >= wal_position

    def note(self) -> None:
        """Store this as the server that every process may use."""
        note_server(self.identity, self.wal_position)


def read_server(connection: BaseDatabaseWrapper | None = None) -> ServerIdentity:
    """Return the identity of the connected PostgreSQL server."""
    with (connection or connections[POSTGRES]).cursor() as cursor:
        cursor.execute(_IDENTITY_SQL)
        identity, wal_position = cursor.fetchone()
    return ServerIdentity(identity, int(wal_position))


def find_server() -> ServerIdentity | None:
    """Return the server that answers, over a new connection where the old one is dead, or None."""
    for _ in range(2):
        try:
            return read_server()
        except DATABASE_ERRORS as error:
            connections[POSTGRES].close()
            if not is_worth_a_new_connection(error):
                break
    return None


def note_progress() -> None:
    """Store the log position of the known server; a server that was not compared is not stored."""
    server = read_server()
    if server.is_known:
        server.note()


@contextmanager
def may_meet_another_server() -> Iterator[None]:
    """Allow connections in the block to a server that was not compared yet: for the relay."""
    token = _may_meet.set(True)
    try:
        yield
    finally:
        _may_meet.reset(token)


def refuse_unknown_server(connection: BaseDatabaseWrapper) -> ServerIdentity | None:
    """Close a new connection to a server that the relay has not compared with SQLite.

    Returns the server; None for the relay, and where none was ever stored (the first start): then
    every server is accepted. Raises ``ServerReplaced``, after which the unit of work runs on
    SQLite.
    """
    if _may_meet.get() or not known_server()[0]:
        return None
    server = read_server(connection)
    if not server.is_known:
        connection.close()
        raise ServerReplaced("PostgreSQL is another server, or was restarted: not compared yet")
    return server


def was_replaced(server: ServerIdentity | None) -> bool:
    """Return whether the relay has meanwhile compared another server than this one."""
    return server is not None and server.identity != known_server()[0]
