"""Pages: the listener's likes, to add, list, remove and correct."""

from dataclasses import asdict
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guests import find_listener, get_or_make_listener
from accounts.models import User
from music.domain.imports import start_import
from music.domain.like_lists import LikePages, ListedLike, RemovedLike, show_list
from music.domain.likes import (
    correct_match,
    like_song,
    like_songs,
    list_likes,
    set_learning,
    unlike_song,
    unlike_songs,
)
from music.domain.names import MAX_SONGS
from music.domain.reports import list_refused
from music.domain.songs import get_song, search_songs
from music.domain.youtube_trouble import describe_trouble
from music.errors import NotFound
from music.jobs.imports import wake_import
from music.libraries.writing import FORMATS
from music.models import UserLikedSong
from music.pages.callers import get_caller
from music.pages.cards import build_cards
from music.pages.errors import form_status, public_page, refuse, require_listener
from music.pages.forms import LearningForm, MatchForm, PasteForm, RestoreForm, SearchForm, SongForm
from music.pages.list_forms import LikesForm
from music.pages.opinions import answer_opinion, wants_part
from music.pages.pasting import warn_of_refused
from music.pages.redirects import go_back
from music.templatetags.music_tags import render_form
from music.youtube.budgets import Caller
from tunetrace_site.replication.unit import manages_own_units

PAGE_SIZE = 50
N_CANDIDATES = 10
REMOVED_SESSION_KEY = "removed_like"
MANY_SESSION_KEY = "removed_likes"


@require_safe
@public_page
def likes(request: HttpRequest) -> HttpResponse:
    """List likes, newest first unless another order is wanted, with an offer to undo a removal."""
    listener = find_listener(request)
    form = LikesForm(request.GET)
    found: LikePages | tuple[ListedLike, ...] = ()
    if listener and form.is_valid():
        found = LikePages(
            listener=listener,
            text=form.cleaned_data["q"],
            order=form.cleaned_data["order"] or "newest",
            only_missing=form.cleaned_data["missing"],
            unwanted=list_refused(listener.pk),
        )
    # Paginator counts and slices, and is typed for sequences alone.
    page = Paginator(cast(Any, found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": page.object_list,
        "removed": _pop_removed(request) if listener else None,
        "n_removed_many": len(request.session.get(MANY_SESSION_KEY, ())),
        "export_formats": tuple(FORMATS.values()),
        "has_likes": bool(page.paginator.count) or _has_likes(listener),
    }
    return render(request, "music/likes.html", context, status=form_status(form))


def _pop_removed(request: HttpRequest) -> RemovedLike | None:
    removed = request.session.pop(REMOVED_SESSION_KEY, None)
    return RemovedLike(**removed) if removed else None


def _has_likes(listener: User | None) -> bool:
    return listener is not None and list_likes(listener=listener).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@manages_own_units
@public_page
def add_likes(request: HttpRequest) -> HttpResponse:
    """Like a pasted list: up to 50 songs at once, more as an import with progress."""
    form = PasteForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "music/paste.html", {"form": form}, status=form_status(form))
    names = form.cleaned_data["songs"]
    listener = get_or_make_listener(request)
    if len(names) > MAX_SONGS:
        warn_of_refused(request, form)
        job = start_import(listener=listener, songs=names, caller=get_caller(request))
        wake_import(job)
        return redirect("import", job.token)
    added = like_songs(listener=listener, song_names=names, caller=get_caller(request))
    n_songs = len({like.pk for like in added})
    n_missing = len({like.pk for like in added if not like.is_found})
    messages.success(request, _describe_added(n_songs, len(names) - n_songs, n_missing))
    if n_missing and (trouble := describe_trouble(caller=get_caller(request))):
        messages.warning(request, trouble)
    if not form.refused:
        return redirect("for_you")
    warn_of_refused(request, form)
    return render(request, "music/paste.html", {"form": form.keep_refused()})


def _describe_added(n_songs: int, n_same: int, n_missing: int) -> str:
    """Return the result of a pasted list; ``n_same`` lines repeat a song of another line."""
    same = f" ({n_same + 1} lines name the same)" if n_same and n_songs == 1 else ""
    if n_same and n_songs > 1:
        same = f" ({n_same} more line{'s' * (n_same != 1)} named one of them again)"
    text = f"{n_songs} song{'s' * (n_songs != 1)} added to your likes{same}."
    return f"{text} {n_missing} not found yet: your words are kept." if n_missing else text


