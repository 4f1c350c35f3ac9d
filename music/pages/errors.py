"""Errors of the domain as pages, and invalid forms as forms."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.guests import find_listener
from accounts.models import User
from music.errors import NotFound, TuneTraceError
from music.statuses import find_status

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Declare that anybody may see a page, which shows each visitor only their own data.

    An error of the domain is answered with a page that says what was wrong and what to do.
    """

    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TuneTraceError as error:
            status = find_status(error)
            return render(request, "error.html", {"error": error, "status": status}, status=status)

    return wrapped


def form_status(form: Form) -> int:
    """Return 400 for a page that shows an invalid form, 200 for any other."""
    return 400 if form.is_bound and form.errors else 200


def refuse(request: HttpRequest, form: Form) -> HttpResponse:
    """Return the response to an invalid form without a page of its own, such as a button's."""
    return render(request, "refused.html", {"form": form}, status=400)


def require_listener(request: HttpRequest, thing: str) -> User:
    """Return the listener; raise ``NotFound`` for ``thing`` ("mix") where there is none."""
    listener = find_listener(request)
    if listener is None:
        raise NotFound(f"There is no such {thing}.", hint="You may have been signed out.")
    return listener
