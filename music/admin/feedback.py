"""Admin: suggestion lists with their success, and playbacks."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from accounts.operator_rights import ReachAdmin
from music.models import Impression, Playback, Song, SuggestionSum
from music.models.impression import Suggested

from .tables import FeedbackAdmin, KnownValuesFilter, RecordAdmin

MAX_POSITIONS = 10
MAX_SUMMARISED = 1_000
"""The figures are computed from at most this many lists, the newest ones."""
N_NAMED = 3
"""So many songs of a list are named in its row."""


class StageFilter(KnownValuesFilter):
    title = "source"
    parameter_name = "stage"
    values = ("collaborative", "content", "words", "popular", "named")

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Impression]
    ) -> QuerySet[Impression]:
        """Keep lists with a song of that source."""
        stage = self.value()
        if not stage:
            return queryset
        return queryset.filter(Q(stage=stage) | Q(stages__icontains=f'"{stage}"'))


class OutcomeFilter(admin.SimpleListFilter):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("liked", "a song liked"), ("dismissed", "a song dismissed"), ("open", "neither")]

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
    """Shows above the lists how often suggestions were liked, by source and by position."""

    change_list_template = "admin/music/impression/change_list.html"
    list_display = ("first_songs", "n_songs", "user", "created_at", "liked_at", "dismissed_at")
    list_select_related = ("user",)
    list_filter = (StageFilter, OutcomeFilter, "created_at")
    search_fields = ("=request_id", "user__user_id", "user__email")
    search_help_text = "A listener, the name of a list, or the address of a song"
    ordering = ("-created_at", "-id")
    fields = readonly_fields = ("user", "request_id", "created_at", "songs")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Search for lists with a song as well, by its address."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        song = Song.objects.filter(address=search_term.strip()).first() if search_term else None
        if song:
            found |= queryset.filter(Q(song=song) | Q(song_ids__icontains=str(song.pk)))
        return found, may_repeat

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the names of the songs, and the figures of the newest lists that pass the filters."""
        response = super().changelist_view(request, extra_context)
        context = response.context_data if isinstance(response, TemplateResponse) else None
        if context and (changelist := context.get("cl")):
            _name_songs(changelist.result_list)
            newest = changelist.get_queryset(request).order_by("-created_at")[:MAX_SUMMARISED]
            stage = request.GET.get(StageFilter.parameter_name)
            songs = [
                song
                for row in newest
                for song in row.list_songs()
                if stage in (None, "", song.stage)
            ]
            context["by_source"] = summarize_success(songs, "stage")
            near_top = [song for song in songs if song.position <= MAX_POSITIONS]
            context["by_position"] = summarize_success(near_top, "position")
        return response

    @admin.display(description="suggested")
    def first_songs(self, row: Any) -> str:
        rest = len(row.song_pks) - N_NAMED
        return "; ".join(row.first_names) + (f" and {rest} more" if rest > 0 else "")

    @admin.display(description="songs")
    def n_songs(self, row: Impression) -> int:
        return len(row.song_pks)

    @admin.display(description="songs")
    def songs(self, row: Impression) -> str:
        """Return a table of the list's songs, and of what became of them."""
        present = Song.objects.present(row.song_pks)
        songs = [(present.get(song.song_pk), song) for song in row.list_songs()]
        return render_to_string("admin/music/impression/songs.html", {"songs": songs})


def _name_songs(lists: Iterable[Any]) -> None:
    """Set ``first_names`` of each row to the names of its first songs; one query."""
    rows = list(lists)
    present = Song.objects.present(song_pk for row in rows for song_pk in row.song_pks[:N_NAMED])
    for row in rows:
        songs = (present.get(song_pk) for song_pk in row.song_pks[:N_NAMED])
        row.first_names = [str(song) if song else "a song not stored now" for song in songs]


def summarize_success(songs: Iterable[Suggested], group: str) -> list[dict[str, Any]]:
    """Return rows of ``group``, ``n_shown``, ``n_liked``, ``n_dismissed`` and percentage liked."""
    groups: dict[Any, list[Suggested]] = defaultdict(list)
    for song in songs:
        groups[getattr(song, group)].append(song)
    rows = []
    for value, shown in sorted(groups.items()):
        n_liked = sum(song.liked_at is not None for song in shown)
        n_dismissed = sum(song.dismissed_at is not None for song in shown)
        rows.append(
            {
                "group": value,
                "n_shown": len(shown),
                "n_liked": n_liked,
                "n_dismissed": n_dismissed,
                "percent": 100 * n_liked / len(shown),
            }
        )
    return rows


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
