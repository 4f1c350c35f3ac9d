"""The buttons that say what a listener thinks of a song, in each place where they stand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from accounts.guests import find_listener
from music.records import ShownSong

from .cards import build_cards
from .forms import PLACES
from .redirects import go_back

CARD, DOCK, FOR_YOU, SAID = PLACES
TEMPLATES = {DOCK: "music/_dock_opinion.html", SAID: "music/_undone.html"}


def wants_part(request: HttpRequest) -> bool:
    """Whether a script asks for a part of a page, to put it in its place.

    A link or a form that htmx follows for the browser wants a whole page, as the browser would.
    """
    asked: HtmxDetails = vars(request)["htmx"]
    return bool(asked) and not asked.boosted


def answer_opinion(request: HttpRequest, song: ShownSong, message: str) -> HttpResponse:
    """The song's buttons in their new state for a script; for a browser, the page it was on."""
    if not wants_part(request):
        messages.success(request, message)
        return go_back(request, reverse("for_you"))
    place = request.POST.get("place", CARD)
    return show_opinion(request, song, place, request.POST.get("next", ""), message)


def show_opinion(
    request: HttpRequest, song: ShownSong, place: str, next_page: str, message: str = ""
) -> HttpResponse:
    """The song's buttons as they stand in ``place``; ``message`` is read to who cannot see them."""
    [card] = build_cards([song], find_listener(request))
    context = {
        "card": card,
        "place": place,
        "announcement": message,
        "next": next_page,
        "is_new": bool(message),
    }
    return render(request, TEMPLATES.get(place, "music/_actions.html"), context)
