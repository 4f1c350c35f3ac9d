"""Admin: songs joined and takes moved by operators, and how to undo it."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from music.domain import song_joining
from music.errors import InvalidInput
from music.models import SongMove

from .tables import RecordAdmin


@admin.register(SongMove)
class SongMoveAdmin(RecordAdmin):
    """Lists what operators joined and moved; the newest can be undone."""

    list_display = ("kind", "from_song", "to_song", "n_moved", "made_by", "created_at", "undone_at")
    list_select_related = ("from_song", "to_song", "made_by")
    list_filter = ("kind", ("undone_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = (
        "=from_song__address",
        "=to_song__address",
        "from_song__title_key",
        "to_song__title_key",
    )
    search_help_text = "Words of a song's title, or an exact address."
    ordering = ("-created_at", "-id")
    actions = ("undo",)

    @admin.display(description="rows")
    def n_moved(self, move: SongMove) -> int:
        return sum(len(m["rows"]) if isinstance(m, dict) else len(m) for m in move.moved.values())

    def has_delete_permission(self, request: HttpRequest, obj: SongMove | None = None) -> bool:
        return False

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("music.change_song")

    @admin.action(description="Undo the selected moves", permissions=["undo"])
    def undo(self, request: HttpRequest, queryset: QuerySet[SongMove]) -> None:
        n_undone = 0
        for move in queryset.order_by("-created_at"):
            try:
                song_joining.undo_move(move=move)
                n_undone += 1
            except InvalidInput as error:
                self.message_user(request, f"{move}: {error.message}", messages.WARNING)
        self.message_user(request, f"{n_undone} move(s) undone.", messages.SUCCESS)
