"""Whether it is still the listener who sits there: what cannot be taken back asks for it."""

import time

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from .models import User


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session signed in, or proved again who it is, in the last few minutes."""
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records), default=0.0)
    return time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT


def require_fresh(request: HttpRequest) -> None:
    """Send a browser whose session is not fresh to say its password again, and back here then."""
    if not is_fresh(request):
        raise ReauthenticationRequired


def proves_identity(listener: User, password: str) -> bool:
    """Whether ``password`` is the listener's; guesses are slowed down as those at a sign-in are."""
    try:
        return bool(password) and get_adapter().reauthenticate(listener, password)
    except ValidationError:
        return False
