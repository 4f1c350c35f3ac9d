"""Pages: "For you", with suggestions, their reasons, and the listener's opinions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.guests import find_listener, get_or_make_listener
from accounts.models import User
from music.domain import index
from music.domain.dismissals import dismiss_song, list_dismissals, undo_dismissal
from music.domain.new_songs import list_new_songs
from music.domain.playing import show_songs
from music.domain.songs import get_song
from music.domain.steering import list_steerings
from music.domain.suggestions import MAX_LISTED
from music.pages.cards import Card, build_cards
from music.pages.errors import form_status, public_page, refuse
from music.pages.forms import SongForm
from music.pages.list_forms import LIMITS
from music.pages.opinions import answer_opinion, wants_part
from music.pages.suggestion_filters import read_shown, read_wishes, suggest
from tunetrace_site.replication.unit import manages_own_units

MAX_DISMISSALS = 200
N_MORE = 10


@require_safe
@manages_own_units
@public_page
def for_you(request: HttpRequest) -> HttpResponse:
    """Show suggestions from what the listener likes; well-known songs to an unknown listener."""
    listener = find_listener(request)
    form = read_wishes(request.GET)
    context: dict[str, Any] = {"form": form, "listener": listener}
    if form.is_valid():
        found = suggest(listener, form)
        context["cards"] = build_cards(found.suggestions, listener)
        context["notices"] = (*found.notices, *_describe_index())
        context["more"] = next((n for n in LIMITS if n > form.cleaned_data["limit"]), None)
        context["new_cards"] = _list_new(request, listener)
        context["like"] = get_song(form.cleaned_data["like"]) if form.cleaned_data["like"] else None
    return render(request, "music/for_you.html", context, status=form_status(form))


@require_POST
@manages_own_units
@public_page
def more_songs(request: HttpRequest) -> HttpResponse:
    """Return more suggestions for a list that shows some already, without repeats; 200 in all."""
    form, shown = read_wishes(request.POST), read_shown(request)
    if not form.is_valid():
        return refuse(request, form)
    if not wants_part(request):
        return redirect("for_you")
    n_more = min(N_MORE, MAX_LISTED - len(shown))
    listener = find_listener(request)
    found = suggest(listener, form, n=n_more, without=shown).suggestions if n_more > 0 else ()
    context = {
        "cards": build_cards(found, listener),
        "is_more": len(found) == n_more and len(shown) + len(found) < MAX_LISTED,
    }
    return render(request, "music/_more.html", context)


@require_POST
@manages_own_units
@public_page
def next_song(request: HttpRequest) -> HttpResponse:
    """Return the song that takes the place of one that was liked or dismissed in a list."""
    form, song_form = read_wishes(request.POST), SongForm(request.POST)
    if not song_form.is_valid():
        return refuse(request, song_form)
    if not form.is_valid():
        return refuse(request, form)
    if not wants_part(request):
        return redirect("for_you")
    listener = find_listener(request)
    [said] = build_cards([get_song(song_form.cleaned_data["song"])], listener)
    without = {*read_shown(request), said.song.song_id}
    found = suggest(listener, form, n=1, without=without).suggestions
    context = {"cards": build_cards(found, listener), "said": said}
    return render(request, "music/_next.html", context)


def _list_new(request: HttpRequest, listener: User | None) -> list[Card]:
    """Return new songs of liked artists, shown above a list without filters."""
    if listener is None or request.GET:
        return []
    return build_cards(list_new_songs(listener=listener), listener)


def _describe_index() -> tuple[str, ...]:
    if not index.is_being_built():
        return ()
    return (
        "The recommender is being built for the first time. Until that is done, in a minute or "
        "so, only the best-known songs are suggested.",
    )


@require_POST
@public_page
def dismiss(request: HttpRequest) -> HttpResponse:
    """Never suggest this song again."""
    form = SongForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    song = get_song(form.cleaned_data["song"])
    dismiss_song(listener=get_or_make_listener(request), reference=song.song_id)
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
    """List what the listener has dismissed, so that it can be allowed again."""
    listener = find_listener(request)
    dismissed = list_dismissals(listener=listener)[:MAX_DISMISSALS] if listener else []
    songs = show_songs([dismissal.song for dismissal in dismissed if dismissal.song])
    context = {
        "cards": build_cards(songs, listener),
        "steerings": list_steerings(listener=listener) if listener else [],
    }
    return render(request, "music/dismissals.html", context)
