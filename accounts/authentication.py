"""Who is calling the API."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from .guests import find_listener
from .models import User


class ListenerSessionAuthentication(SessionAuthentication):
    """A browser's session: a signed-in listener or a guest. Writes need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        listener = find_listener(request._request)
        if listener is None or not listener.is_active:
            return None
        self.enforce_csrf(request)
        return listener, None
