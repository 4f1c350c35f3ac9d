"""Admin: videos that players could not play, as listeners reported them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.operator_rights import ReachAdmin, get_operator, within_reach
from music.domain import reports
from music.models import VideoFeature, VideoReport

from .tables import RecordAdmin


class OfferedFilter(admin.SimpleListFilter):
    title = "video"
    parameter_name = "offered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "still offered"), ("no", "withdrawn")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[VideoReport]
    ) -> QuerySet[VideoReport]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(video__withdrawn_at__isnull=self.value() == "yes")
        return queryset


@admin.register(VideoReport)
class VideoReportAdmin(ReachAdmin, RecordAdmin):
    """Lists reports; an operator's decision holds for everybody."""

    list_display = ("video", "song", "code", "user", "counts", "created_at", "is_withdrawn")
    list_select_related = ("user", "video__song")
    list_filter = (OfferedFilter, "code", "counts", "created_at")
    search_fields = ("=video__video_id", "=video__song__address", "user__user_id", "user__email")
    ordering = ("-created_at", "-id")
    actions = ("withdraw", "offer_again")

    @admin.display(description="song")
    def song(self, report: VideoReport) -> str:
        return str(report.video.song or "")

    @admin.display(description="withdrawn", boolean=True)
    def is_withdrawn(self, report: VideoReport) -> bool:
        return report.video.withdrawn_at is not None

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("music.change_videofeature")

    @admin.action(description="Offer these videos to nobody", permissions=["decide"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[VideoReport]) -> None:
        n_changed = reports.withdraw(_find_videos(queryset))
        self.message_user(request, f"{n_changed} video(s) withdrawn.", messages.SUCCESS)

    @admin.action(description="They play: offer these videos again", permissions=["decide"])
    def offer_again(self, request: HttpRequest, queryset: QuerySet[VideoReport]) -> None:
        of_the_same = VideoReport.objects.filter(video__in=_find_videos(queryset))
        n_changed = reports.offer_again(within_reach(get_operator(request), of_the_same, "user"))
        message = f"The reports are deleted; {n_changed} video(s) were withdrawn and play again."
        self.message_user(request, message, messages.SUCCESS)


def _find_videos(queryset: QuerySet[VideoReport]) -> QuerySet[VideoFeature]:
    keys = set(queryset.order_by().values_list("video_id", flat=True))
    return VideoFeature.objects.filter(pk__in=keys)
