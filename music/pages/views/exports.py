"""Pages: a listener's songs as files, or as a list at YouTube."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.guests import find_listener
from music.domain.library_export import ExportedFile, export_likes, export_shown
from music.domain.mixes import open_mix
from music.libraries.writing import link_to_videos
from music.pages.downloads import answer_file
from music.pages.errors import public_page, refuse, require_listener
from music.pages.suggestion_filters import read_wishes, suggest
from tunetrace_site.replication.unit import manages_own_units

DEFAULT_FORMAT = "csv"
NO_VIDEO = "None of these songs has a video, so there is nothing to play on YouTube."
NO_LIKES = "You have no likes yet, so there is nothing to export."


@require_safe
@public_page
def likes_file(request: HttpRequest) -> HttpResponse:
    """Return all likes, in the format of the query string."""
    listener = find_listener(request)
    if listener is None:
        messages.info(request, NO_LIKES)
        return redirect("likes")
    kind = request.GET.get("format", DEFAULT_FORMAT)
    return _answer(request, export_likes(listener=listener, kind=kind), back="likes")


@require_safe
@manages_own_units
@public_page
def suggestions_file(request: HttpRequest) -> HttpResponse:
    """Return the present suggestions, in the format of the query string."""
    form = read_wishes(request.GET)
    if not form.is_valid():
        return refuse(request, form)
    listener = find_listener(request)
    found = suggest(listener, form)
    kind = request.GET.get("format", DEFAULT_FORMAT)
    exported = export_shown("Suggestions", found.suggestions, listener=listener, kind=kind)
    return _answer(request, exported, back="for_you")


@require_safe
@public_page
def mix_file(request: HttpRequest, token: str) -> HttpResponse:
    """Return the songs of a mix, in the format of the query string."""
    listener = require_listener(request, "mix")
    opened = open_mix(listener=listener, token=token)
    kind = request.GET.get("format", DEFAULT_FORMAT)
    exported = export_shown(opened.mix.name, opened.songs, listener=listener, kind=kind)
    return _answer(request, exported, back="mixes")


def _answer(request: HttpRequest, exported: ExportedFile, back: str) -> HttpResponse:
    """Return the file, or, for a list at YouTube, a redirect to it."""
    if exported.kind.name != "youtube":
        return answer_file(exported.body, exported.kind.content_type, exported.name)
    link = link_to_videos(exported.songs)
    if not link:
        messages.info(request, NO_VIDEO)
    return redirect(link or back)
