"""Admin: connections to ListenBrainz, and what is sent there. Tokens are never shown."""

import time
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.operator_rights import ReachAdmin
from music.models import Listen, ListenBrainzLink, LovedThere

from .tables import RecordAdmin

SECONDS_OF_A_DAY = 86_400


@admin.register(ListenBrainzLink)
class ListenBrainzLinkAdmin(ReachAdmin, RecordAdmin):
    """Lists connections; deleting a row disconnects the listener."""

    list_display = ("user_name", "user", "sends_plays", "sends_likes", "trouble", "due_at")
    list_display_links = ("user",)
    list_select_related = ("user",)
    list_filter = ("sends_plays", "sends_likes", ("trouble", admin.EmptyFieldListFilter))
    search_fields = ("user_name", "=user__user_id", "user__email")
    ordering = ("-created_at", "-id")
    exclude = ("sealed_token",)


class AgeFilter(admin.SimpleListFilter):
    title = "waiting"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("day", "more than a day")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Listen]) -> QuerySet[Listen]:
        if self.value() == "day":
            return queryset.filter(listened_at__lt=time.time() - SECONDS_OF_A_DAY)
        return queryset


@admin.register(Listen)
class ListenAdmin(ReachAdmin, RecordAdmin):
    """Lists plays that are still to be sent: many old ones are a sign of a problem."""

    list_display = ("title", "artist", "user", "listened_at")
    list_select_related = ("user",)
    list_filter = (AgeFilter,)
    search_fields = ("artist", "title", "=user__user_id", "user__email")
    ordering = ("-listened_at", "-id")


@admin.register(LovedThere)
class LovedThereAdmin(ReachAdmin, RecordAdmin):
    list_display = ("song_pk", "recording_mbid", "user", "created_at")
    list_select_related = ("user",)
    list_filter = (("recording_mbid", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("=recording_mbid", "=user__user_id", "user__email")
    ordering = ("-created_at", "-id")
