"""Passkeys and security keys: allauth's forms, for which nonsense is wrong and not a crash."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

# What libraries raise for JSON that is no credential: a word is missing, or of another type.
NONSENSE = (KeyError, TypeError, ValueError, AttributeError, IndexError)


class AddKeyForm(AddWebAuthnForm):
    """A new key: a second factor, or a passkey that needs no password beside it."""

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
    """The second step of signing in."""


class PasskeyForm(_AnyCredential, LoginWebAuthnForm):
    """Signing in with nothing else."""


class KeyAgainForm(_AnyCredential, ReauthenticateWebAuthnForm):
    """Asks a signed-in listener for their key again, before something that matters."""
