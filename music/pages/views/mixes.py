"""Pages: mixes, which are saved lists, to open, rename, reorder, play and delete."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.guests import find_listener, get_or_make_listener
from music.domain import mixes
from music.libraries.writing import FORMATS
from music.pages.cards import build_cards
from music.pages.errors import public_page, refuse, require_listener
from music.pages.list_forms import MixForm, MixSongForm

from .sharing import write_address


@require_safe
@public_page
def list_mixes(request: HttpRequest) -> HttpResponse:
    """List the listener's mixes."""
    listener = find_listener(request)
    found = list(mixes.list_mixes(listener=listener)) if listener else []
    return render(request, "music/mixes.html", {"mixes": found})


@require_POST
@public_page
def save_mix(request: HttpRequest) -> HttpResponse:
    """Save the songs of a list under a name; a script sends which songs the list shows by now."""
    songs = request.POST.getlist("shown") or request.POST.getlist("song")
    form = MixForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    mix = mixes.save_mix(
        listener=get_or_make_listener(request), name=form.cleaned_data["name"], song_ids=songs
    )
    messages.success(request, f"“{mix.name}” is saved.")
    return redirect("mix", mix.token)


@require_safe
@public_page
def show_mix(request: HttpRequest, token: str) -> HttpResponse:
    """Show the songs of one mix, and what can be done with them."""
    listener = require_listener(request, "mix")
    opened = mixes.open_mix(listener=listener, token=token)
    context = {
        "mix": opened.mix,
        "cards": build_cards(opened.songs, listener),
        "form": MixForm(initial={"name": opened.mix.name}),
        "export_formats": tuple(FORMATS.values()),
        "address": write_address(request, opened.mix.share_token) if opened.mix.share_token else "",
    }
    return render(request, "music/mix.html", context)


@require_POST
@public_page
def rename_mix(request: HttpRequest, token: str) -> HttpResponse:
    """Give a mix another name."""
    form = MixForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    listener = require_listener(request, "mix")
    mixes.change_mix(listener=listener, token=token, name=form.cleaned_data["name"])
    return redirect("mix", token)


@require_POST
@public_page
def place_song(request: HttpRequest, token: str) -> HttpResponse:
    """Move a song of a mix to another place, or, without a place, remove it."""
    form = MixSongForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    listener, place = require_listener(request, "mix"), form.cleaned_data["place"]
    if place is None:
        mixes.remove_song(listener=listener, token=token, song_id=form.cleaned_data["song"])
    else:
        mixes.place_song(
            listener=listener, token=token, song_id=form.cleaned_data["song"], place=place
        )
    return redirect("mix", token)


@require_POST
@public_page
def delete_mix(request: HttpRequest, token: str) -> HttpResponse:
    """Delete a mix."""
    mixes.delete_mix(listener=require_listener(request, "mix"), token=token)
    messages.success(request, "The mix is deleted.")
    return redirect("mixes")
