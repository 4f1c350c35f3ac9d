"""Django's PostgreSQL backend with a deadline on every exchange with the server.

``statement_timeout`` is kept by the server, and a frozen server keeps nothing; TCP keepalives do
not fire while its kernel still acknowledges. Only the client can stop waiting. psycopg
waits for the socket in one method, which is where the deadline is.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg
from django.db import DatabaseError
from django.db.backends.postgresql import base

from tunetrace_site.replication.failures import is_unavailable
from tunetrace_site.replication.server_identity import (
    Server,
    refuse_unknown_server,
    was_replaced,
)

from .schema import DatabaseSchemaEditor

PATIENCE_SECONDS = 1.0
_CHECK_INTERVAL_SECONDS = 0.05


class ImpatientConnection(psycopg.Connection):
    """Gives up when the server has not answered for ``patience_seconds`` (None: never)."""

    patience_seconds: float | None = PATIENCE_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(gen, _CHECK_INTERVAL_SECONDS, timeout or self.patience_seconds)

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Generator[Any, Any, Any]:
        # ``connect_timeout`` cannot be less than two seconds: too long for a request to wait.
        seconds = cls.patience_seconds or 60.0
        return _give_up_after(seconds, super()._connect_gen(conninfo))


def _give_up_after(seconds: float, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    ends_at = monotonic() + seconds
    request = next(steps)
    while True:
        ready = yield request
        if monotonic() > ends_at:
            raise psycopg.errors.ConnectionTimeout(f"no answer in {seconds} s")
        try:
            request = steps.send(ready)
        except StopIteration as done:
            return done.value


class DatabaseWrapper(base.DatabaseWrapper):
    """Waits ``patience_seconds`` for an answer at most, and never twice for a dead server."""

    SchemaEditorClass = DatabaseSchemaEditor
    server: Server | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience_seconds: float | None = PATIENCE_SECONDS
        self.execute_wrappers.append(self._close_when_lost)

    def get_new_connection(self, conn_params: dict[str, Any]) -> ImpatientConnection:
        connection = ImpatientConnection.connect(**conn_params)
        connection.patience_seconds = self.patience_seconds
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.server = refuse_unknown_server(self)

    def close_if_unusable_or_obsolete(self) -> None:
        """Called by Django before and after each request: lets go of a server that was replaced.

        One that was cut off by a failover may still answer, to those who are connected to it.
        """
        if self.connection is not None and not self.in_atomic_block and was_replaced(self.server):
            self.close()
        super().close_if_unusable_or_obsolete()

    @contextmanager
    def patience(self, seconds: float | None) -> Iterator[None]:
        """Wait up to ``seconds`` for each answer inside the block; None: as long as it takes."""
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

    def _close_when_lost(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        # Closed inside its atomic block, Django neither rolls back over the dead connection nor
        # connects again to switch autocommit on: both would wait once more.
        try:
            return execute(sql, params, many, context)
        except DatabaseError as error:
            if is_unavailable(error):
                self.close()
            raise

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        if autocommit and self.connection is None:
            # The commit itself lost the connection. The next one starts in autocommit anyway.
            return
        super().set_autocommit(autocommit, *args, **kwargs)
