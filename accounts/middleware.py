"""Stricter sessions for operators: they end after some hours, and need a second factor.

Nobody is refused: an operator without a second factor is redirected to its set-up, one whose
session has not proven it to the page that asks for it, and from there back.
"""

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.middleware import note_lost_database

from .second_factors import has_second_factor

SINCE_SESSION_KEY = "operator_since"
OPEN_PAGES = ("admin:login", "admin:logout", "admin:jsi18n")


def has_ended(since: float | None) -> bool:
    """Return whether an operator who signed in at ``since`` (POSIX seconds) must sign in again."""
    return since is not None and time.time() - since > settings.OPERATOR_SESSION_HOURS * 3600


class OperatorMiddleware:
    """Stands after allauth's middleware, which knows how a session began, before units of work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: object
    ) -> HttpResponse | None:
        """Check right before the view, when a database is chosen that can be replaced."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        try:
            return _check_session(request)
        except (Error, Unavailable) as error:
            answer = note_lost_database(request, error)
            if answer is None:
                raise
            return answer


def _check_session(request: HttpRequest) -> HttpResponse | None:
    """Return the redirect an operator needs before an operators' page; None for everybody else."""
    is_operators_page = request.path.startswith(reverse("admin:index"))
    if has_ended(request.session.get(SINCE_SESSION_KEY)):
        # Nothing is written, so it works while no database can be written. A sign-in replaces the
        # session.
        request.user = AnonymousUser()
        if is_operators_page:
            hours = settings.OPERATOR_SESSION_HOURS
            messages.info(request, f"Operators sign in again after {hours} hours.")
    if not is_operators_page or not request.user.is_staff:
        return None
    # Made an operator while signed in: the hours begin now.
    request.session.setdefault(SINCE_SESSION_KEY, time.time())
    is_open = request.path in {reverse(name) for name in OPEN_PAGES}
    if is_open or not settings.OPERATORS_NEED_SECOND_FACTOR or _has_proven_factor(request):
        return None
    if not has_second_factor(request.user):
        messages.info(request, "Operators need a second factor. Set one up here to go on.")
        return redirect("mfa_index")
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{_find_proof_page(request)}?{query}")


def _has_proven_factor(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def _find_proof_page(request: HttpRequest) -> str:
    methods = get_adapter().get_reauthentication_methods(request.user)
    return next(method["url"] for method in methods if method["id"].startswith("mfa"))
