"""Admin: lists of songs that listeners saved."""

from django.contrib import admin

from accounts.operator_rights import ReachAdmin
from music.models import Mix

from .tables import RecordAdmin


@admin.register(Mix)
class MixAdmin(ReachAdmin, RecordAdmin):
    list_display = ("name", "user", "n_songs", "created_at", "updated_at")
    list_select_related = ("user",)
    list_filter = ("updated_at",)
    search_fields = ("name", "=token", "user__user_id", "user__email")
    ordering = ("-updated_at", "-id")

    @admin.display(description="songs")
    def n_songs(self, mix: Mix) -> int:
        return len(mix.song_ids)
