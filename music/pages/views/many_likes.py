"""Pages: many likes at a time, to remove, restore, or use for suggestions."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.guests import find_listener
from music.domain.like_lists import (
    RemovedLike,
    remove_likes,
    restore_likes,
    set_learning_of_many,
)
from music.pages.errors import public_page, refuse, require_listener
from music.pages.list_forms import ManyLikesForm
from music.pages.redirects import go_back

from .likes import MANY_SESSION_KEY


@require_POST
@public_page
def change_many(request: HttpRequest) -> HttpResponse:
    """Remove the chosen likes, or choose whether they count for suggestions."""
    form = ManyLikesForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    listener = require_listener(request, "like")
    ids, action = form.cleaned_data["like"], form.cleaned_data["action"]
    if action == "remove":
        removed = remove_likes(listener=listener, like_ids=ids)
        request.session[MANY_SESSION_KEY] = [asdict(like) for like in removed]
        messages.success(request, f"{_count(len(removed))} removed.")
    else:
        n_changed = set_learning_of_many(listener=listener, like_ids=ids, learn=action == "use")
        word = "count" if action == "use" else "are not used"
        messages.success(request, f"{_count(n_changed)} {word} for suggestions now.")
    return go_back(request, reverse("likes"))


@require_POST
@public_page
def restore_many(request: HttpRequest) -> HttpResponse:
    """Restore the likes that were last removed together."""
    listener = find_listener(request)
    stored = request.session.pop(MANY_SESSION_KEY, ())
    if listener is not None and stored:
        removed = [RemovedLike(**like) for like in stored]
        n_likes = restore_likes(listener=listener, removed=removed)
        messages.success(request, f"{_count(n_likes)} are back.")
    return go_back(request, reverse("likes"))


def _count(n: int) -> str:
    return f"{n} like{'s' * (n != 1)}"
