"""Who is told how the site itself is: its operators, and programs that watch it for them."""

import hmac

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from .replication.failures import Unavailable


def is_operator(request: HttpRequest) -> bool:
    """Whether a request comes from a staff session, or carries ``METRICS_TOKEN`` as bearer token.

    While no database can say whose session it is, a session is a stranger's.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        expected = settings.METRICS_TOKEN or ""
        return bool(expected) and hmac.compare_digest(token.strip().encode(), expected.encode())
    try:
        return request.user.is_active and request.user.is_staff
    except (DatabaseError, Unavailable):
        return False
