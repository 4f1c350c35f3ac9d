"""The buttons for a listener's opinion of a song, in each place where they stand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from accounts.guests import find_listener
from music.records import ShownSong
from music.templatetags.music_tags import render_form

from .cards import build_cards
from .forms import PLACES
from .redirects import go_back

CARD, DOCK, FOR_YOU, SAID = PLACES
TEMPLATES = {DOCK: "music/_dock_opinion.html", SAID: "music/_undone.html"}


def wants_part(request: HttpRequest) -> bool:
    """Return whether a script asks for a part of a page.

    When htmx only follows a link or sends a form in place of the browser, a whole page is wanted.
    """
    asked: HtmxDetails = vars(request)["htmx"]
    return bool(asked) and not asked.boosted


def answer_opinion(request: HttpRequest, song: ShownSong, message: str) -> HttpResponse:
    """Return the song's buttons in their new state; redirect a browser without the script."""
    if not wants_part(request):
        messages.success(request, message)
        return go_back(request, reverse("for_you"))
    place = request.POST.get("place", CARD)
    return show_opinion(request, song, place, request.POST.get("next", ""), message)


def show_opinion(
    request: HttpRequest, song: ShownSong, place: str, next_page: str, message: str = ""
) -> HttpResponse:
    """Return the song's buttons as they stand in ``place``; ``message`` is for screen readers."""
    [card] = build_cards([song], find_listener(request))
    html = render_form(
        request,
        TEMPLATES.get(place, "music/_actions.html"),
        next_page=next_page,
        card=card.plain,
        place=place,
        announcement=message,
        is_new=bool(message),
    )
    return HttpResponse(html)
