"""Decides for which listener a request acts.

A listener acts for themself. A service key with the scope ``act`` acts for the listener it names,
who is stored together with their first data: a request that is refused, or that only reads, creates
nobody. An anonymous caller acts for nobody, unless ``ALLOW_UNAUTHENTICATED_USER_ID`` lets it name a
listener without an account. A refusal is the same whether the listener named exists or not.
"""

from typing import cast

from django.conf import settings
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from accounts.authentication import ServiceCaller
from accounts.models import Credential, Scope, User
from music.errors import InvalidInput
from music.youtube.budgets import Caller, identify_caller
from music.youtube.quota import LISTENER
from tunetrace_site.addresses import get_client_address
from tunetrace_site.replication.keys import derive_row_key

from .authentication import find_stored_listener
from .requests import ListenerQuerySerializer, read_query


def get_listener(request: Request, user_id: str | None) -> User:
    """Return the listener for whom the request acts.

    One whom a permitted caller names for the first time is not stored yet (``User.ensure_stored``).
    Raises ``NotAuthenticated``, ``PermissionDenied``, or ``InvalidInput`` for ``user_id``.
    """
    listener = get_listener_or_nobody(request, user_id)
    if listener is not None:
        return listener
    if isinstance(request.user, ServiceCaller):
        raise InvalidInput("user_id", "A service key must name the listener it acts for.")
    raise NotAuthenticated


def get_listener_of_query(request: Request) -> User:
    """Return ``get_listener`` for a request that names its listener in the query string."""
    return get_listener(request, read_query(request, ListenerQuerySerializer).get("user_id"))


def get_listener_or_nobody(request: Request, user_id: str | None) -> User | None:
    """Return ``get_listener``'s listener, but None for an anonymous caller that names nobody.

    A new listener is not stored yet: their first likes are stored with them.
    """
    listener = find_listener(request, user_id)
    if listener is None and user_id is not None:
        return User.objects.make_named(user_id)
    return listener


def find_listener(request: Request, user_id: str | None) -> User | None:
    """Return the listener for whom the request acts, None when not stored. Writes nothing.

    Raises ``NotAuthenticated`` or ``PermissionDenied`` when the caller may not act for ``user_id``.
    """
    caller = request.user
    if isinstance(caller, User):
        if user_id not in (None, caller.user_id):
            raise PermissionDenied("You may act only for yourself.")
        return caller
    if user_id is None:
        return None
    named = find_stored_listener(derive_row_key(User, user_id))
    if not isinstance(caller, ServiceCaller):
        _refuse_unauthenticated(named)
    elif not caller.key.allows(Scope.ACT):
        raise PermissionDenied(f"This service key lacks the scope {Scope.ACT.value!r}.")
    if named is not None and not named.is_active:
        raise PermissionDenied("This listener has been blocked.")
    return named


def get_signed_in(request: Request) -> User | None:
    """Return the listener who makes the request; None for a service or an anonymous caller."""
    return request.user if isinstance(request.user, User) else None


def keeps_songs(request: Request) -> bool:
    """Return whether the caller may store songs: not with a token or key that only reads."""
    credential = cast(Credential | None, request.auth)
    return credential is None or credential.allows(Scope.WRITE)


def get_caller(request: Request) -> Caller:
    """Return who pays for requests to YouTube: a service key, an account, or an address."""
    who, address = request.user, get_client_address(request._request)
    if isinstance(who, ServiceCaller):
        key = who.key
        return identify_caller(
            LISTENER, address=address, service_key=key.pk, service_key_share=key.youtube_share
        )
    if isinstance(who, User) and who.has_account:
        return identify_caller(LISTENER, address=address, account=who.pk)
    return identify_caller(LISTENER, address=address)


def _refuse_unauthenticated(named: User | None) -> None:
    """Refuse an unauthenticated caller that names an account, or the guest of a browser."""
    is_somebodys = named is not None and (named.has_account or named.is_guest)
    if not settings.ALLOW_UNAUTHENTICATED_USER_ID or is_somebodys:
        raise NotAuthenticated
