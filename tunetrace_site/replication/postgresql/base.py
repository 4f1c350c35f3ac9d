"""Django's PostgreSQL backend with a deadline on every exchange with the server.

``statement_timeout`` is enforced by the server, and a frozen server enforces nothing; TCP
keepalives do not fire while its kernel still acknowledges. Only the client can stop waiting.
psycopg2 lets one function of the process wait for its sockets, and that function enforces the
deadline of a connection.

Connections of other packages in this process pass through it as well, and wait as long as they
would without it. Where such a function is set, psycopg2 forbids to all connections: COPY, large
objects, and two threads on one connection at once.
"""

import math
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg2
from django.db import DatabaseError, DataError
from django.db.backends.postgresql import base
from psycopg2 import extensions

from tunetrace_site.replication.databases import PATIENCE_SECONDS, find_patience, has_two_databases
from tunetrace_site.replication.failures import is_unavailable
from tunetrace_site.replication.server_identity import (
    ServerIdentity,
    refuse_unknown_server,
    was_replaced,
)

from .driver import require_psycopg2
from .schema import DatabaseSchemaEditor

require_psycopg2()

_MIN_SECONDS_TO_CONNECT = 2
_EVENTS = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}


class DeadlineMissed(psycopg2.OperationalError):
    """The server did not answer in time. psycopg2 has closed the connection."""


class ImpatientConnection(extensions.connection):
    """A connection that waits ``patience_seconds`` (None: for ever) for each answer."""

    patience_seconds: float | None = PATIENCE_SECONDS


def _wait_for_answer(connection: extensions.connection) -> None:
    """Wait until ``connection`` has its answer; raise ``DeadlineMissed`` when it takes too long.

    psycopg2 calls this for every connection while it connects and after it has sent a statement, a
    commit or a rollback, each of which counts as one exchange from the first byte to the last.
    """
    if isinstance(connection, ImpatientConnection):
        seconds = connection.patience_seconds
    else:
        seconds = _find_connect_timeout(connection)
    ends_at = math.inf if seconds is None else monotonic() + seconds
    while (state := connection.poll()) != extensions.POLL_OK:
        left = ends_at - monotonic()
        # select() refuses descriptors above 1,023. While connecting, libpq may switch to another
        # socket.
        poller = select.poll()
        poller.register(connection.fileno(), _EVENTS[state])
        if left <= 0 or not poller.poll(None if left == math.inf else math.ceil(left * 1000)):
            raise DeadlineMissed(f"no answer in {seconds:g} s")


def _find_connect_timeout(connection: extensions.connection) -> float | None:
    """Return the seconds left for another package's connection to connect; None: no limit.

    libpq enforces ``connect_timeout`` only where it waits itself, and treats 1 as 2.
    """
    if connection.status != extensions.STATUS_SETUP:
        return None
    seconds = int(connection.get_dsn_parameters().get("connect_timeout") or 0)
    return max(seconds, _MIN_SECONDS_TO_CONNECT) if seconds > 0 else None


extensions.set_wait_callback(_wait_for_answer)


class DatabaseWrapper(base.DatabaseWrapper):
    """Waits ``patience_seconds`` at most for an answer, and never twice for a dead server."""

    SchemaEditorClass = DatabaseSchemaEditor
    server: ServerIdentity | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience_seconds: float | None = find_patience(self.alias)
        self.execute_wrappers.append(self._execute)

    def get_new_connection(self, conn_params: dict[str, Any]) -> ImpatientConnection:
        # ``connect_timeout`` cannot be less than two seconds: too long for a request to wait.
        ours = {**conn_params, "connection_factory": ImpatientConnection}
        connection = super().get_new_connection(ours)
        connection.patience_seconds = self.patience_seconds
        return connection

    def init_connection_state(self) -> None:
        super().init_connection_state()
        # Without SQLite nothing compares servers: what the cluster calls its primary is the one.
        self.server = refuse_unknown_server(self) if has_two_databases() else None

    def close_if_unusable_or_obsolete(self) -> None:
        """Close a connection to a server that was replaced; Django calls this around each request.

        A server cut off by a failover may still answer connections that are open to it.
        """
        if self.connection is not None and not self.in_atomic_block and was_replaced(self.server):
            self.close()
        super().close_if_unusable_or_obsolete()

    @contextmanager
    def patience(self, seconds: float | None) -> Iterator[None]:
        """Wait up to ``seconds`` for each answer inside the block; None: without limit."""
        before = self.patience_seconds
        self.be_patient_for(seconds)
        try:
            yield
        finally:
            self.be_patient_for(before)

    def be_patient_for(self, seconds: float | None) -> None:
        """Wait up to ``seconds`` for each answer from now on."""
        self.patience_seconds = seconds
        if self.connection is not None:
            self.connection.patience_seconds = seconds

    def _execute(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        try:
            return execute(sql, params, many, context)
        except DatabaseError as error:
            # Closed inside its atomic block, Django neither rolls back over the dead connection nor
            # connects again to switch autocommit on: both would wait once more.
            if is_unavailable(error):
                self.close()
            raise
        except ValueError as error:
            # psycopg2 itself refuses a text that PostgreSQL cannot hold (with a NUL, or half of a
            # surrogate pair); for the caller that is the same as a refusal by the server.
            raise DataError(str(error)) from error

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        if autocommit and self.connection is None:
            # The connection broke during the commit itself. The next one starts in autocommit
            # anyway.
            return
        super().set_autocommit(autocommit, *args, **kwargs)
