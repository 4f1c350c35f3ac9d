"""Admin: how listeners steer their suggestions."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from music.models import Steering

from .tables import FeedbackAdmin


@admin.register(Steering)
class SteeringAdmin(FeedbackAdmin):
    autocomplete_fields = ("user",)
    list_display = ("name", "kind", "user", "created_at")
    list_select_related = ("user",)
    list_filter = ("kind", "created_at")
    search_fields = ("name", "=key", "user__user_id", "user__email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
