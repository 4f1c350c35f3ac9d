"""Request keys: a program that sends a request again with the same key creates no second row.

No key is stored. The token of the created row is derived from the key, and the row is found by it
as long as it exists.
"""

import hashlib
from typing import Any, TypeVar, cast

from django.db.models import CharField, Model, QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import User
from music.errors import KeyUsed

Row = TypeVar("Row", bound=Model)


def make_token(model: type[Model], *, listener: User, key: str, request: bytes) -> str:
    """Return the token of the row of ``model`` that ``request`` (what was sent) creates.

    It has as many hex digits as the field ``token`` has room for. The first half depends on the
    listener and the key only, the second on ``request``.
    """
    salt, field = model._meta.label_lower, cast(CharField, model._meta.get_field("token"))
    half = cast(int, field.max_length) // 2
    of_key = salted_hmac(salt, f"{listener.pk}:{key}", algorithm="sha256").hexdigest()
    return of_key[:half] + hashlib.sha256(request).hexdigest()[:half]


def find_made(rows: QuerySet[Row], token: str) -> Row | None:
    """Return the one of the listener's ``rows`` that has this token, or None.

    Raises ``KeyUsed`` if another request came with the same key.
    """
    made: Any = rows.filter(token__startswith=token[: len(token) // 2]).first()
    if made is not None and made.token != token:
        raise KeyUsed(
            "This key was used before, with a different request.", hint="Make a new key for each."
        )
    return made
