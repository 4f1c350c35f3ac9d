"""Admin: likes, dismissals, corrections, shares and imports."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.operator_rights import ReachAdmin
from music.jobs.imports import wake_import
from music.models import Dismissal, ImportRow, MatchCorrection, PlaylistImport, Share, UserLikedSong
from tunetrace_site.replication.unit import unit_of_work

from .tables import FeedbackAdmin, RecordAdmin, find_listeners, forget_tastes


class ResolvedFilter(admin.SimpleListFilter):
    title = "song"
    parameter_name = "resolved"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "found"), ("no", "not found yet")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UserLikedSong]
    ) -> QuerySet[UserLikedSong]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(song__address__isnull=self.value() == "no")
        return queryset


@admin.register(UserLikedSong)
class LikeAdmin(FeedbackAdmin):
    list_display = ("song_name", "song", "user", "learn", "created_at")
    list_filter = (ResolvedFilter, "learn", "created_at")
    search_fields = (
        "song_name",
        "song__title_key",
        "song__artist_key",
        "user__user_id",
        "user__email",
        "=song__address",
    )
    search_help_text = "Part of the words, of a song's title or artist, of a user_id or an email."
    actions = ("forget_match",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: UserLikedSong | None = None
    ) -> tuple[str, ...]:
        """Protect the fields from which the primary key is made: the listener and their words."""
        return ("user", "song_name") if obj else ()

    @admin.action(
        description="Forget which song was meant, and look for it again", permissions=["change"]
    )
    def forget_match(self, request: HttpRequest, queryset: QuerySet[UserLikedSong]) -> None:
        listeners = find_listeners(queryset)
        with unit_of_work():
            n_changed = (
                queryset.order_by().exclude(song=None, video=None).update(song=None, video=None)
            )
            forget_tastes(listeners)
        message = f"{n_changed} like(s) will be looked for again."
        self.message_user(request, message, messages.SUCCESS)


@admin.register(Dismissal)
class DismissalAdmin(FeedbackAdmin):
    list_display = ("song", "user", "created_at")
    list_filter = ("created_at",)
    search_fields = (
        "song__title_key",
        "song__artist_key",
        "=song__address",
        "user__user_id",
        "user__email",
    )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(MatchCorrection)
class CorrectionAdmin(ReachAdmin, RecordAdmin):
    """Lists corrections; a right one helps others when a second listener agrees."""

    list_display = ("query", "song", "n_rejected", "user", "created_at")
    list_select_related = ("user", "song")
    list_filter = (("song", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("query", "=song__address", "user__user_id", "user__email")
    ordering = ("-created_at", "-id")

    @admin.display(description="rejected")
    def n_rejected(self, correction: MatchCorrection) -> int:
        return len(correction.rejected_ids)


@admin.register(PlaylistImport)
class ImportAdmin(ReachAdmin, RecordAdmin):
    list_display = (
        "token",
        "what",
        "user",
        "source",
        "state",
        "progress",
        "error",
        "created_at",
    )
    list_select_related = ("user",)
    list_filter = ("state", "wants_review", "is_paused", "created_at")
    exclude = ("new_rows",)
    search_fields = ("=token", "=playlist_id", "user__user_id", "user__email")
    ordering = ("-created_at", "-id")
    actions = ("try_again",)

    @admin.display(description="playlist, list or file")
    def what(self, job: PlaylistImport) -> str:
        return str(job)

    @admin.display(description="songs")
    def progress(self, job: PlaylistImport) -> str:
        missing = f", {job.n_unresolved} not found" if job.n_unresolved else ""
        return f"{job.n_done} of {job.n_total}{missing}"

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("music.change_playlistimport")

    @admin.action(description="Let the selected failed imports try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[PlaylistImport]) -> None:
        failed = queryset.order_by().filter(state=PlaylistImport.State.FAILED)
        with unit_of_work():
            n_changed = failed.update(state=PlaylistImport.State.WAITING, error="")
        for job in PlaylistImport.objects.filter(state=PlaylistImport.State.WAITING):
            wake_import(job)
        self.message_user(request, f"{n_changed} import(s) will go on.", messages.SUCCESS)


@admin.register(Share)
class ShareAdmin(ReachAdmin, RecordAdmin):
    """Lists what listeners share; deleting a row ends the sharing."""

    list_display = ("kind", "user", "created_at")
    list_select_related = ("user",)
    list_filter = ("kind", "created_at")
    search_fields = ("user__user_id", "user__email")
    ordering = ("-created_at", "-id")
    fields = ("kind", "user", "created_at")


@admin.register(ImportRow)
class ImportRowAdmin(ReachAdmin, RecordAdmin):
    """Lists the songs of imports with their states."""

    list_display = ("name", "state", "song", "job", "number", "why")
    owner = "job__user"
    list_select_related = ("song", "job__user")
    list_filter = ("state",)
    search_fields = ("name", "=job__token", "job__user__user_id", "job__user__email")
    ordering = ("-job_id", "number")
