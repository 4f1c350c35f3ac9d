"""Who may call a route. Each view names one of these; a system check finds one that does not."""

from django.conf import settings
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User

Everyone = AllowAny
"""Allows anonymous callers. Not a subclass: drf-spectacular recognises open routes by this
class."""


class ListenersAndServices(BasePermission):
    """Listeners for themselves, and service keys for a listener they name (``callers.py``)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated)


class OlderClientsToo(ListenersAndServices):
    """As ``ListenersAndServices``, and also callers without credentials where a setting allows.

    ``ALLOW_UNAUTHENTICATED_USER_ID`` lets them name a listener who has no account, as the older web
    client does.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        allowed = settings.ALLOW_UNAUTHENTICATED_USER_ID
        return allowed or super().has_permission(request, view)


class SignedInAccounts(BasePermission):
    """A listener with an account, in a browser: no guest, and no program.

    A leaked access token must not be able to make others that outlive it.
    """

    message = "Sign in to your account in a browser to do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return isinstance(user, User) and user.has_account and request.auth is None
