"""Pages: the listener's data, as statistics of taste, to export and to delete."""

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.guests import find_listener
from accounts.recent_sign_in import require_fresh
from music.domain.privacy import delete_listener, export_listener
from music.domain.taste import describe_taste
from music.pages.charts import build_bars, fill_decades
from music.pages.errors import form_status, public_page
from music.pages.forms import DeleteForm
from music.templatetags.music_tags import language_name


@require_safe
@public_page
def taste(request: HttpRequest) -> HttpResponse:
    """Show the listener's likes counted by genre, decade, artist and language."""
    listener = find_listener(request)
    if listener is None:
        return render(request, "music/taste.html", {"n_likes": 0})
    found = describe_taste(listener=listener)
    context = {
        "n_likes": found.n_likes,
        "genres": build_bars(found.genres, lambda genre: _list_address("for_you", genre=genre)),
        "decades": build_bars(fill_decades(found.decades), _decade_address),
        "artists": build_bars(found.artists, lambda artist: _list_address("search", q=artist)),
        "languages": build_bars(
            found.languages,
            lambda code: _list_address("for_you", language=code),
            language_name,
        ),
    }
    return render(request, "music/taste.html", context)


def _decade_address(label: str) -> str:
    """Return the address of suggestions of "1990s"; None for "before 1950", which is no filter."""
    decade = label.removesuffix("s")
    return _list_address("for_you", decade=decade) if decade.isdecimal() else ""


def _list_address(view: str, **filters: str) -> str:
    return f"{reverse(view)}?{urlencode(filters)}"


@require_safe
@public_page
def export(request: HttpRequest) -> HttpResponse:
    """Return all data of the listener, as a JSON file."""
    listener = find_listener(request)
    if listener is None:
        messages.info(request, "Nothing is stored about you yet, so there is nothing to export.")
        return redirect("account")
    body = json.dumps(export_listener(listener=listener), indent=2, ensure_ascii=False)
    headers = {"Content-Disposition": 'attachment; filename="tunetrace.json"'}
    return HttpResponse(body, content_type="application/json", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the listener and all their data."""
    listener = find_listener(request)
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "listener": listener}
        return render(request, "accounts/delete.html", context, status=form_status(form))
    if listener is not None:
        if listener.has_account:
            require_fresh(request)
        delete_listener(listener=listener)
    logout(request)
    messages.success(request, "Everything stored about you has been deleted.")
    return redirect("home")
