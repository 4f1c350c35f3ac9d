"""Pages: home, search, and one song with its neighbours."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.guests import find_listener
from accounts.models import User
from music.domain.likes import list_likes
from music.domain.songs import get_song, search_songs, suggest_names
from music.domain.suggestions import (
    MAX_LEFT_OUT,
    describes_songs,
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
    """Show music to a listener with likes; ask a newcomer to name a song, or to paste many."""
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
    """Find songs by name, for the listener to choose, or songs that fit a mood (``by=mood``).

    Words that describe songs rather than naming one are taken as a mood, unless a name is insisted
    on (``by=name``).
    """
    form = SearchForm(request.GET if "q" in request.GET else None)
    by = request.GET.get("by")
    context: dict[str, object] = {"search_form": form, "by_mood": by == "mood"}
    if form.is_valid():
        query = form.cleaned_data["q"]
        context["by_mood"] = by == "mood" or (by != "name" and describes_songs(query))
        look_up = _find_by_mood if context["by_mood"] else _find_by_name
        context |= look_up(request, query)
    return render(request, "music/search.html", context, status=form_status(form))


@require_safe
@public_page
def suggest(request: HttpRequest) -> HttpResponse:
    """Return names of stored songs that complete what has been typed so far."""
    return JsonResponse({"names": suggest_names(request.GET.get("q", ""))})


def _find_by_name(request: HttpRequest, query: str) -> dict[str, object]:
    listener = find_listener(request)
    found = search_songs(
        text=query,
        limit=N_RESULTS,
        listener_id=listener.pk if listener else None,
        caller=get_caller(request),
    )
    is_name = request.GET.get("by") == "name"
    fitting = {} if found.songs or is_name else _find_fitting(request, query)
    if fitting.get("reading"):
        notice = f"No song is called “{query}”. These fit it."
        return fitting | {"notices": [notice, *fitting["notices"]], "by_mood": True}
    return {"cards": build_cards(found.songs, listener), "notices": found.notices}


def _find_fitting(request: HttpRequest, query: str) -> dict[str, Any]:
    """Return the result of ``_find_by_mood``; nothing on a site without songs to suggest."""
    try:
        return _find_by_mood(request, query)
    except NothingToSuggest:
        return {}


def _find_by_mood(request: HttpRequest, query: str) -> dict[str, Any]:
    without = request.GET.getlist("without")[:MAX_LEFT_OUT]
    found = discover(query=query, limit=N_RESULTS, without=without)
    return {
        "cards": build_cards(found.suggestions, find_listener(request)),
        "notices": found.notices,
        "reading": [(f, _link_without(query, [*without, f.facet_id])) for f in found.read_as],
    }


def _link_without(query: str, without: list[str]) -> str:
    """Return the query string for the same words, read without some of their facets."""
    return urlencode({"by": "mood", "q": query, "without": without}, doseq=True)


@require_safe
@manages_own_units
@public_page
def song(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one song, and the songs most like it; older addresses redirect to the present one."""
    shown = get_song(reference)
    if shown.song_id != reference:
        return redirect("song", shown.song_id, permanent=True)
    listener = find_listener(request)
    [card] = build_cards([shown], listener)
    similar = similar_songs(reference=reference, limit=N_SIMILAR)
    neighbours = [neighbour.plain for neighbour in build_cards(similar, listener)]
    context = {"card": card, "cards": neighbours}
    return render(request, "music/song.html", context)
