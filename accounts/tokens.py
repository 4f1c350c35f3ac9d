"""Access tokens, by which a listener lets a program act for them."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from tunetrace_site.replication.unit import unit_of_work

from .models import AccessToken, User

MAX_TOKENS = 20


class TooManyTokens(Exception):
    """A listener has ``MAX_TOKENS`` valid tokens; one must be revoked first."""


def list_tokens(listener: User) -> QuerySet[AccessToken]:
    """Return the listener's valid tokens, newest first."""
    return AccessToken.objects.valid().filter(user=listener).order_by("-created_at", "-id")


def issue_token(
    listener: User,
    name: str,
    *,
    scopes: Iterable[str] = AccessToken.all_scopes,
    expires_in_days: int | None = None,
) -> tuple[AccessToken, str]:
    """Return a new token and its secret, which is not kept. Raises ``TooManyTokens``.

    Without ``expires_in_days`` it is valid until it is revoked.
    """
    lifetime = expires_in_days and timedelta(days=expires_in_days)
    token, secret = AccessToken.issue(
        user=listener,
        name=name,
        scopes=" ".join(scope for scope in AccessToken.all_scopes if scope in set(scopes)),
        expires_at=timezone.now() + lifetime if lifetime else None,
    )
    with unit_of_work():
        if list_tokens(listener).count() >= MAX_TOKENS:
            raise TooManyTokens
        token.save()
    return token, secret


def revoke_token(listener: User, token_id: int) -> bool:
    """Revoke one of the listener's tokens; return whether there was such a token."""
    with unit_of_work():
        n_revoked = list_tokens(listener).filter(pk=token_id).update(revoked_at=timezone.now())
    return n_revoked == 1
