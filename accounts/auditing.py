"""Collects audit entries during a request, and writes them after the response is made.

By then the request's unit of work has ended, whether it was undone or ran twice. Repetitions are
written at intervals: uses of a credential once an hour, equal refusals once a minute.
"""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.cache import cache
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.unit import run_unit

from .models import AuditEntry, Credential, User

KEPT_DAYS = 180
_USE_SECONDS = 3600
_REFUSAL_SECONDS = 60
_DAY_SECONDS = 86_400
_SUBJECT_PATH = re.compile(r"^/admin/accounts/user/(\d+)/")

logger = logging.getLogger(__name__)
Kind = AuditEntry.Kind


def note(request: HttpRequest | None, kind: Kind, **fields: Any) -> None:
    """Keep an entry (fields of ``AuditEntry``) with ``request`` until the response is made."""
    if request is not None:
        entries = request.__dict__.setdefault("audit_entries", [])
        entries.append(AuditEntry(kind=kind, **fields))


def note_use(request: HttpRequest, credential: Credential) -> None:
    """Record that a token or key was used, at most once an hour."""
    if cache.add(f"audit:used:{credential.pk}", 1, _USE_SECONDS):
        owner = getattr(credential, "user_id", None)
        note(request, Kind.CREDENTIAL_USED, actor_pk=owner, what=credential.prefix)


class AuditMiddleware:
    """Writes the collected entries, and those for actions and refusals in the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        _note_answer(request, response)
        if entries := request.__dict__.pop("audit_entries", None):
            _write([entry for entry in entries if _is_new(entry)])
        return response


def _note_answer(request: HttpRequest, response: HttpResponse) -> None:
    is_admin = request.path.startswith("/admin/") and request.path != "/admin/login/"
    is_write = request.method == "POST" and response.status_code in {200, 302}
    is_refused = response.status_code == 403
    if not (is_refused or (is_admin and is_write)) or "_cached_user" not in request.__dict__:
        return
    if not request.user.is_authenticated or (is_admin and not request.user.is_staff):
        return
    subject = _SUBJECT_PATH.match(request.path)
    action = request.POST.get("action", "") if is_write else request.method
    note(
        request,
        Kind.REFUSED if is_refused else Kind.ADMIN,
        actor_pk=request.user.pk,
        subject_pk=int(subject[1]) if subject else None,
        what=f"{action} {request.path}".strip()[:200],
    )


def _is_new(entry: AuditEntry) -> bool:
    """Return whether no equal refusal was written within a minute: they come by the thousand."""
    if entry.kind not in {Kind.REFUSED, Kind.CREDENTIAL_REFUSED, Kind.SIGN_IN_REFUSED}:
        return True
    name = f"audit:{entry.kind}:{entry.actor_pk}:{entry.subject_pk}:{entry.what}"
    return cache.add(name.replace(" ", "_"), 1, _REFUSAL_SECONDS)


def _write(entries: list[AuditEntry]) -> None:
    """Write entries, and once a day delete old ones; a failure does not change the response."""

    def write() -> None:
        AuditEntry.objects.bulk_create(entries)
        if cache.add("audit:forgotten", 1, _DAY_SECONDS):
            forget_old_entries()

    try:
        run_unit(write)
    except (DatabaseError, Unavailable):
        logger.warning("%d audit entries could not be written", len(entries), exc_info=True)


def forget_old_entries() -> int:
    """Delete entries older than ``KEPT_DAYS``, inside a unit of work; return how many."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    return AuditEntry.objects.filter(at__lt=before).delete()[0]


@receiver(user_logged_in)
def _note_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    note(request, Kind.SIGN_IN, actor_pk=user.pk, subject_pk=user.pk)


@receiver(user_logged_out)
def _note_sign_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        note(request, Kind.SIGN_OUT, actor_pk=user.pk, subject_pk=user.pk)


@receiver(user_login_failed)
def _note_refused_sign_in(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """Record the account that was tried, where it exists; what was typed is not kept."""
    email = str(credentials.get("email") or credentials.get("username") or "").lower()
    subject = User.objects.filter(email=email).values_list("pk", flat=True).first()
    note(request, Kind.SIGN_IN_REFUSED, subject_pk=subject)
