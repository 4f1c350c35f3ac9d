"""Runs each request on one database, and again on the other when that one fails."""

import logging
import re
from collections.abc import Callable
from contextlib import ExitStack, suppress

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions import middleware as sessions
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.template.loader import render_to_string

from .background import start_relay_thread
from .databases import SQLITE, has_sqlite, has_two_databases
from .failures import (
    DATABASE_ERRORS,
    Unavailable,
    is_overtaken,
    is_unavailable,
    may_run_again,
)
from .marks import is_behind
from .replica_reads import Reads, allow_replicas, came_from_replica, reading
from .router import current_alias, noting_incomplete_reads, noting_stray_writes
from .unit import run_pinned, undo_unit, unit_of_work, view_manages_own_units
from .write_through import ship_stray_writes

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}

STALE_HEADER = "X-TuneTrace-Data"

_API_PATH = re.compile(settings.CORS_URLS_REGEX)
_RETRY_AFTER_SECONDS = 2
_UNAVAILABLE = {
    "detail": "TuneTrace cannot reach its databases.",
    "code": "database_unavailable",
    "hint": "Try again in a moment; sending the same twice does no harm.",
}


class UnitOfWorkMiddleware:
    """Gives a request one database, and runs its view again on the other if that one fails.

    It must be the last middleware: CSRF has then been checked when a view begins. A view of an
    unsafe method runs as one unit of work, rolled back when it answers with an error, unless the
    view declares that it ``manages_own_units``. When a view runs a second time, nothing that the
    first run left on the request is kept.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._answer_somewhere(request)
        except (*DATABASE_ERRORS, Unavailable) as reason:
            if not is_unavailable(reason):
                raise
            log.error("no database can take this request: %s", reason)
            return _answer_unavailable(request)

    def process_view(self, request: HttpRequest, view: View, *args: object) -> HttpResponse | None:
        """Open the unit of work right before the view; ``_answer`` ends it."""
        if request.method in SAFE_METHODS:
            allow_replicas(view)
            return None
        if view_manages_own_units(view):
            return None
        try:
            begin_unit(request)
        except (*DATABASE_ERRORS, Unavailable) as error:
            answer = self.process_exception(request, error)
            if answer is None:
                raise
            return answer
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Keep an exception of a view after which it may run again; ``_answer`` reads it."""
        if came_from_replica():
            # Whatever it is: a row that the replica does not have yet may have caused it.
            return _lose_database(request, error)
        return note_lost_database(request, error)

    def _answer_somewhere(self, request: HttpRequest) -> HttpResponse:
        is_sqlite_alone = has_sqlite() and not has_two_databases()
        if is_sqlite_alone and request.method in SAFE_METHODS:
            return self._answer(request)
        start_relay_thread()
        fresh = FreshRequest(request)

        def run_view() -> HttpResponse:
            fresh.restore()
            response = self._answer_without_error_of_replica(request, fresh, reads)
            if may_be_stale(current_alias()):
                response[STALE_HEADER] = "may be stale"
            return response

        with reading(request) as reads:
            return run_pinned(run_view, write=request.method not in SAFE_METHODS)

    def _answer_without_error_of_replica(
        self, request: HttpRequest, fresh: "FreshRequest", reads: Reads
    ) -> HttpResponse:
        """Answer anew from the primary alone where a replica failed or may lack what was asked."""
        try:
            response = self._answer(request)
            if not _says_that_something_is_missing(request, response):
                return response
            if not reads.give_up_replica():
                return response
        except Exception as error:
            if not reads.give_up_replica(error):
                raise
        fresh.restore()
        return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        with noting_stray_writes() as strays, ExitStack() as unit:
            kept = vars(request)
            kept |= {"unit_of_work": unit, "lost_database": None, "unit_is_open": False}
            with noting_incomplete_reads() as incomplete:
                response = self.get_response(request)
            if kept["lost_database"] is not None:
                raise kept["lost_database"]
            if incomplete and _says_that_something_is_missing(request, response):
                raise Unavailable(f"{incomplete.pop()} misses changes, perhaps what was asked for")
            if response.status_code >= 400 and kept["unit_is_open"]:
                undo_unit()
        if has_two_databases():
            for alias in strays:
                ship_stray_writes(alias)
        return response


def note_lost_database(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Make the request run again on the other database; return None for any other ``error``.

    The response is only a signal and never leaves the site, so the caller returns it at once. For
    other middleware's ``process_view``, which may query a database too.
    """
    if not (may_run_again(error) or is_overtaken(error)):
        return None
    return _lose_database(request, error)


def _lose_database(request: HttpRequest, error: Exception) -> HttpResponse:
    vars(request)["lost_database"] = error
    return HttpResponse(status=503)


def may_be_stale(alias: str) -> bool:
    """Return whether what ``alias`` answers may miss a confirmed change.

    A database that is behind answers only when nothing else can. With several machines, each one's
    SQLite, which answers while PostgreSQL is away, gets the others' changes late or not at all.
    """
    if not has_two_databases():
        return False
    return is_behind(alias) or (settings.SEVERAL_MACHINES and alias == SQLITE)


def begin_unit(request: HttpRequest) -> None:
    """Make the rest of the view one unit of work, although it is declared to manage its own.

    For a slow view of another package, whose last, quick part writes.
    """
    kept = vars(request)
    if not kept["unit_is_open"]:
        kept["unit_of_work"].enter_context(unit_of_work())
        kept["unit_is_open"] = True


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's session middleware, which answers 503 when no database can save the session."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (*DATABASE_ERRORS, Unavailable) as reason:
            if not is_unavailable(reason):
                raise
            log.error("no database can keep this session: %s", reason)
            return _answer_unavailable(request)


class FreshRequest:
    """A request as it came in, restored before a view runs again."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        with suppress(RequestDataTooBig, UnreadablePostError):
            # A stream can be read once, but the view may run twice.
            _ = request.body
        self._attributes = dict(request.__dict__)
        self._is_used = False

    def restore(self) -> None:
        """Before a second run, remove what the first one left on the request.

        No-op before the first.
        """
        if self._is_used:
            request = self._request
            request.__dict__.clear()
            request.__dict__.update(self._attributes)
            for name in ("_cached_user", "_acached_user"):
                request.__dict__.pop(name, None)
            sessions.SessionMiddleware(_no_response).process_request(request)
            AuthenticationMiddleware(_no_response).process_request(request)
            MessageMiddleware(_no_response).process_request(request)
        self._is_used = True


def _says_that_something_is_missing(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether the response calls something missing that a stale database may lack."""
    # Without credentials, 401 is correct whatever the database knows.
    named = {404, 410} | ({401} if "Authorization" in request.headers else set())
    return response.status_code in named


def _no_response(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _answer_unavailable(request: HttpRequest) -> HttpResponse:
    """Return status 503 without any database: the API's error for programs, a page for people."""
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
    if _API_PATH.match(request.path) or not request.accepts("text/html"):
        return JsonResponse(_UNAVAILABLE, status=503, headers=headers)
    again = request.get_full_path() if request.method in SAFE_METHODS else None
    page = render_to_string("503.html", {"again": again})
    return HttpResponse(page, status=503, headers=headers)
