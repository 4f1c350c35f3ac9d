"""Answers to ``POST /suggestions``, given again at once to whoever sends the same body again.

A program that shows a list asks for it again and again. What the way through Django REST framework
and the domain finds out about a body is the same each time, so it is remembered: whose list it
asks for, and which list that is, as bytes. Looked at anew each time is what may have changed: who
calls and what they may, how often they called, the listener, their taste and their reports, and
whether the list is still valid. Everything else, and every refusal, goes the whole way.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.authentication import ServiceCaller, find_secret, was_used_lately
from accounts.models import AccessToken, Credential, User
from music.domain.given_lists import Given
from music.domain.reports import list_refused

from .authentication import RememberingBearerAuthentication, find_stored_listener
from .encoded_lists import PreparedAnswer
from .negotiation import ANYTHING
from .throttles import admit_anonymous, admit_listener

MAX_REMEMBERED = 256
MAX_BODY_BYTES = 16 * 1024
_ANONYMOUS, _SERVICE = "anonymous", "service"
_HEADERS = {"Allow": "POST, OPTIONS", "Vary": "Accept"}
"""What Django REST framework says of this route."""

View = Callable[..., HttpResponseBase]
_bearer = RememberingBearerAuthentication()


class _Name(NamedTuple):
    """A request by its address, the digest of its body, and who sends it: a listener's key, or a
    word for all callers who get the same answer.
    """

    path: str
    body: bytes
    sender: int | str


class _Remembered(NamedTuple):
    """An answer as bytes, the list in it, and the listener whose it is and what they reported."""

    given: Given
    content: bytes
    listener_pk: int | None
    refused: frozenset[str]


_remembered: LRUCache[_Name, _Remembered] = LRUCache(MAX_REMEMBERED)
_lock = Lock()


def answer_again(view: View) -> View:
    """Decorate the view of ``POST /suggestions``: it is asked only what is not remembered."""

    @wraps(view)
    def find_or_ask(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        answer = _find(request) if _is_plain(request) else None
        return view(request, *args, **kwargs) if answer is None else answer

    return find_or_ask


def remember_answer(
    request: Request, listener: User | None, given: Given, prepared: PreparedAnswer
) -> None:
    """Remember what was answered, if the next answer to the same body can be told from it."""
    if not given.may_be_right_again(listener) or not _is_plain(request._request):
        return
    caller, credential = request.user, request.auth
    sender: int | str | None = None
    if isinstance(caller, ServiceCaller):
        sender = _SERVICE
    elif isinstance(credential, AccessToken):
        sender = credential.user_id
    elif listener is None:
        sender = _ANONYMOUS
    if sender is None or (isinstance(credential, Credential) and not _may_all(credential)):
        return
    refused = list_refused(listener.pk) if listener else frozenset[str]()
    pk = listener.pk if listener else None
    with _lock:
        name = _name(request._request, sender)
        _remembered[name] = _Remembered(given, prepared.encoded, pk, refused)


def _is_plain(request: HttpRequest) -> bool:
    """Return whether a program sends JSON and takes JSON, without a browser's session."""
    meta = request.META
    return (
        request.method == "POST"
        and meta.get("CONTENT_TYPE") == "application/json"
        and meta.get("HTTP_ACCEPT", "*/*") in ANYTHING
        and not meta.get("QUERY_STRING")
        and not meta.get("HTTP_COOKIE")
        and meta.get("CONTENT_LENGTH", "").isdecimal()
        and int(meta["CONTENT_LENGTH"]) <= MAX_BODY_BYTES
    )


def _name(request: HttpRequest, sender: int | str) -> _Name:
    # The digest, so that no word of a listener stays here.
    return _Name(request.path_info, hashlib.blake2b(request.body).digest(), sender)


def _find(request: HttpRequest) -> HttpResponse | None:
    """Return the remembered answer if it is still right and the caller may have it; else None."""
    if "HTTP_AUTHORIZATION" not in request.META:
        return _answer(request, _ANONYMOUS, None)
    credential = _bearer.find_credential(find_secret(request) or b"")
    # A use that is to be recorded is written on the whole way.
    if credential is None or not _may_all(credential) or not was_used_lately(credential):
        return None
    if isinstance(credential, AccessToken):
        return _answer(request, credential.user_id, credential.user)
    return _answer(request, _SERVICE, None)


def _may_all(credential: Credential) -> bool:
    return all(credential.allows(scope) for scope in credential.all_scopes)


def _answer(request: HttpRequest, sender: int | str, caller: User | None) -> HttpResponse | None:
    """Return the answer to ``sender``: a listener, who is ``caller``, or a service, or nobody."""
    with _lock:
        found = _remembered.get(_name(request, sender))
    if found is None:
        return None
    listener = caller
    if sender == _SERVICE and found.listener_pk is not None:
        listener = find_stored_listener(found.listener_pk)
        if listener is None or not listener.is_active:
            return None
    if not found.given.is_still_right(listener):
        return None
    if listener is not None and list_refused(listener.pk) is not found.refused:
        return None
    if sender != _SERVICE and not _admit(request, caller):
        return None
    found.given.record_impressions(listener)
    return HttpResponse(found.content, content_type="application/json", headers=_HEADERS)


def _admit(request: HttpRequest, caller: User | None) -> bool:
    return admit_anonymous(request) if caller is None else admit_listener(request, caller.pk)
