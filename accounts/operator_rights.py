"""Which accounts an operator may change in the admin: never one above their own.

A superuser may change every account. Staff may change their own and those of listeners who are not
operators: whoever could change an operator's email, token or likes could become, or speak for, that
operator.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from .impossible_values import OddValuesAdmin
from .models import User
from .paginator import BoundedPaginator

_LOGGED_AT_ONCE = 200


def get_operator(request: HttpRequest) -> User:
    """Return the user of a request to an admin view, which only operators may open."""
    return cast(User, request.user)


def is_within_reach(actor: User, listener: User | None) -> bool:
    """Return whether ``actor`` may change the account of ``listener``; true for None."""
    if listener is None or actor.is_superuser or listener.pk == actor.pk:
        return True
    return not (listener.is_staff or listener.is_superuser)


def within_reach(actor: User, rows: QuerySet, owner: str = "") -> QuerySet:
    """Return those ``rows`` that ``actor`` may change.

    ``owner`` is the lookup from a row to its listener; without it the rows are listeners
    themselves.
    """
    if actor.is_superuser:
        return rows
    path = f"{owner}__" if owner else ""
    is_operator = Q(**{f"{path}is_staff": True}) | Q(**{f"{path}is_superuser": True})
    is_actor = Q(**{f"{path}pk": actor.pk})
    is_nobodys = Q(**{f"{owner}__isnull": True}) if owner else Q()
    return rows.filter(~is_operator | is_actor | is_nobodys)


class ReachAdmin(OddValuesAdmin):
    """Base of admin pages for rows of a listener, who must be within the operator's reach.

    Holds for changing, deleting (as part of another row as well), adding, and every action.
    """

    owner = "user"
    # Rows of listeners may be millions.
    paginator = BoundedPaginator
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._reaches(request, obj)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return self._log_without_words(super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return self._log_without_words(super().log_change(request, obj, message))

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> Any:
        """Log deletions without contents, and remove contents from earlier entries of the rows."""
        if self.owner:
            keys = [str(row.pk) for row in queryset]
            table = ContentType.objects.get_for_model(self.model)
            for start in range(0, len(keys), _LOGGED_AT_ONCE):
                chunk = keys[start : start + _LOGGED_AT_ONCE]
                earlier = LogEntry.objects.filter(content_type=table, object_id__in=chunk)
                earlier.update(object_repr=self.opts.verbose_name, change_message="")
        return self._log_without_words(super().log_deletions(request, queryset))

    def _log_without_words(self, logged: Any) -> Any:
        """Replace the text of log entries about a listener's rows by the rows' keys.

        The text of a row is the listener's, and after its deletion nothing says whose it was.
        """
        if self.owner:
            entries = logged if isinstance(logged, list) else [logged]
            for entry in entries:
                entry.object_repr = f"{self.opts.verbose_name} {entry.object_id}"
            LogEntry.objects.bulk_update(entries, ["object_repr"], batch_size=_LOGGED_AT_ONCE)
        return logged

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """Offer only accounts within reach as owners."""
        if issubclass(db_field.related_model, User):
            kwargs["queryset"] = within_reach(get_operator(request), User.objects.all())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Restrict every action, including Django's own, to the rows within reach."""
        actions = super().get_actions(request)
        return {
            name: (self._spare_those_above(action[0]), name, action[2])
            for name, action in actions.items()
            if action is not None
        }

    def _reaches(self, request: HttpRequest, row: Model | None) -> bool:
        owner = None if row is None else self._find_owner(row)
        return is_within_reach(get_operator(request), owner)

    def _find_owner(self, row: Model) -> User | None:
        owner: Any = row
        for name in self.owner.split("__") if self.owner else ():
            owner = owner and getattr(owner, name)
        return owner

    def _spare_those_above(self, run: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(run)
        def run_within_reach(
            admin: ModelAdmin, request: HttpRequest, selected: QuerySet[Model]
        ) -> Any:
            reached = within_reach(get_operator(request), selected, self.owner)
            n_spared = selected.count() - reached.count()
            if n_spared:
                message = f"{n_spared} row(s) of other operators were left alone."
                self.message_user(request, message, messages.WARNING)
            return run(admin, request, reached)

        return run_within_reach


class SuperuserAdmin(OddValuesAdmin):
    """Base of admin pages for what gives power over accounts: only superusers may change it.

    A group gives its permissions to all members, an identity provider can vouch for any account,
    and a service key can act for any listener.
    """

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_add_permission(request) and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and request.user.is_superuser
