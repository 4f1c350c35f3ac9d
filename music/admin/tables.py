"""Base classes of the admin's lists."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.impossible_values import OddValuesAdmin
from accounts.models import User
from accounts.operator_rights import ReachAdmin
from accounts.paginator import BoundedPaginator
from music.domain.listeners import forget_taste
from music.names.normalization import normalize_key
from tunetrace_site.replication.unit import unit_of_work


class TableAdmin(OddValuesAdmin):
    """A list that stays fast on a table of millions."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Search for the text as typed, and as in keys: lower case, no accents or punctuation."""
        as_typed, may_repeat = super().get_search_results(request, queryset, search_term)
        key = normalize_key(search_term)
        if key in ("", search_term) or "@" in search_term:
            return as_typed, may_repeat
        return as_typed | super().get_search_results(request, queryset, key)[0], may_repeat


class KnownValuesFilter(admin.SimpleListFilter):
    """A filter by values that the code knows: reading them from the table would read all of it.

    A subclass names the column (``parameter_name``), its ``title`` and its ``values``.
    """

    values: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value.replace("_", " ")) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return (
            queryset.filter(**{str(self.parameter_name): self.value()})
            if self.value()
            else queryset
        )


class RecordAdmin(TableAdmin):
    """Rows that the system writes: to be read and deleted, never typed in."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FeedbackAdmin(ReachAdmin, TableAdmin):
    """Rows of a listener's feedback, from which their taste is made."""

    autocomplete_fields: ClassVar[tuple[str, ...]] = ("user", "song")
    list_select_related: ClassVar[tuple[str, ...]] = ("user", "song")
    ordering = ("-created_at", "-id")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        with unit_of_work():
            super().save_model(request, obj, form, change)
            forget_taste(obj.user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with unit_of_work():
            super().delete_model(request, obj)
            forget_taste(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        listeners = find_listeners(queryset)
        with unit_of_work():
            super().delete_queryset(request, queryset)
            forget_tastes(listeners)


def find_listeners(queryset: QuerySet) -> list[User]:
    """Return the listeners to whom rows with a ``user`` belong."""
    keys = queryset.order_by().values_list("user_id", flat=True).distinct()
    return list(User.objects.filter(pk__in=list(keys)))


def forget_tastes(listeners: Iterable[User]) -> None:
    """Invalidate these listeners' cached tastes once this unit of work has committed."""
    for listener in listeners:
        forget_taste(listener)
