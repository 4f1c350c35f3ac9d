"""Passkeys and security keys: allauth's forms, which here refuse malformed JSON without a crash."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

# What the libraries raise for JSON that is not a credential: a field is missing, or of another
# type.
NONSENSE = (KeyError, TypeError, ValueError, AttributeError, IndexError)


class AddKeyForm(AddWebAuthnForm):
    """Adds a key, as a second factor or as a passkey that replaces the password."""

    passwordless = forms.BooleanField(
        label="Let it sign me in without a password",
        required=False,
        help_text="The key then asks for your fingerprint, your face or a PIN each time.",
    )

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except NONSENSE:
            raise get_adapter().validation_error("incorrect_code") from None


class _AnyCredential:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]  # of the other base
        except NONSENSE:
            raise get_adapter().validation_error("incorrect_code") from None


class KeyForm(_AnyCredential, AuthenticateWebAuthnForm):
    """Asks for a key as the second step of a sign-in."""


class PasskeyForm(_AnyCredential, LoginWebAuthnForm):
    """Asks for a passkey as the only step of a sign-in."""


class KeyAgainForm(_AnyCredential, ReauthenticateWebAuthnForm):
    """Asks a signed-in listener for their key again, before an action that cannot be undone."""
