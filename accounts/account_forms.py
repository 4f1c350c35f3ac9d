"""Sign-up and password reset: allauth's forms, with the rule for who owns an email address.

An address belongs to no account until it is verified. Where mail can be sent several accounts may
claim one address, and the first to prove that it is theirs gets it. Where no mail can be sent
nothing can be proven: there an address is a mere name, and belongs to the first account.
"""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, SignupForm
from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse

from .models import User


def verifies_addresses() -> bool:
    """Return whether nobody can sign in before they have proven that the address is theirs."""
    method = app_settings.EMAIL_VERIFICATION
    return method == app_settings.EmailVerificationMethod.MANDATORY


class SignUpForm(SignupForm):
    """Makes an account.

    For an address that is verified already, it only sends mail to the owner.
    """

    def validate_unique_email(self, value: str) -> str:
        if not verifies_addresses():
            return super().validate_unique_email(value)
        self.account_already_exists = EmailAddress.objects.is_verified(value)
        return get_adapter().validate_unique_email(value)

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # Take as long as for a new account: the time must not tell whether the address is
            # known.
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetForm(ResetPasswordForm):
    """Sends a password reset link to a verified address; others are asked to verify first."""

    users: list[User]
    unverified: list[User]

    def clean_email(self) -> str:
        email = super().clean_email()
        self.unverified = []
        if not EmailAddress.objects.is_verified(email):
            self.unverified, self.users = self.users, []
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = self.cleaned_data["email"]
        if not self.unverified:
            return super().save(request, **kwargs)
        eldest = min(self.unverified, key=lambda user: (user.created_at, user.pk))
        address, _ = EmailAddress.objects.get_or_create(user=eldest, email=email.lower())
        address.send_confirmation(request)
        return email
