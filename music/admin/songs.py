"""Admin: songs and their takes, and what an operator did to them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from music.domain import joining
from music.errors import InvalidInput
from music.models import Song, SongMove, VideoFeature
from music.names.genres import genre_names
from music.names.normalization import normalize_key
from tunetrace_site.replication.unit import unit_of_work

from .tables import RecordAdmin, TableAdmin


class GenreFilter(admin.SimpleListFilter):
    """The known genres; asking the table for its own would read all of it."""

    title = "genre"
    parameter_name = "genre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in genre_names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(genre=self.value()) if self.value() else queryset


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("youtube", "YouTube"), ("bundle", "bundled catalogue")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[VideoFeature]
    ) -> QuerySet[VideoFeature]:
        return queryset.filter(source=self.value()) if self.value() else queryset


class TakesInline(admin.TabularInline):
    """The takes of a song; which song one is a take of is changed at the take."""

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


class SongForm(forms.ModelForm):
    """A new song may not be one that is there, however it is spelt."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.instance.pk is None and cleaned.get("artist") and cleaned.get("title"):
            named = Song.named(cleaned["artist"], cleaned["title"])
            if Song.objects.filter(pk=named.pk).exists():
                raise forms.ValidationError(f"{named} is there already: {named.address}.")
        return cleaned


class JoinForm(forms.Form):
    """Which of some songs the others are joined to."""

    stays = forms.ModelChoiceField(
        Song.objects.none(), widget=forms.RadioSelect, empty_label=None, label="The song that stays"
    )

    def __init__(self, songs: QuerySet[Song], data: Any = None) -> None:
        super().__init__(data)
        self.fields["stays"].queryset = songs
        self.fields["stays"].initial = songs.first()


@admin.register(Song)
class SongAdmin(TableAdmin):
    """A song has no own deletion: it goes with its last video, or stays as long as the bundle."""

    form = SongForm
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
        return super().get_queryset(request).annotate(n_takes=Count("takes"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Song], search_term: str
    ) -> tuple[QuerySet[Song], bool]:
        return super().get_search_results(request, queryset, normalize_key(search_term))

    @admin.display(description="takes", ordering="n_takes")
    def n_takes(self, song: Song) -> int:
        return song.n_takes

    def has_delete_permission(self, request: HttpRequest, obj: Song | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Song, form: ModelForm, change: bool) -> None:
        """The keys of a new song are made of its names; later its names change without them."""
        if not change:
            named = Song.named(obj.artist, obj.title)
            for name in ("id", "artist_key", "title_key", "address"):
                setattr(obj, name, getattr(named, name))
        obj.updated_at = timezone.now()
        with unit_of_work():
            super().save_model(request, obj, form, change)

    @admin.action(description="Join the selected songs into one", permissions=["change"])
    def join(self, request: HttpRequest, queryset: QuerySet[Song]) -> HttpResponse | None:
        songs = Song.objects.filter(pk__in=queryset.values("pk"), joined_to=None)
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
            joining.join_songs(song=song, into=stays, made_by=request.user)
        self.message_user(request, f"They are {stays} now.", messages.SUCCESS)
        return None


@admin.register(VideoFeature)
class VideoAdmin(TableAdmin):
    list_display = (
        "title",
        "song",
        "take",
        "channel_title",
        "source",
        "available",
        "embeddable",
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

    @admin.display(description="watch")
    def watch(self, video: VideoFeature) -> SafeString:
        url = f"https://www.youtube.com/watch?v={video.video_id}"
        return format_html('<a href="{}" rel="noreferrer">YouTube</a>', url)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[VideoFeature], search_term: str
    ) -> tuple[QuerySet[VideoFeature], bool]:
        as_typed, may_repeat = super().get_search_results(request, queryset, search_term)
        key = normalize_key(search_term)
        if key in ("", search_term):
            return as_typed, may_repeat
        spelt_otherwise, _ = super().get_search_results(request, queryset, key)
        return as_typed | spelt_otherwise, may_repeat

    def get_readonly_fields(
        self, request: HttpRequest, obj: VideoFeature | None = None
    ) -> tuple[str, ...]:
        """The primary key is made from the video id."""
        return (*self.readonly_fields, "video_id") if obj else self.readonly_fields

    def save_model(
        self, request: HttpRequest, obj: VideoFeature, form: ModelForm, change: bool
    ) -> None:
        """A take that is given to another song takes along what meant this take."""
        song = obj.song
        is_moved = change and song is not None and "song" in form.changed_data
        if is_moved:
            obj.song_id = form.initial["song"]
        with unit_of_work():
            super().save_model(request, obj, form, change)
            if is_moved:
                joining.move_take(video=obj, to_song=song, made_by=request.user)

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


@admin.register(SongMove)
class SongMoveAdmin(RecordAdmin):
    """What operators joined and moved; the newest can be undone."""

    list_display = ("kind", "from_song", "to_song", "n_moved", "made_by", "created_at", "undone_at")
    list_select_related = ("from_song", "to_song", "made_by")
    list_filter = ("kind", ("undone_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("=from_song__address", "=to_song__address", "from_song__title_key")
    search_help_text = "Words of a song's title in lower case, or an exact address."
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
                joining.undo_move(move=move)
                n_undone += 1
            except InvalidInput as error:
                self.message_user(request, f"{move}: {error.message}", messages.WARNING)
        self.message_user(request, f"{n_undone} move(s) undone.", messages.SUCCESS)
