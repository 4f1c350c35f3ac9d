"""Admin: videos, and the song that each is a take of."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.operator_rights import get_operator
from music.domain import song_joining
from music.models import VideoFeature
from music.models.video_feature import BUNDLE, YOUTUBE
from tunetrace_site.replication.unit import unit_of_work

from .tables import TableAdmin


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(YOUTUBE, "YouTube"), (BUNDLE, "bundled catalogue")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[VideoFeature]
    ) -> QuerySet[VideoFeature]:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(VideoFeature)
class VideoAdmin(TableAdmin):
    list_display = (
        "title",
        "song",
        "take",
        "channel_title",
        "source",
        "plays",
        "updated_at",
        "watch",
    )
    list_filter = (
        SourceFilter,
        "take",
        ("song", admin.EmptyFieldListFilter),
        "available",
        "embeddable",
        "made_for_kids",
        "age_restricted",
        "is_live",
        "updated_at",
    )
    list_select_related = ("song",)
    search_fields = ("=video_id", "title", "song__artist_key", "song__title_key")
    search_help_text = "An exact video id, or words of the title or of the song, in any spelling."
    ordering = ("-view_count", "video_id")
    autocomplete_fields = ("song",)
    readonly_fields = ("created_at", "updated_at")
    actions = ("mark_unavailable", "mark_available")

    @admin.display(description="plays", boolean=True)
    def plays(self, video: VideoFeature) -> bool:
        return video.is_playable

    @admin.display(description="watch")
    def watch(self, video: VideoFeature) -> SafeString:
        url = f"https://www.youtube.com/watch?v={video.video_id}"
        return format_html('<a href="{}" rel="noreferrer">YouTube</a>', url)

    def get_readonly_fields(
        self, request: HttpRequest, obj: VideoFeature | None = None
    ) -> tuple[str, ...]:
        """Protect the video id, from which the primary key is made."""
        return (*self.readonly_fields, "video_id") if obj else self.readonly_fields

    def save_model(
        self, request: HttpRequest, obj: VideoFeature, form: ModelForm, change: bool
    ) -> None:
        """Save; a take that gets another song takes the likes and answers that meant it along."""
        song = obj.song
        is_moved = change and song is not None and "song" in form.changed_data
        if is_moved:
            obj.song_id = form.initial["song"]
        with unit_of_work():
            super().save_model(request, obj, form, change)
            if song is not None and is_moved:
                song_joining.move_take(video=obj, to_song=song, made_by=get_operator(request))

    @admin.action(description="Never suggest the selected videos", permissions=["change"])
    def mark_unavailable(self, request: HttpRequest, queryset: QuerySet[VideoFeature]) -> None:
        self._set_available(request, queryset, available=False)

    @admin.action(description="Allow the selected videos again", permissions=["change"])
    def mark_available(self, request: HttpRequest, queryset: QuerySet[VideoFeature]) -> None:
        self._set_available(request, queryset, available=True)

    def _set_available(
        self, request: HttpRequest, queryset: QuerySet[VideoFeature], *, available: bool
    ) -> None:
        with unit_of_work():
            n_changed = queryset.order_by().exclude(available=available).update(available=available)
        word = "allowed" if available else "excluded"
        self.message_user(request, f"{n_changed} video(s) {word}.", messages.SUCCESS)
