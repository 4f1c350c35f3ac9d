"""Page: the listener's connection to ListenBrainz, what is sent there, and imports from it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.guests import AccountRequest
from music.domain import listenbrainz
from music.domain.imports import start_loved_import
from music.errors import InvalidInput, NotFound
from music.jobs.imports import wake_import
from music.jobs.scheduled import want_job
from music.models import ListenBrainzLink
from music.pages.callers import get_caller
from music.pages.errors import refuse
from music.pages.list_forms import ConnectForm, LinkActionForm, SendingForm


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listenbrainz_link(request: AccountRequest) -> HttpResponse:
    """Show the connection, and forms that change it. No request is sent to ListenBrainz here."""
    if not listenbrainz.is_offered():
        raise Http404("This site is not connected to ListenBrainz.")
    if request.method == "POST":
        form = LinkActionForm(request.POST)
        return _CHANGES[form.cleaned_data["action"]](request) if form.is_valid() else _bad(request)
    return _show(request, ConnectForm())


def _bad(request: AccountRequest) -> HttpResponse:
    return refuse(request, LinkActionForm(request.POST))


def _show(request: AccountRequest, form: ConnectForm) -> HttpResponse:
    link = listenbrainz.find_account_link(listener=request.user)
    context = {"link": link, "form": form, "sending": _make_sending_form(link)}
    status = 400 if form.is_bound else 200
    return render(request, "music/listenbrainz.html", context, status=status)


def _make_sending_form(link: ListenBrainzLink | None) -> SendingForm | None:
    if link is None:
        return None
    told = {"sends_plays": link.sends_plays, "sends_likes": link.sends_likes}
    return SendingForm(initial=told)


def _connect(request: AccountRequest) -> HttpResponse:
    form = ConnectForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    try:
        listenbrainz.connect(listener=request.user, **form.cleaned_data)
    except InvalidInput as error:
        form.add_error("token", error.message)
        return _show(request, form)
    want_job("listenbrainz")
    messages.success(request, "Connected. Your token is being checked.")
    return redirect("listenbrainz")


def _set_sending(request: AccountRequest) -> HttpResponse:
    form = SendingForm(request.POST)
    form.is_valid()  # a form of two checkboxes is always valid
    try:
        listenbrainz.set_sending(listener=request.user, **form.cleaned_data)
    except NotFound as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Saved.")
    return redirect("listenbrainz")


def _disconnect(request: AccountRequest) -> HttpResponse:
    listenbrainz.disconnect(listener=request.user)
    messages.success(request, "Disconnected. What ListenBrainz has already stays there.")
    return redirect("listenbrainz")


def _bring(request: AccountRequest) -> HttpResponse:
    try:
        job = start_loved_import(listener=request.user, caller=get_caller(request))
    except InvalidInput as error:
        messages.error(request, error.message)
        return redirect("listenbrainz")
    wake_import(job)
    return redirect("import", job.token)


_CHANGES = {
    "connect": _connect,
    "send": _set_sending,
    "disconnect": _disconnect,
    "bring": _bring,
}
