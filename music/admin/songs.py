"""Admin: songs with their takes, and joining two songs."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.operator_rights import get_operator
from music.domain import song_joining
from music.models import Song, VideoFeature
from music.names.genres import genre_names
from music.names.normalization import normalize_key
from tunetrace_site.replication.unit import unit_of_work

from .tables import TableAdmin


class GenreFilter(admin.SimpleListFilter):
    """Filters by known genres; reading the genres from the table would read all of it."""

    title = "genre"
    parameter_name = "genre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in genre_names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(genre=self.value()) if self.value() else queryset


class TakesInline(admin.TabularInline):
    """The takes of a song; the song of a take is changed on the take's page."""

    model = VideoFeature
    verbose_name_plural = "takes"
    fields = readonly_fields = (
        "video_id",
        "take",
        "title",
        "channel_title",
        "view_count",
        "available",
    )
    ordering = ("-view_count", "video_id")
    show_change_link = True
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Song | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Song | None = None) -> bool:
        return False


class SongAdminForm(forms.ModelForm):
    """Refuses a new song that exists already in another spelling."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is None and cleaned.get("artist") and cleaned.get("title"):
            named = Song.named(cleaned["artist"], cleaned["title"])
            if Song.objects.filter(pk=named.pk).exists():
                raise forms.ValidationError(f"{named} exists already: {named.address}.")
        return cleaned


class JoinForm(forms.Form):
    """Asks which of some songs the others are joined to."""

    stays = forms.ModelChoiceField(
        Song.objects.none(), widget=forms.RadioSelect, empty_label=None, label="The song that stays"
    )

    def __init__(self, songs: QuerySet[Song], data: Any = None) -> None:
        super().__init__(data)
        stays = cast(forms.ModelChoiceField, self.fields["stays"])
        stays.queryset = songs
        stays.initial = songs.first()


@admin.register(Song)
class SongAdmin(TableAdmin):
    """Lists songs, which cannot be deleted: they go with their last video, or with the bundle."""

    form = SongAdminForm
    list_display = (
        "title",
        "artist",
        "genre",
        "year",
        "popularity",
        "n_takes",
        "is_bundled",
        "joined_to",
        "updated_at",
    )
    list_filter = (
        GenreFilter,
        "is_bundled",
        ("joined_to", admin.EmptyFieldListFilter),
        "created_at",
        "updated_at",
    )
    list_select_related = ("joined_to",)
    search_fields = ("artist_key", "title_key")
    search_help_text = "Words of the title or the artist, in any spelling, or an address."
    ordering = ("-popularity", "address")
    fields = (
        ("artist", "title"),
        "address",
        "aliases",
        "genre",
        "tags",
        ("year", "language", "popularity"),
        ("is_bundled", "joined_to"),
        ("created_at", "updated_at"),
    )
    readonly_fields = ("address", "is_bundled", "joined_to", "created_at", "updated_at")
    inlines = (TakesInline,)
    actions = ("join",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Song]:
        """Count takes only for the rows of a page, not for all songs."""
        takes = VideoFeature.objects.filter(song=OuterRef("pk")).order_by().values("song")
        n_takes = Subquery(takes.annotate(n=Count("pk")).values("n"))
        return super().get_queryset(request).annotate(n_takes=Coalesce(n_takes, 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Song], search_term: str
    ) -> tuple[QuerySet[Song], bool]:
        return super().get_search_results(request, queryset, normalize_key(search_term))

    @admin.display(description="takes")
    def n_takes(self, song: Song) -> int:
        return vars(song)["n_takes"]

    def has_delete_permission(self, request: HttpRequest, obj: Song | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Song, form: ModelForm, change: bool) -> None:
        """Make the keys of a new song from its names; later changes of names do not change keys."""
        if not change:
            named = Song.named(obj.artist, obj.title)
            for name in ("id", "artist_key", "title_key", "address"):
                setattr(obj, name, getattr(named, name))
        obj.updated_at = timezone.now()
        with unit_of_work():
            super().save_model(request, obj, form, change)

    @admin.action(description="Join the selected songs into one", permissions=["change"])
    def join(self, request: HttpRequest, queryset: QuerySet[Song]) -> HttpResponse | None:
        songs = Song.objects.unjoined().filter(pk__in=queryset.values("pk"))
        songs = songs.order_by("-is_bundled", "-popularity", "address")
        if songs.count() < 2:
            self.message_user(request, "Select at least two songs.", messages.WARNING)
            return None
        form = JoinForm(songs, request.POST if "stays" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": "Join songs",
                "form": form,
                "songs": songs,
                "opts": self.opts,
                "media": self.media,
            }
            return TemplateResponse(request, "admin/music/song/join.html", context)
        stays = form.cleaned_data["stays"]
        for song in songs.exclude(pk=stays.pk):
            song_joining.join_songs(song=song, into=stays, made_by=get_operator(request))
        self.message_user(request, f"They are {stays} now.", messages.SUCCESS)
        return None
