"""Requests of the steering buttons on cards: hide an artist, let a reason count less, undo."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.guests import find_listener, get_or_make_listener
from music.domain import steering
from music.models import Steering
from music.pages.errors import public_page, refuse
from music.pages.list_forms import SteeringForm, SteeringUndoForm
from music.pages.opinions import wants_part
from music.pages.redirects import go_back

DESCRIPTIONS = {
    Steering.Kind.HIDDEN_ARTIST: "Songs by {} are not suggested any more.",
    Steering.Kind.LESS_LIKE: "“{}” counts less for suggestions.",
}


@require_POST
@public_page
def steer(request: HttpRequest) -> HttpResponse:
    """Hide an artist, or let a liked song count less; the list that shows it reloads itself."""
    form = SteeringForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    kind, reference = form.cleaned_data["kind"], form.cleaned_data["song"]
    row = steering.steer(listener=get_or_make_listener(request), kind=kind, reference=reference)
    text = DESCRIPTIONS[Steering.Kind(row.kind)].format(row.name)
    messages.success(request, f"{text} You can undo this under “Hidden”.")
    if wants_part(request):
        return trigger_client_event(HttpResponse(status=204), "renew")
    return go_back(request, reverse("for_you"))


@require_POST
@public_page
def undo_steering(request: HttpRequest) -> HttpResponse:
    """Undo a steering."""
    form = SteeringUndoForm(request.POST)
    if not form.is_valid():
        return refuse(request, form)
    if listener := find_listener(request):
        steering.undo_steering(listener=listener, **form.cleaned_data)
        messages.success(request, "Taken back.")
    return redirect("dismissals")
