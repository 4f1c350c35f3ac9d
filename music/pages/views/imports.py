"""Playlists and long lists on their way to becoming likes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.guests import find_listener, get_or_create_listener
from music.domain.imports import advance_import, start_import
from music.errors import NotFound
from music.models import PlaylistImport
from music.pages.callers import get_caller
from music.pages.errors import form_status, public_page
from music.pages.forms import PasteForm, PlaylistForm
from music.pages.pasting import warn_of_refused
from tunetrace_site.replication.unit import manages_own_units

FINISHED = (PlaylistImport.State.DONE, PlaylistImport.State.FAILED)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def new_import(request: HttpRequest) -> HttpResponse:
    """Begin an import: of a playlist, or of a pasted list. Each has its own form."""
    wants_playlist = "playlist" in request.POST
    playlist_form = PlaylistForm(request.POST if wants_playlist else None)
    paste_form = PasteForm(request.POST if request.POST and not wants_playlist else None)
    form = playlist_form if wants_playlist else paste_form
    if form.is_valid():
        warn_of_refused(request, paste_form)
        job = start_import(listener=get_or_create_listener(request), **form.cleaned_data)
        return redirect("import", job.token)
    context = {"playlist_form": playlist_form, "paste_form": paste_form}
    return render(request, "music/new_import.html", context, status=form_status(form))


@require_safe
@manages_own_units
@public_page
def show_import(request: HttpRequest, token: str) -> HttpResponse:
    """How far an import is. Looking does the next slice, so that it needs no worker."""
    listener = find_listener(request)
    if listener is None:
        raise NotFound("There is no such import.")
    job = advance_import(listener=listener, token=token, caller=get_caller(request))
    context = {"job": job, "is_finished": job.state in FINISHED}
    return render(request, "music/import.html", context)
