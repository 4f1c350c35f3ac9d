"""Pages: the history of suggestions and playbacks, day by day."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.guests import find_listener
from music.domain.history import clear_history, list_history
from music.domain.steering import learns_from_plays, set_learning_from_plays
from music.pages.errors import public_page, refuse
from music.pages.forms import LearningForm
from music.pages.list_forms import HistoryForm


@require_safe
@public_page
def history(request: HttpRequest) -> HttpResponse:
    """Show the last days of the listener."""
    listener = find_listener(request)
    context = {
        "days": list_history(listener=listener) if listener else [],
        "learns": learns_from_plays(listener=listener) if listener else True,
        "listener": listener,
        "reaches_days": settings.IMPRESSION_DAYS,
    }
    return render(request, "music/history.html", context)


@require_POST
@public_page
def clear(request: HttpRequest) -> HttpResponse:
    """Delete what was played, or what was suggested."""
    form = HistoryForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    if listener := find_listener(request):
        what = form.cleaned_data["what"]
        clear_history(listener=listener, what=what)
        messages.success(request, f"The record of what was {what} has been deleted.")
    return redirect("history")


@require_POST
@public_page
def learn_from_plays(request: HttpRequest) -> HttpResponse:
    """Choose whether playbacks count for suggestions."""
    form = LearningForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    if listener := find_listener(request):
        learn = form.cleaned_data["learn"]
        set_learning_from_plays(listener=listener, learn=learn)
        word = "counts" if learn else "does not count"
        messages.success(request, f"What you play {word} for your suggestions.")
    return redirect("history")
