"""Signing in by email and password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from .models import User


class EmailBackend(AuthenticationBackend):
    """allauth's, and the last word: a wrong password is hashed once, not by every backend.

    Django's own backend stays in the list after it, for sessions that began with it.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user is None and credentials.get("password"):
            raise PermissionDenied  # Django then asks no other backend
        return user
