"""What a program asks for under a key of its own, so that asking again makes no second one.

Nothing is kept of a key: what was made is named by a token that comes from the key, and is found by
it as long as it exists.
"""

import hashlib
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import User
from music.errors import KeyUsed

Row = TypeVar("Row", bound=Model)


def make_token(model: type[Model], *, listener: User, key: str, request: bytes) -> str:
    """The token of the row of ``model`` that ``request`` (what was sent) makes under ``key``: as
    many hex digits as its field ``token`` has room for, of which the first half is the same for
    every request under this key of the listener.
    """
    salt, half = model._meta.label_lower, model._meta.get_field("token").max_length // 2
    of_key = salted_hmac(salt, f"{listener.pk}:{key}", algorithm="sha256").hexdigest()
    return of_key[:half] + hashlib.sha256(request).hexdigest()[:half]


def find_made(rows: QuerySet[Row], token: str) -> Row | None:
    """That one of the listener's ``rows`` which was made with this token; None where none was.

    Raises ``KeyUsed`` where another request came under the same key.
    """
    made: Any = rows.filter(token__startswith=token[: len(token) // 2]).first()
    if made is not None and made.token != token:
        raise KeyUsed("This key came with another request before.", hint="Make a new key for each.")
    return made
