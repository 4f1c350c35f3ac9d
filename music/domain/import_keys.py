"""Idempotency keys of imports: a repeated request with the same key begins no second import."""

import hashlib

from django.utils.crypto import salted_hmac

from accounts.models import User
from music.errors import KeyUsed
from music.models import PlaylistImport

_HALF = 16
"""The number of hex digits of a token from the key, and as many from the request."""


def make_token(*, listener: User, key: str, request: bytes) -> str:
    """Return the token of the import that ``request`` begins under ``key``: 32 hex digits.

    The first half depends only on the listener and the key, the second on what was sent.
    """
    of_key = salted_hmac("music.imports", f"{listener.pk}:{key}", algorithm="sha256").hexdigest()
    return of_key[:_HALF] + hashlib.sha256(request).hexdigest()[:_HALF]


def find_begun(*, listener: User, token: str) -> PlaylistImport | None:
    """Return the import with this token; None if there is none.

    Raises ``KeyUsed`` where another request came under the same key.
    """
    begun = PlaylistImport.objects.filter(user=listener, token__startswith=token[:_HALF]).first()
    if begun is not None and begun.token != token:
        raise KeyUsed(
            "This key was used before, with a different request.",
            hint="Make a new key for each import.",
        )
    return begun
