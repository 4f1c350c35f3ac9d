"""Admin: how much of the YouTube quota is used, by whom, and when it comes back."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from music.models import QuotaUsage
from music.youtube.availability import has_youtube
from music.youtube.quota import BucketState, DayUse, get_history, get_reserve, get_state

from .charts import HEIGHT, WIDTH, PlacedBar, place_bars
from .tables import RecordAdmin

DAYS = 30


@dataclass(frozen=True, slots=True)
class BucketReport:
    """One bucket as the page shows it: today's state, and a bar for each of the last 30 days."""

    state: BucketState
    reserve: int
    bars: list[PlacedBar]


def build_reports(states: list[BucketState], history: list[DayUse]) -> list[BucketReport]:
    """Return a report per bucket; the bars are as high as a whole day's quota at most."""
    return [
        BucketReport(
            state=state,
            reserve=get_reserve(state.bucket),
            bars=place_bars(
                [
                    (f"{use.day:%d %b}: {use.used}", use.used)
                    for use in history
                    if use.bucket == state.bucket
                ],
                ceiling=state.limit,
            ),
        )
        for state in states
    ]


@admin.register(QuotaUsage)
class QuotaUsageAdmin(RecordAdmin):
    """Shows the day's state and the last 30 days above the rows they are made from."""

    change_list_template = "admin/music/quotausage/change_list.html"
    list_display = ("day", "bucket", "who", "used", "exhausted_at")
    list_filter = ("bucket", "caller", "day")
    date_hierarchy = "day"
    ordering = ("-day", "bucket", "caller")

    @admin.display(description="caller", ordering="caller")
    def who(self, usage: QuotaUsage) -> str:
        return usage.caller or "all together"

    def has_delete_permission(self, request: HttpRequest, obj: QuotaUsage | None = None) -> bool:
        """Forbid deletion, after which the day's quota would be given out twice."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        states = get_state()
        context = {
            "reports": build_reports(states, get_history(DAYS)) if has_youtube() else [],
            "has_key": has_youtube(),
            "is_closed": any(state.exhausted_at for state in states),
            "may_reopen": request.user.has_perm("music.change_quotausage"),
            "chart_width": WIDTH,
            "chart_height": HEIGHT,
            "n_days": DAYS,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})
