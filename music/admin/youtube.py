"""Admin: testing the YouTube key, and reopening buckets that YouTube closed."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from music.errors import SourceError
from music.youtube.availability import has_youtube
from music.youtube.gateway import get_gateway
from music.youtube.quota import LISTENER
from music.youtube.reopening import reopen_buckets
from tunetrace_site.replication.unit import manages_own_units

CHANGE = "music.change_quotausage"
_ASKED_FOR = "dQw4w9WgXcQ"
"""A video that has existed since 2009."""


@manages_own_units
@permission_required(CHANGE, raise_exception=True)
@require_POST
def ask_youtube(request: HttpRequest) -> HttpResponse:
    """Ask for one video, which costs one unit, and report the result."""
    if not has_youtube():
        messages.warning(request, "There is no YouTube key to ask with: set YOUTUBE_API_KEY.")
        return redirect("admin:index")
    try:
        found = get_gateway().fetch_videos([_ASKED_FOR], caller=LISTENER).found
    except SourceError as error:
        messages.error(request, f"YouTube refused: {error.message} {error.hint}".strip())
    else:
        what = f"found “{found[0].title}”" if found else "does not know the video asked for"
        messages.success(request, f"YouTube answered and {what}: the key works.")
    return redirect("admin:index")


@permission_required(CHANGE, raise_exception=True)
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """Delete the marks that YouTube has no quota left today."""
    n_opened = reopen_buckets()
    if n_opened:
        messages.success(request, "Reopened: YouTube will be asked again, and may refuse again.")
    else:
        messages.warning(request, "YouTube has closed no bucket today.")
    return redirect("admin:music_quotausage_changelist")
