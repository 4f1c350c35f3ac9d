"""Recent proof of identity, which actions that cannot be undone require."""

import time

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from .models import User


def is_fresh(request: HttpRequest) -> bool:
    """Return whether this session signed in, or proved its identity, in the last few minutes."""
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records), default=0.0)
    return time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT


def require_fresh(request: HttpRequest) -> None:
    """Redirect a session that is not fresh to the password page, and from there back here."""
    if not is_fresh(request):
        raise ReauthenticationRequired


def proves_identity(listener: User, password: str) -> bool:
    """Return whether ``password`` is the listener's; guesses are slowed down as at a sign-in."""
    try:
        return bool(password) and get_adapter().reauthenticate(listener, password)
    except ValidationError:
        return False
