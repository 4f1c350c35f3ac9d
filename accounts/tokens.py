"""Access tokens, by which a listener lets a program act for them."""

import base64
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tunetrace_site.replication.unit import unit_of_work

from .models import AccessToken, User

MAX_TOKENS = 20
MAX_TOKEN_DAYS = 3650


class TooManyTokens(Exception):
    """A listener has ``MAX_TOKENS`` valid tokens; one must be revoked first."""


class RequestKeyUsed(Exception):
    """The request key belongs to another token, or to one that is no longer valid."""


def list_tokens(listener: User) -> QuerySet[AccessToken]:
    """Return the listener's valid tokens, newest first."""
    return AccessToken.objects.valid().filter(user=listener).order_by("-created_at", "-id")


def issue_token(
    listener: User,
    name: str,
    *,
    scopes: Iterable[str] = AccessToken.all_scopes,
    expires_in_days: int | None = None,
    request_key: str = "",
) -> tuple[AccessToken, str]:
    """Return a new token and its secret, which is not kept. Raises ``TooManyTokens``.

    Without ``expires_in_days`` it is valid until it is revoked. The same arguments with the same
    ``request_key`` return the same token as long as it is valid; others raise ``RequestKeyUsed``.
    """
    now = timezone.now()
    token, secret = AccessToken.issue(
        user=listener,
        name=name,
        scopes=" ".join(scope for scope in AccessToken.all_scopes if scope in set(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=expires_in_days) if expires_in_days else None,
        random_part=_derive_secret(listener, request_key) if request_key else "",
    )
    with unit_of_work():
        made = AccessToken.objects.filter(digest=token.digest).first() if request_key else None
        if made is not None:
            if not made.is_valid() or _facts(made) != _facts(token):
                raise RequestKeyUsed
            return made, secret
        if list_tokens(listener).count() >= MAX_TOKENS:
            raise TooManyTokens
        token.save()
    return token, secret


def _derive_secret(listener: User, request_key: str) -> str:
    """Return 256 bits derived from the key, ``SECRET_KEY`` and the listener's password hash.

    Nobody can guess them without all three, and no secret has to be stored to return it again.
    """
    told = f"{listener.pk}:{listener.password}:{request_key}"
    digest = salted_hmac("accounts.tokens", told, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _facts(token: AccessToken) -> tuple[object, ...]:
    """Return what was asked for when the token was made: name, scopes, lifetime."""
    return token.name, token.scopes, token.expires_at and token.expires_at - token.created_at


def revoke_token(listener: User, token_id: int) -> bool:
    """Revoke one of the listener's tokens; return whether there was such a token."""
    with unit_of_work():
        n_revoked = list_tokens(listener).filter(pk=token_id).update(revoked_at=timezone.now())
    return n_revoked == 1
