"""Admin: impressions with their success, and playbacks."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.reach import ReachAdmin
from music.models import Impression, Playback, SuggestionSum

from .tables import FeedbackAdmin, KnownValuesFilter, RecordAdmin

MAX_POSITIONS = 10
MAX_SUMMARISED = 10_000
"""The figures are computed from at most this many suggestions, the newest ones."""


class StageFilter(KnownValuesFilter):
    title = "source"
    parameter_name = "stage"
    values = ("collaborative", "content", "words", "popular", "named")


class OutcomeFilter(admin.SimpleListFilter):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("liked", "liked"), ("dismissed", "dismissed"), ("open", "neither")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Impression]
    ) -> QuerySet[Impression]:
        if self.value() == "liked":
            return queryset.filter(liked_at__isnull=False)
        if self.value() == "dismissed":
            return queryset.filter(dismissed_at__isnull=False)
        if self.value() == "open":
            return queryset.filter(liked_at=None, dismissed_at=None)
        return queryset


@admin.register(Impression)
class ImpressionAdmin(ReachAdmin, RecordAdmin):
    """Shows above the list how often suggestions were liked, by source and by position."""

    change_list_template = "admin/music/impression/change_list.html"
    list_display = (
        "song",
        "user",
        "position",
        "stage",
        "created_at",
        "liked_at",
        "dismissed_at",
    )
    list_select_related = ("user", "song")
    list_filter = (StageFilter, OutcomeFilter, "created_at")
    search_fields = (
        "=request_id",
        "=song__address",
        "song__title_key",
        "song__artist_key",
        "user__user_id",
        "user__email",
    )
    ordering = ("-created_at", "-id")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the figures of the newest rows that pass the filters."""
        response = super().changelist_view(request, extra_context)
        context = response.context_data if isinstance(response, TemplateResponse) else None
        if context and (changelist := context.get("cl")):
            newest = changelist.get_queryset(request).order_by("-created_at")[:MAX_SUMMARISED]
            shown = Impression.objects.filter(pk__in=newest.values("pk"))
            context["by_source"] = summarize_success(shown, "stage")
            positions = shown.filter(position__lte=MAX_POSITIONS)
            context["by_position"] = summarize_success(positions, "position")
        return response


def summarize_success(impressions: QuerySet[Impression], group: str) -> list[dict[str, Any]]:
    """Return rows of ``group``, ``n_shown``, ``n_liked``, ``n_dismissed`` and percentage liked."""
    rows = (
        impressions.values(group)
        .annotate(n_shown=Count("id"), n_liked=Count("liked_at"), n_dismissed=Count("dismissed_at"))
        .order_by(group)
    )
    return [
        {**row, "group": row[group], "percent": 100 * row["n_liked"] / row["n_shown"]}
        for row in rows
    ]


@admin.register(SuggestionSum)
class SuggestionSumAdmin(ReachAdmin, RecordAdmin):
    """Lists what was made of suggestions that are too old to be kept one by one."""

    list_display = ("user", "n_shown", "n_liked", "n_dismissed", "counted_until")
    list_select_related = ("user",)
    list_filter = ("counted_until",)
    search_fields = ("user__user_id", "user__email")
    ordering = ("-counted_until", "-id")

    @admin.display(description="shown")
    def n_shown(self, row: SuggestionSum) -> int:
        return row.count(0)

    @admin.display(description="liked")
    def n_liked(self, row: SuggestionSum) -> int:
        return row.count(1)

    @admin.display(description="dismissed")
    def n_dismissed(self, row: SuggestionSum) -> int:
        return row.count(2)


@admin.register(Playback)
class PlaybackAdmin(FeedbackAdmin):
    list_display = ("song", "user", "kind", "created_at")
    list_filter = ("kind", "created_at")
    search_fields = (
        "song__title_key",
        "song__artist_key",
        "=song__address",
        "user__user_id",
        "user__email",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