@require_POST
@public_page
def like(request: HttpRequest) -> HttpResponse:
    """Like one song that a page shows."""
    form = SongForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    song = get_song(form.cleaned_data["song"])
    like_song(listener=get_or_make_listener(request), song_name="", reference=song.song_id)
    return answer_opinion(request, song, f"You like “{song.title}”.")


@require_POST
@public_page
def unlike(request: HttpRequest) -> HttpResponse:
    """Remove the like of a song that a page shows."""
    form = SongForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    song = get_song(form.cleaned_data["song"])
    listener = require_listener(request, "like")
    unlike_songs(listener=listener, reference=song.song_id)
    return answer_opinion(request, song, f"“{song.title}” is no longer among your likes.")


@require_POST
@public_page
def remove_like(request: HttpRequest, like_id: int) -> HttpResponse:
    """Remove a like from the list, and offer to undo it."""
    listener = require_listener(request, "like")
    found = get_like(listener, like_id)
    address = found.song.address if found.song else ""
    removed = RemovedLike(found.song_name, address, found.learn)
    unlike_song(listener=listener, like_id=like_id)
    if wants_part(request):
        said = f"Removed “{found.song_name}”."
        html = render_form(request, "music/_removed_row.html", removed=removed, announcement=said)
        return HttpResponse(html)
    request.session[REMOVED_SESSION_KEY] = asdict(removed)
    return go_back(request, reverse("likes"))


@require_POST
@manages_own_units
@public_page
def restore_like(request: HttpRequest) -> HttpResponse:
    """Undo the removal of a like."""
    form = RestoreForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    listener = require_listener(request, "like")
    restored = _restore(listener, get_caller(request), **form.cleaned_data)
    return _answer_row(request, restored, f"“{restored.song_name}” is back.")


def _restore(
    listener: User, caller: Caller, song_name: str, song: str, learn: bool
) -> UserLikedSong:
    restored = like_song(
        listener=listener, song_name=song_name, reference=song or None, caller=caller
    )
    if not learn:
        return set_learning(listener=listener, like_id=restored.pk, learn=False)
    return restored


@require_POST
@public_page
def learning(request: HttpRequest, like_id: int) -> HttpResponse:
    """Keep a like, but choose whether suggestions follow from it."""
    form = LearningForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    changed = set_learning(
        listener=require_listener(request, "like"),
        like_id=like_id,
        learn=form.cleaned_data["learn"],
    )
    message = (
        "counts for suggestions." if changed.learn else "is kept, but not used for suggestions."
    )
    return _answer_row(request, changed, f"“{changed.song_name}” {message}")


@require_http_methods(["GET", "HEAD", "POST"])
@manages_own_units
@public_page
def match(request: HttpRequest, like_id: int) -> HttpResponse:
    """Choose which song a like means ("Wrong song")."""
    listener = require_listener(request, "like")
    found = get_like(listener, like_id)
    if request.method == "POST":
        form = MatchForm(request.POST)
        if not form.is_valid():
            return refuse(request, form)
        reference = form.cleaned_data["song"] or None
        changed = correct_match(listener=listener, like_id=like_id, reference=reference)
        messages.success(
            request, f"“{changed.song_name}” now means {changed.song or 'only your words'}."
        )
        return redirect("likes")
    return _show_candidates(request, listener, found)


def _show_candidates(request: HttpRequest, listener: User, found: UserLikedSong) -> HttpResponse:
    form = SearchForm({"q": request.GET.get("q", found.song_name)})
    context: dict[str, Any] = {"like": found, "search_form": form}
    if form.is_valid():
        result = search_songs(
            text=form.cleaned_data["q"],
            limit=N_CANDIDATES,
            listener_id=listener.pk,
            caller=get_caller(request),
        )
        others = [song for song in result.songs if song.song_pk != found.song_id]
        context |= {
            "cards": build_cards(others[:N_CANDIDATES], None),
            "notices": result.notices,
        }
    return render(request, "music/match.html", context, status=form_status(form))


def get_like(listener: User, like_id: int) -> UserLikedSong:
    """Return one of the listener's likes. Raises ``NotFound``."""
    found = list_likes(listener=listener).filter(pk=like_id).first()
    if found is None:
        raise NotFound("There is no such like.", hint="It may have been removed already.")
    return found


def _answer_row(request: HttpRequest, found: UserLikedSong, message: str) -> HttpResponse:
    if wants_part(request):
        one = list_likes(listener=found.user).filter(pk=found.pk)
        [row] = show_list(one, unwanted=list_refused(found.user_id))
        html = render_form(request, "music/_like_row.html", like=row, announcement=message)
        return HttpResponse(html)
    messages.success(request, message)
    return go_back(request, reverse("likes"))
