"""For you: suggestions with their reasons, and what the listener says of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.guests import find_listener, get_or_create_listener
from accounts.models import User
from music.domain import index
from music.domain.likes import dismiss_song, list_dismissals, undo_dismissal
from music.domain.playing import show_songs
from music.domain.songs import get_song, list_genres
from music.domain.suggestions import suggest_for_listener, suggest_popular
from music.pages.cards import build_cards
from music.pages.errors import form_status, public_page, refuse
from music.pages.forms import LIMITS, FilterForm, SongForm
from music.pages.opinions import answer_opinion
from music.records import SuggestionList
from tunetrace_site.replication.unit import manages_own_units

MAX_DISMISSALS = 200


@require_safe
@manages_own_units
@public_page
def for_you(request: HttpRequest) -> HttpResponse:
    """Suggestions from what the listener likes; well-known songs for somebody unknown."""
    listener = find_listener(request)
    form = FilterForm(
        {"adventure": 50} | request.GET.dict(), genres=[genre.name for genre in list_genres()]
    )
    context = {"form": form, "listener": listener}
    if form.is_valid():
        found = _suggest(listener, **form.cleaned_data)
        context["cards"] = build_cards(found.suggestions, listener)
        context["notices"] = (*found.notices, *_describe_index())
        context["more"] = next((n for n in LIMITS if n > form.cleaned_data["limit"]), None)
    return render(request, "music/for_you.html", context, status=form_status(form))


def _suggest(listener: User | None, genre: str, adventure: int, limit: int) -> SuggestionList:
    if listener is None:
        return suggest_popular(genre=genre, limit=limit)
    return suggest_for_listener(
        listener=listener, genre=genre, limit=limit, adventurousness=adventure / 100
    )


def _describe_index() -> tuple[str, ...]:
    if not index.is_being_built():
        return ()
    return (
        "All songs are being compared for the first time. Until that is done, in a minute or "
        "so, suggestions come from the best known ones.",
    )


@require_POST
@public_page
def dismiss(request: HttpRequest) -> HttpResponse:
    """Never suggest this song again."""
    form = SongForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    song = get_song(form.cleaned_data["song"])
    dismiss_song(listener=get_or_create_listener(request), reference=song.song_id)
    return answer_opinion(request, song, f"“{song.title}” will not be suggested again.")


@require_POST
@public_page
def undo_dismiss(request: HttpRequest) -> HttpResponse:
    """Allow a dismissed song again."""
    form = SongForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    song = get_song(form.cleaned_data["song"])
    if listener := find_listener(request):
        undo_dismissal(listener=listener, reference=song.song_id)
    return answer_opinion(request, song, f"“{song.title}” may be suggested again.")


@require_safe
@public_page
def dismissals(request: HttpRequest) -> HttpResponse:
    """What the listener does not want to hear of, to allow it again."""
    listener = find_listener(request)
    dismissed = list_dismissals(listener=listener)[:MAX_DISMISSALS] if listener else []
    songs = show_songs([dismissal.song for dismissal in dismissed])
    return render(request, "music/dismissals.html", {"cards": build_cards(songs, listener)})
