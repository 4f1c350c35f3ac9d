"""Admin: the meanings found for song names."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from music.catalogue.resolver import RUNGS
from music.models import QueryCache

from .tables import KnownValuesFilter, RecordAdmin


class FoundFilter(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "found"), ("no", "nothing found"), ("expired", "expired")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[QueryCache]
    ) -> QuerySet[QueryCache]:
        is_found = Q(song__isnull=False) | Q(best_video_id__isnull=False)
        if self.value() == "yes":
            return queryset.filter(is_found)
        if self.value() == "no":
            return queryset.exclude(is_found)
        if self.value() == "expired":
            return queryset.filter(expires_at__lt=timezone.now())
        return queryset


class RungFilter(KnownValuesFilter):
    title = parameter_name = "rung"
    values = RUNGS


@admin.register(QueryCache)
class QueryCacheAdmin(RecordAdmin):
    """Lists answers; after a deletion the next request for the name is resolved again."""

    list_display = (
        "query",
        "song",
        "best_video_id",
        "n_candidates",
        "rung",
        "confidence",
        "updated_at",
        "expires_at",
    )
    list_select_related = ("song",)
    list_filter = (FoundFilter, RungFilter, "updated_at")
    search_fields = ("query", "=best_video_id", "=song__address")
    search_help_text = "Words of a song name, an exact video id, or an exact address of a song."
    ordering = ("-updated_at", "-id")

    @admin.display(description="candidates")
    def n_candidates(self, answer: QueryCache) -> int:
        return len(answer.candidate_ids)
