"""Admin: songs, and what song names were found to mean."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from music.models import QueryCache, VideoFeature
from music.names.genres import genre_names
from music.records import is_catalogue_id
from tunetrace_site.replication.unit import unit_of_work

from .tables import RecordAdmin, TableAdmin


class GenreFilter(admin.SimpleListFilter):
    """The known genres; asking the table for its own would read all of it."""

    title = "genre"
    parameter_name = "genre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in genre_names()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[VideoFeature]
    ) -> QuerySet[VideoFeature]:
        return queryset.filter(genre=self.value()) if self.value() else queryset


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("youtube", "YouTube"), ("catalogue", "bundled catalogue")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[VideoFeature]
    ) -> QuerySet[VideoFeature]:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(VideoFeature)
class SongAdmin(TableAdmin):
    list_display = (
        "title",
        "artist",
        "genre",
        "year",
        "source",
        "available",
        "embeddable",
        "updated_at",
        "watch",
    )
    list_filter = (
        SourceFilter,
        GenreFilter,
        "available",
        "embeddable",
        "made_for_kids",
        "age_restricted",
        "is_live",
        "updated_at",
    )
    search_fields = ("=video_id", "title", "artist", "song_title")
    search_help_text = "An exact video id, or words of the title or the artist."
    ordering = ("-popularity", "video_id")
    readonly_fields = ("artist_key", "title_key", "created_at", "updated_at")
    actions = ("mark_unavailable", "mark_available")

    @admin.display(description="watch")
    def watch(self, song: VideoFeature) -> SafeString | str:
        if is_catalogue_id(song.video_id):
            return ""
        url = f"https://www.youtube.com/watch?v={song.video_id}"
        return format_html('<a href="{}" rel="noreferrer">YouTube</a>', url)

    def get_readonly_fields(
        self, request: HttpRequest, obj: VideoFeature | None = None
    ) -> tuple[str, ...]:
        """The primary key is made from the video id."""
        return (*self.readonly_fields, "video_id") if obj else self.readonly_fields

    @admin.action(description="Never suggest the selected songs", permissions=["change"])
    def mark_unavailable(self, request: HttpRequest, queryset: QuerySet[VideoFeature]) -> None:
        self._set_available(request, queryset, available=False)

    @admin.action(description="Allow the selected songs again", permissions=["change"])
    def mark_available(self, request: HttpRequest, queryset: QuerySet[VideoFeature]) -> None:
        self._set_available(request, queryset, available=True)

    def _set_available(
        self, request: HttpRequest, queryset: QuerySet[VideoFeature], *, available: bool
    ) -> None:
        with unit_of_work():
            n_changed = queryset.order_by().exclude(available=available).update(available=available)
        word = "allowed" if available else "excluded"
        self.message_user(request, f"{n_changed} song(s) {word}.", messages.SUCCESS)


class FoundFilter(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "found"), ("no", "nothing found"), ("expired", "expired")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[QueryCache]
    ) -> QuerySet[QueryCache]:
        if self.value() == "yes":
            return queryset.filter(best_video_id__isnull=False)
        if self.value() == "no":
            return queryset.filter(best_video_id__isnull=True)
        if self.value() == "expired":
            return queryset.filter(expires_at__lt=timezone.now())
        return queryset


@admin.register(QueryCache)
class QueryCacheAdmin(RecordAdmin):
    """Deleting an answer makes the next listener's question be asked again."""

    list_display = (
        "query",
        "best_video_id",
        "n_candidates",
        "rung",
        "confidence",
        "updated_at",
        "expires_at",
    )
    list_filter = (FoundFilter, "rung", "updated_at")
    search_fields = ("query", "=best_video_id")
    search_help_text = "Words of a song name in lower case, or an exact video id."
    ordering = ("-updated_at", "-id")

    @admin.display(description="candidates")
    def n_candidates(self, answer: QueryCache) -> int:
        return len(answer.candidate_ids)
