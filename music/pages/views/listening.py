"""Requests of the player: opinions of the present song, what was heard, what does not play."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from accounts.guests import find_listener
from music.domain.listens import record_playback
from music.domain.reports import report_video
from music.domain.songs import get_song
from music.pages.errors import public_page, refuse
from music.pages.forms import PlaceForm, PlaybackForm, TroubleForm
from music.pages.opinions import CARD, show_opinion
from music.templatetags.music_tags import can_play_here, take_label, youtube_url


@require_safe
@public_page
def opinion(request: HttpRequest) -> HttpResponse:
    """Return the buttons of one song as they are now, for the player or a card."""
    form = PlaceForm(request.GET)
    if not form.is_valid():
        return refuse(request, form)
    song = get_song(form.cleaned_data["song"])
    place = form.cleaned_data["place"] or CARD
    return show_opinion(request, song, place, form.cleaned_data["next"])


@require_POST
@public_page
def playback(request: HttpRequest) -> HttpResponse:
    """Record that a song was played or skipped; nothing is stored for an unknown listener."""
    form = PlaybackForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    if listener := find_listener(request):
        record_playback(
            listener=listener,
            reference=form.cleaned_data["song"],
            kind=form.cleaned_data["kind"],
        )
    return HttpResponse(status=204)


@require_POST
@public_page
def report(request: HttpRequest) -> HttpResponse:
    """Record that a video does not play; return what to play or open instead."""
    form = TroubleForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    song = report_video(
        listener=find_listener(request),
        video_id=form.cleaned_data["video"],
        code=form.cleaned_data["code"],
    )
    playing = song.video_id if can_play_here(song) else None
    return JsonResponse({"video": playing, "take": take_label(song), "url": youtube_url(song)})
