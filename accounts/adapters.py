"""What happens to a guest when they sign up or sign in (django-allauth's hook)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from .guests import adopt_guest
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """Signing up or in keeps what was liked as a guest."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Every way in ends here: password, sign-up, Google."""
        adopt_guest(request, user)
        super().login(request, user)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no usernames: the listener's ``user_id`` is made by the model."""
