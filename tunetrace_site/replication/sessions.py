"""Django's sessions in the database, saved as units of work so that they survive a failover.

The session middleware saves after the view, outside the view's unit.
"""

from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.db import DatabaseError, IntegrityError
from django.utils import timezone

from .databases import has_two_databases
from .failures import Unavailable, is_unavailable
from .marks import is_behind
from .prepared import PreparedQuery
from .unit import current_alias, run_pinned, run_unit

_DATA = PreparedQuery(
    Session,
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now).values_list(
        "session_data"
    ),
)


class SessionStore(DatabaseSessionStore):
    """Django's store; each access runs on the other database when one is unavailable."""

    def load(self) -> dict[str, object]:
        key = self.session_key
        rows = run_pinned(lambda: _DATA.fetch(key, timezone.now()), write=False)
        if rows:
            return self.decode(rows[0][0])
        if has_two_databases() and is_behind(current_alias()):
            # A stale database may just not have the session: neither end it nor delete its cookie.
            raise Unavailable("the database that answers misses changes, perhaps this session")
        self._session_key = None
        return {}

    def exists(self, session_key: str) -> bool:
        return run_pinned(lambda: super(SessionStore, self).exists(session_key), write=False)

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # as Django does
        row = self.create_model_instance(data)

        def store() -> None:
            row.save(force_insert=must_create, force_update=not must_create)

        try:
            run_unit(store)
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        except DatabaseError as error:
            # Updating no row means that the listener signed out meanwhile.
            if must_create or is_unavailable(error):
                raise
            raise UpdateError from None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            run_unit(lambda: self.model.objects.filter(pk=key).delete())

    @classmethod
    def clear_expired(cls) -> None:
        run_unit(super().clear_expired)
