"""Home, search, and one song with its neighbours."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.guests import find_listener
from accounts.models import User
from music.domain.likes import list_likes
from music.domain.songs import get_song, search_songs, suggest_names
from music.domain.suggestions import (
    discover,
    similar_songs,
    suggest_for_listener,
    suggest_popular,
)
from music.errors import NothingToSuggest
from music.pages.callers import get_caller
from music.pages.cards import Card, build_cards
from music.pages.errors import form_status, public_page
from music.pages.forms import PasteForm, SearchForm
from music.records import Suggestion
from tunetrace_site.replication.unit import manages_own_units

EXAMPLES = ("Come As You Are", "Dancing Queen", "Clair de lune")
N_SLEEVES = 9
N_RECENT = 6
N_NEXT = 6
N_SIMILAR = 10
N_RESULTS = 20


@require_safe
@manages_own_units
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Who has likes finds their music first; a newcomer is asked to name a song, or paste many."""
    listener = find_listener(request)
    recent = list_likes(listener=listener)[:N_RECENT] if listener else []
    context = {
        "cards": _list_next(listener) if listener and recent else [],
        "search_form": SearchForm(),
        "paste_form": PasteForm(),
        "examples": EXAMPLES,
        "recent": recent,
        "sleeves": [] if recent else _list_sleeves(),
    }
    return render(request, "music/home.html", context)


def _list_next(listener: User) -> list[Card]:
    try:
        found = suggest_for_listener(listener=listener, limit=N_NEXT).suggestions
    except NothingToSuggest:
        return []
    return build_cards(found, listener)


def _list_sleeves() -> list[Card]:
    try:
        return build_cards(suggest_popular(limit=N_SLEEVES).suggestions, None)
    except NothingToSuggest:
        return []


@require_safe
@manages_own_units
@public_page
def search(request: HttpRequest) -> HttpResponse:
    """Songs by name, from which the listener chooses, or songs that fit a mood (``by=mood``)."""
    form = SearchForm(request.GET if "q" in request.GET else None)
    by_mood = request.GET.get("by") == "mood"
    context = {"search_form": form, "by_mood": by_mood}
    if form.is_valid():
        look_up = _find_by_mood if by_mood else _find_by_name
        context |= look_up(request, form.cleaned_data["q"])
    return render(request, "music/search.html", context, status=form_status(form))


@require_safe
@public_page
def suggest(request: HttpRequest) -> HttpResponse:
    """Names of stored songs that fit what has been typed so far."""
    return JsonResponse({"names": suggest_names(request.GET.get("q", ""))})


def _find_by_name(request: HttpRequest, query: str) -> dict[str, object]:
    listener = find_listener(request)
    found = search_songs(
        text=query,
        limit=N_RESULTS,
        listener_id=listener.pk if listener else None,
        caller=get_caller(request),
    )
    if not found.songs and (fitting := _find_fitting(query)):
        notice = f"No song is called “{query}”. These fit it."
        return {"cards": build_cards(fitting, listener), "notices": [notice], "by_mood": True}
    return {"cards": build_cards(found.songs, listener), "notices": found.notices}


def _find_fitting(query: str) -> tuple[Suggestion, ...]:
    """Songs that fit the words as a mood, a genre or a time; none where that is a guess."""
    try:
        found = discover(query=query, limit=N_RESULTS)
    except NothingToSuggest:
        return ()
    return () if all(suggestion.stage == "popular" for suggestion in found) else found


def _find_by_mood(request: HttpRequest, query: str) -> dict[str, object]:
    listener = find_listener(request)
    found = discover(query=query, limit=N_RESULTS)
    is_guess = all(suggestion.stage == "popular" for suggestion in found)
    return {
        "cards": build_cards(found, listener),
        "notices": [f"Nothing fits “{query}”. Here are songs that many know."] if is_guess else [],
    }


@require_safe
@manages_own_units
@public_page
def song(request: HttpRequest, reference: str) -> HttpResponse:
    """One song, and the songs most like it. Its older addresses lead to the present one."""
    shown = get_song(reference)
    if shown.song_id != reference:
        return redirect("song", shown.song_id, permanent=True)
    listener = find_listener(request)
    [card] = build_cards([shown], listener)
    similar = similar_songs(reference=reference, limit=N_SIMILAR)
    context = {"card": card, "cards": build_cards(similar, listener)}
    return render(request, "music/song.html", context)
