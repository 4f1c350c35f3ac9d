"""The header ``Idempotency-Key``: the same request under the same key is done once."""

from django.db.models import Model
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.models import User
from music.domain import request_keys
from music.errors import InvalidInput

CONFLICT = 409
HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 255
ONCE = OpenApiParameter(
    HEADER,
    location=OpenApiParameter.HEADER,
    description="A new one for each thing to be made: the same request under the same key makes "
    "nothing new, and is answered with what was made. At most 255 characters.",
)
"""Documents the header where a POST would make a second thing when it is sent again."""


def read_key(request: Request) -> str:
    """The key under which a request came, empty where it came without one.

    Raises ``InvalidInput`` for one that is too long.
    """
    key = request.headers.get(HEADER, "")
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidInput(HEADER, f"At most {MAX_KEY_LENGTH} characters.")
    return key


def make_token(request: Request, model: type[Model], *, listener: User, sent: bytes) -> str:
    """The token of the row of ``model`` that a request (of which ``sent`` is what was asked for)
    makes under its key; empty where it came without one.
    """
    key = read_key(request)
    return key and request_keys.make_token(model, listener=listener, key=key, request=sent)
