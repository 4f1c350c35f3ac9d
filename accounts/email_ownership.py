"""Ownership of email addresses: what happens when an account claims, proves or loses one."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_added, email_confirmed
from django.db import IntegrityError, connections
from django.dispatch import receiver
from django.http import HttpRequest

from tunetrace_site.replication.keys import derive_key
from tunetrace_site.replication.unit import current_alias, unit_of_work

from .models import User


class AddressTaken(Exception):
    """Another account has been made with this address meanwhile."""


def claim_address(email: str) -> None:
    """Hold ``email`` for one new account until the unit of work ends; raise ``AddressTaken``.

    For sites that cannot verify addresses. Units of work on SQLite run one after another anyway.
    """
    connection = connections[current_alias()]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [derive_key("address", email)])
    if User.objects.filter(email=email).exists() or EmailAddress.objects.lookup([email]).exists():
        raise AddressTaken


def prove_address(request: HttpRequest, address: EmailAddress) -> bool:
    """Mark ``address`` as verified unless another account has it; return whether it is verified."""
    from allauth.account.internal.flows.email_verification import verify_email

    try:
        with unit_of_work():
            return verify_email(request, address)
    except IntegrityError:  # another account has just been given it
        return False


@receiver(email_confirmed)
def _take_from_others(email_address: EmailAddress, **_: Any) -> None:
    """Remove an address from accounts that only claimed it, and delete those never used."""
    others = EmailAddress.objects.filter(email=email_address.email, verified=False)
    others = others.exclude(user=email_address.user)
    keys = list(others.values_list("user_id", flat=True))
    with unit_of_work():
        others.delete()
        for user in User.objects.filter(pk__in=keys, last_login=None, email=email_address.email):
            if not EmailAddress.objects.filter(user=user).exists() and not user.is_staff:
                user.delete()


@receiver(email_added)
def _tell_owner(request: HttpRequest, user: User, email_address: EmailAddress, **_: Any) -> None:
    """Mail the old address that a new one was added: the session that did it may be stolen."""
    context = {"added_email": email_address.email}
    get_adapter().send_notification_mail("account/email/email_added", user, context)
