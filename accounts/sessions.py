"""The sessions of a listener, and ending them."""

from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tunetrace_site.replication.unit import run_unit, unit_of_work

from .middleware import SINCE_SESSION_KEY, has_ended
from .models import User

_FORGET_AT_ONCE = 500


def list_sessions(user: User) -> list[UserSession]:
    """Return the user's valid sessions, newest first, with two queries and without writing.

    Sessions that began before sessions were recorded are not listed.
    """
    rows = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")
    found = {row.session_key: row for row in rows}
    stored = Session.objects.filter(pk__in=found, expire_date__gt=timezone.now())
    expected = user.get_session_auth_hash()
    alive = {session.pk for session in stored if _counts(session.get_decoded(), expected)}
    return [row for key, row in found.items() if key in alive]


def _counts(session: dict[str, Any], expected_hash: str) -> bool:
    is_of_now = constant_time_compare(session.get(HASH_SESSION_KEY, ""), expected_hash)
    return is_of_now and not has_ended(session.get(SINCE_SESSION_KEY))


def end_session(user: User, row_pk: int) -> bool:
    """Sign out one browser; return whether the user had such a session."""
    with unit_of_work():
        row = UserSession.objects.filter(user=user, pk=row_pk).first()
        if row is not None:
            row.end()
    return row is not None


def end_all_sessions(user: User) -> None:
    """Sign out every browser, including those that are not listed."""
    with unit_of_work():
        user.sign_out_everywhere()
        UserSession.objects.filter(user=user).delete()


def forget_expired_sessions() -> int:
    """Delete expired sessions and their records; return how many rows were deleted.

    Batches of 500, each a unit of work.
    """
    now = timezone.now()
    n_deleted = _delete_in_batches(Session.objects.filter(expire_date__lt=now))
    is_kept = Exists(Session.objects.filter(pk=OuterRef("session_key")))
    before = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return n_deleted + _delete_in_batches(
        UserSession.objects.filter(~is_kept, last_seen_at__lt=before)
    )


def _delete_in_batches(rows: QuerySet[Any]) -> int:
    n_deleted = 0
    while keys := list(rows.values_list("pk", flat=True)[:_FORGET_AT_ONCE]):
        batch = rows.filter(pk__in=keys)
        run_unit(batch.delete)
        n_deleted += len(keys)
    return n_deleted
