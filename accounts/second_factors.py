"""Second factors: how their secrets are encrypted, and how to remove them from an account."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest

from tunetrace_site.replication.unit import unit_of_work

from .encryption import seal, unseal
from .models import User

PROOFS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""The kinds of second factors; recovery codes only replace one."""
_PURPOSE = "second factor"


class FactorAdapter(DefaultMFAAdapter):
    """Encrypts secrets with ``SECRET_KEY``; decrypts with ``SECRET_KEY_FALLBACKS`` as well."""

    def encrypt(self, text: str) -> str:
        return seal(text, purpose=_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, purpose=_PURPOSE)

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}


def has_second_factor(user: User) -> bool:
    """Return whether an authenticator app or a security key was set up."""
    return Authenticator.objects.filter(user=user, type__in=PROOFS).exists()


def remove_second_factors(user: User) -> int:
    """Remove all factors and recovery codes, and end all sessions; return how many were removed."""
    with unit_of_work():
        n_removed, _ = Authenticator.objects.filter(user=user).delete()
        user.sign_out_everywhere()
    return n_removed


@receiver(authenticator_added)
def _count_setting_up_as_proof(
    request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """Count a factor that was just set up as proven in this session."""
    if authenticator.type in PROOFS:
        record_authentication(
            request, user, method="mfa", id=authenticator.pk, type=str(authenticator.type)
        )
