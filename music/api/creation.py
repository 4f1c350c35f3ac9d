"""Responses to requests that make something: 201 and its address, or 200 if it existed."""

from collections.abc import Sequence
from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse


def answer_made(
    request: Request, described: Any, *, was_made: bool, route: str, args: Sequence[Any]
) -> Response:
    """Return ``described`` as the response, with 201 and its address if it ``was_made``.

    The address is that of ``route`` (of the API) with ``args``.
    """
    if not was_made:
        return Response(described)
    address = reverse(f"api:{route}", args=args, request=request)
    return Response(described, status=status.HTTP_201_CREATED, headers={"Location": address})
