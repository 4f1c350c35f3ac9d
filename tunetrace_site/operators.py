"""Who may see the state of the site: its operators, and monitoring programs."""

import hmac

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from .replication.failures import Unavailable


def is_operator(request: HttpRequest) -> bool:
    """Return whether a request has a staff session, or ``METRICS_TOKEN`` as its bearer token.

    While no database can say whose session it is, the session counts as a stranger's.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        expected = settings.METRICS_TOKEN or ""
        return bool(expected) and hmac.compare_digest(token.strip().encode(), expected.encode())
    try:
        return request.user.is_active and request.user.is_staff
    except (DatabaseError, Unavailable):
        return False
