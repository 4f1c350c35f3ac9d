"""Sign-in by email and password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from tunetrace_site.replication.prepared import PreparedQuery

from .models import User

MAX_CLAIMANTS = 5
_BY_KEY = PreparedQuery(User, lambda pk: User.objects.filter(pk=pk))


def find_user(pk: int) -> User | None:
    """Return the stored user with this primary key, or None; one prepared query."""
    return _BY_KEY.find_model(pk)


class EmailBackend(AuthenticationBackend):
    """allauth's backend, after which no other is asked: a wrong password is hashed only once.

    Django's own backend stays in the list after it, for sessions that began with it.
    """

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """Return the user of ``email`` with this password, or None.

        Of the accounts that claim an unverified address only the oldest few are tried: each takes a
        hash.
        """
        found = filter_users_by_email(email, prefer_verified=True, for_login=True)
        found.sort(key=lambda user: (user.created_at, user.pk))
        matching = (user for user in found[:MAX_CLAIMANTS] if self._check_password(user, password))
        return next(matching, None)

    def get_user(self, user_id: int) -> User | None:
        """Return the user with this key, whom every page of a session asks for, if active."""
        found = find_user(user_id)
        return found if found and self.user_can_authenticate(found) else None

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user is None and credentials.get("password"):
            raise PermissionDenied  # Django then asks no other backend
        return user
