"""What more is asked of operators' sessions: they end after some hours, and need a second factor.

Nobody is refused: an operator without a factor is led to setting one up, one whose session has not
proven it to proving it, and back again.
"""

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from .factors import has_second_factor

SINCE_SESSION_KEY = "operator_since"
OPEN_PAGES = ("admin:login", "admin:logout", "admin:jsi18n")


class OperatorMiddleware:
    """After allauth's, which knows how a session was begun."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._end_if_old(request)
            answer = self._lead_to_second_factor(request)
            if answer is not None:
                return answer
        return self.get_response(request)

    def _end_if_old(self, request: HttpRequest) -> None:
        since = request.session.get(SINCE_SESSION_KEY)
        if since is not None and time.time() - since > settings.OPERATOR_SESSION_HOURS * 3600:
            logout(request)
            hours = settings.OPERATOR_SESSION_HOURS
            messages.info(request, f"Operators sign in again after {hours} hours.")

    def _lead_to_second_factor(self, request: HttpRequest) -> HttpResponse | None:
        """Where an operator has to go before an operators' page; ``None`` for all others."""
        if not request.path.startswith(reverse("admin:index")) or not request.user.is_staff:
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
