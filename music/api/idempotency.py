"""The ``Idempotency-Key`` header: the same request with the same key is carried out once."""

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
    description="A new key for each thing to be made: a repeated request with the same key makes "
    "nothing new, and is answered with what was made. At most 255 characters.",
)
"""The header's entry in the OpenAPI document, for POSTs that would otherwise create twice."""


def read_key(request: Request) -> str:
    """Return the request's key, empty without one. Raises ``InvalidInput`` if it is too long."""
    key = request.headers.get(HEADER, "")
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidInput(HEADER, f"At most {MAX_KEY_LENGTH} characters.")
    return key


def make_token(request: Request, model: type[Model], *, listener: User, sent: bytes) -> str:
    """Return the token of the row of ``model`` that a request creates, empty without a key.

    ``sent`` is what was asked for, and tells the request from others with the same key.
    """
    key = read_key(request)
    return key and request_keys.make_token(model, listener=listener, key=key, request=sent)
