"""Pages: what a listener shares, and what others see of it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guests import find_listener, get_or_make_listener
from music.domain.sharing import (
    SharedList,
    end_sharing,
    end_sharing_mix,
    find_shares,
    get_shared,
    list_shared_mixes,
    share,
    share_mix,
)
from music.models import Share
from music.pages.errors import public_page, refuse, require_listener
from music.pages.forms import ShareForm
from music.pages.list_forms import ShareMixForm
from tunetrace_site.replication.unit import manages_own_units

OPENED = "Anyone with the link can see the songs now."
CLOSED = "Closed: the link no longer works."


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def sharing(request: HttpRequest) -> HttpResponse:
    """Show what is shared, and the buttons that begin and end it."""
    if request.method == "POST":
        return _change(request)
    listener = find_listener(request)
    shares = find_shares(listener=listener) if listener else {}
    kinds = [
        (kind, label, write_address(request, shares[kind].token) if kind in shares else "")
        for kind, label in Share.Kind.choices
    ]
    mixes = list_shared_mixes(listener=listener) if listener else []
    return render(request, "music/sharing.html", {"kinds": kinds, "mixes": mixes})


def _change(request: HttpRequest) -> HttpResponse:
    form = ShareForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    kind = form.cleaned_data["kind"]
    if form.cleaned_data["is_shared"]:
        share(listener=get_or_make_listener(request), kind=kind)
        messages.success(request, OPENED)
    elif listener := find_listener(request):
        end_sharing(listener=listener, kind=kind)
        messages.success(request, CLOSED)
    return redirect("sharing")


@require_POST
@public_page
def share_one_mix(request: HttpRequest, token: str) -> HttpResponse:
    """Share a mix at a secret address, or stop sharing it."""
    form = ShareMixForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    listener = require_listener(request, "mix")
    if form.cleaned_data["is_shared"]:
        share_mix(listener=listener, token=token)
        messages.success(request, OPENED)
    else:
        end_sharing_mix(listener=listener, token=token)
        messages.success(request, CLOSED)
    return redirect("mix", token)


@require_safe
@manages_own_units
@public_page
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show the songs at a shared address, without the name of the listener."""
    found = get_shared(token=token)
    context = {"shared": found, "address": write_address(request, token)}
    return render(request, "music/shared.html", context)


@require_safe
@manages_own_units
@public_page
def shared_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return the songs at a shared address as an Atom feed (RFC 4287)."""
    found = get_shared(token=token)
    body = _write_feed(request, found).writeString("utf-8")
    return HttpResponse(body, content_type=Atom1Feed.content_type)


class _DatedFeed(Atom1Feed):
    """A feed that says when the list was changed last, even while it has no song."""

    def latest_post_date(self) -> datetime:
        return self.feed["changed_at"]


def _write_feed(request: HttpRequest, found: SharedList) -> Atom1Feed:
    address = write_address(request, found.token)
    feed = _DatedFeed(
        title=f"{found.title} – TuneTrace",
        link=address,
        description="",
        feed_url=request.build_absolute_uri(reverse("shared_feed", args=[found.token])),
        feed_guid=address,
        changed_at=found.updated_at,
    )
    for item in found.songs:
        song = item.song
        feed.add_item(
            title=str(song),
            link=request.build_absolute_uri(reverse("song", args=[song.song_id])),
            description=", ".join(filter(None, (song.genre, str(song.year or "")))),
            unique_id=f"{address}#{song.song_id}",
            updateddate=item.at,
            pubdate=item.at,
        )
    return feed


def write_address(request: HttpRequest, token: str) -> str:
    """Return the absolute address of what is shared under ``token``."""
    return request.build_absolute_uri(reverse("shared", args=[token]))
