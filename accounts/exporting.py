"""The export of a listener's data: rows by section, as JSON-ready values.

A ``Section`` says which rows of a table are about a listener and which columns they get. A test
compares the sections with all tables, so that no new table is forgotten.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import F, Model, Q

from .models import AccessToken, AuditEntry, User


@dataclass(frozen=True, slots=True)
class Section:
    """One list of the export; ``fields`` maps columns to their names in it.

    A row is the listener's when one of the columns ``owners`` holds their primary key and the
    conditions ``only`` hold. ``flags`` are names for "this column holds the listener's key".
    ``spread`` makes entries from the rows where one row is several of them.
    """

    name: str
    model: type[Model]
    fields: dict[str, str]
    owners: tuple[str, ...] = ("user",)
    only: dict[str, object] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    spread: Callable[[Sequence[Any]], Iterable[dict[str, Any]]] | None = None

    def list_rows(self, listener: User) -> list[dict[str, Any]]:
        """Return the listener's rows, oldest first as far as keys tell.

        Times are ISO 8601 in UTC.
        """
        is_theirs = Q()
        for owner in self.owners:
            is_theirs |= Q(**{owner: listener.pk})
        rows = self.model._base_manager.filter(is_theirs, **self.only).order_by("pk")
        if self.spread:
            entries = self.spread(list(rows))
            return [{name: _to_json(value) for name, value in row.items()} for row in entries]
        columns = {f"_{name}": F(path) for name, path in (self.fields | self.flags).items()}
        return [self._tell(row, listener.pk) for row in rows.values(**columns)]

    def _tell(self, row: dict[str, Any], listener_pk: int) -> dict[str, Any]:
        told = {name: _to_json(row[f"_{name}"]) for name in self.fields}
        return told | {name: row[f"_{name}"] == listener_pk for name in self.flags}


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


PROFILE = (
    "user_id",
    "email",
    "display_name",
    "created_at",
    "last_login",
    "is_guest",
    "is_active",
    "is_staff",
    "is_superuser",
    "n_sign_outs",
)
"""Columns of the listener's own row."""

SECTIONS = (
    Section("email_addresses", EmailAddress, _same("email", "verified", "primary")),
    Section(
        "accounts_elsewhere",
        SocialAccount,
        _same("provider", "uid", "last_login", "date_joined", "extra_data"),
    ),
    Section(
        "second_factors",
        Authenticator,
        {"kind": "type", **_same("created_at", "last_used_at")},
    ),
    Section("sessions", UserSession, _same("ip", "user_agent", "created_at", "last_seen_at")),
    Section(
        "tokens",
        AccessToken,
        _same("name", "prefix", "scopes", "created_at", "last_used_at", "revoked_at", "expires_at"),
    ),
    Section(
        "audit",
        AuditEntry,
        _same("at", "kind", "what"),
        owners=("actor_pk", "subject_pk"),
        flags={"by_you": "actor_pk", "about_you": "subject_pk"},
    ),
    Section(
        "done_in_admin",
        LogEntry,
        {"at": "action_time", "action": "action_flag", "table": "content_type__model"},
    ),
    Section(
        "done_in_admin_to_you",
        LogEntry,
        {"at": "action_time", "action": "action_flag", "name": "object_repr"}
        | _same("change_message"),
        owners=("object_id",),
        only={"content_type__app_label": "accounts", "content_type__model": "user"},
    ),
    Section("groups", User.groups.through, {"name": "group__name"}),
    Section("permissions", User.user_permissions.through, {"name": "permission__codename"}),
)


def export_sections(listener: User, sections: Iterable[Section]) -> dict[str, Any]:
    """Return the listener's rows of each of ``sections``, with one or two queries each."""
    return {section.name: section.list_rows(listener) for section in sections}


def export_account(listener: User) -> dict[str, Any]:
    """Return everything about the listener except music, as JSON-ready values without secrets."""
    profile = {name: _to_json(getattr(listener, name)) for name in PROFILE}
    return {"listener": profile, **export_sections(listener, SECTIONS)}


def _to_json(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else value
