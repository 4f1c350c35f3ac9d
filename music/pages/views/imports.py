"""Pages: imports of playlists, long lists and files."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guests import get_or_make_listener
from music.domain.import_review import (
    PILES,
    act,
    count_piles,
    estimate_searches,
)
from music.domain.imported_songs import FOUND, list_candidates, list_found, list_rows, show_rows
from music.domain.imports import (
    SongFile,
    get_import,
    read_song_file,
    start_file_import,
    start_import,
)
from music.errors import InvalidInput
from music.jobs.imports import wake_import
from music.libraries.reading import is_file_content
from music.libraries.writing import write_rows
from music.models import ImportRow, PlaylistImport
from music.pages.callers import get_caller
from music.pages.downloads import answer_file
from music.pages.errors import form_status, public_page, refuse, require_listener
from music.pages.forms import FileForm, ImportActionForm, PasteForm, PlaylistForm
from music.pages.pasting import warn_of_refused
from tunetrace_site.replication.unit import manages_own_units

ROWS_ON_A_PAGE = 50
SONGS_ON_A_PAGE = 100
PILE_TITLES = (("sure", "Found"), ("doubtful", "Not sure"), ("missing", "Not found"))


@require_http_methods(["GET", "HEAD", "POST"])
@manages_own_units
@public_page
def new_import(request: HttpRequest) -> HttpResponse:
    """Begin an import of a file, a playlist, or a pasted list. Each has its own form.

    The content of a file may be pasted as well.
    """
    pasted = request.POST.get("songs", "")
    if pasted and is_file_content(pasted):
        return _begin_pasted_file(request, pasted)
    forms = _read_forms(request)
    sent = next((form for form in forms.values() if form.is_bound), None)
    if sent is not None and sent.is_valid():
        try:
            job = _start(request, sent)
        except InvalidInput as error:
            sent.add_error(error.field if error.field in sent.fields else None, error.message)
        else:
            wake_import(job)
            return redirect("import", job.token)
    status = form_status(sent) if sent is not None else 200
    return render(request, "music/new_import.html", forms, status=status)


def _begin_pasted_file(request: HttpRequest, text: str) -> HttpResponse:
    """Begin an import of pasted file content, which is read as its file would be, and reviewed."""
    job = _start_file(request, read_song_file(data=text.encode()))
    wake_import(job)
    return redirect("import", job.token)


def _read_forms(request: HttpRequest) -> dict[str, Any]:
    """Return the three forms, of which the one that was sent is bound."""
    is_post = request.method == "POST"
    is_file = is_post and ("file" in request.FILES or "file" in request.POST)
    is_playlist = is_post and not is_file and "playlist" in request.POST
    is_list = is_post and not (is_file or is_playlist)
    return {
        "file_form": FileForm(*((request.POST, request.FILES) if is_file else ())),
        "playlist_form": PlaylistForm(request.POST if is_playlist else None),
        "paste_form": PasteForm(request.POST if is_list else None),
    }


def _start_file(request: HttpRequest, file: SongFile) -> PlaylistImport:
    listener = get_or_make_listener(request)
    return start_file_import(listener=listener, file=file, caller=get_caller(request))


def _start(request: HttpRequest, form: FileForm | PlaylistForm | PasteForm) -> PlaylistImport:
    if isinstance(form, FileForm):
        sent = form.cleaned_data["file"]
        return _start_file(request, read_song_file(data=sent.read(), file_name=sent.name or ""))
    if isinstance(form, PasteForm):
        warn_of_refused(request, form)
    listener = get_or_make_listener(request)
    return start_import(listener=listener, caller=get_caller(request), **form.cleaned_data)


@require_safe
@public_page
def show_import(request: HttpRequest, token: str) -> HttpResponse:
    """Show the progress of an import, and its rows by state. Changes nothing."""
    job = _get_job(request, token)
    piles = count_piles(job)
    pile = request.GET.get("pile", "")
    pile = pile if pile in PILES else next((name for name in PILES if piles.get(name)), "")
    context = {
        "job": job,
        "piles": piles,
        "pile": pile,
        "estimate": estimate_searches(job),
        "pile_titles": PILE_TITLES,
        "is_moving": job.is_open,
    }
    number = request.GET.get("page")
    if job.state == PlaylistImport.State.REVIEW and pile:
        page = Paginator(list_rows(job, state=pile), ROWS_ON_A_PAGE).get_page(number)
        is_doubtful = pile == ImportRow.State.DOUBTFUL
        context |= {
            "page": page,
            "shown": {} if is_doubtful else show_rows(list(page), job.user_id),
            "candidates": list_candidates(list(page)) if is_doubtful else {},
        }
    elif job.state == PlaylistImport.State.DONE and any(piles.get(state) for state in FOUND):
        page = Paginator(list_found(job), SONGS_ON_A_PAGE).get_page(number)
        context |= {"page": page, "shown": show_rows(list(page), job.user_id)}
    return render(request, "music/import.html", context)


@require_POST
@manages_own_units
@public_page
def change_import(request: HttpRequest, token: str) -> HttpResponse:
    """Carry out a decision of the listener about an import, or about one of its rows."""
    form = ImportActionForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    try:
        job = act(listener=require_listener(request, "import"), token=token, **form.cleaned_data)
    except InvalidInput as error:
        messages.error(request, error.message)
        return redirect("import", token)
    wake_import(job)
    response = redirect("import", job.token)
    if form.cleaned_data["pile"] == "" and request.POST.get("from") in PILES:
        response["Location"] += f"?pile={request.POST['from']}"
    return response


@require_safe
@public_page
def import_rows(request: HttpRequest, token: str) -> HttpResponse:
    """Return the results of all rows as a table to download."""
    job = _get_job(request, token)
    body = write_rows(
        (
            row.number,
            row.name,
            row.get_state_display().lower(),
            str(row.song or ""),
            row.take,
            row.why,
        )
        for row in list_rows(job)
    )
    return answer_file(body, "text/csv", "import.csv")


def _get_job(request: HttpRequest, token: str) -> PlaylistImport:
    return get_import(listener=require_listener(request, "import"), token=token)
