"""The listener behind a browser's request: signed in, a guest, or none yet."""

from typing import Any

from django.dispatch import Signal
from django.http import HttpRequest

from tunetrace_site.replication.unit import unit_of_work

from .models import User

GUEST_SESSION_KEY = "guest_pk"


class AccountRequest(HttpRequest):
    """A request behind ``login_required``, whose user is a listener with an account."""

    user: User


guest_signed_in = Signal()
"""Sent inside a unit of work with ``guest`` and ``account``, before the guest's row is deleted.
Receivers return how many likes they have moved."""


def find_listener(request: HttpRequest) -> User | None:
    """Return the signed-in listener, else the guest of this browser, else None.

    The result is kept on the request; nothing is written.
    """
    if request.user.is_authenticated:
        return request.user
    kept = vars(request)
    if "_guest" not in kept:
        kept["_guest"] = _load_guest(request)
    return kept["_guest"]


def get_or_make_listener(request: HttpRequest) -> User:
    """Return the listener as ``find_listener`` does, or a new, unsaved guest if there is none.

    The guest is saved, and the session names them, together with the first row of theirs
    (``User.ensure_stored``): a request that is refused leaves nobody behind.
    """
    listener = find_listener(request)
    if listener is not None:
        return listener
    guest = User.objects.make_guest()

    def remember() -> None:
        request.session[GUEST_SESSION_KEY] = guest.pk
        vars(request)["_guest"] = guest

    guest.when_stored = remember
    return guest


def hand_over_guest(request: HttpRequest, account: User) -> int:
    """Give the likes of this browser's guest to ``account`` and delete the guest.

    Returns how many likes were moved.
    """
    guest = _load_guest(request)
    request.session.pop(GUEST_SESSION_KEY, None)
    vars(request)["_guest"] = None
    if guest is None or guest.pk == account.pk:
        return 0
    with unit_of_work():
        answers: list[tuple[Any, Any]] = guest_signed_in.send(
            sender=User, guest=guest, account=account
        )
        guest.delete()
    return sum(n for _, n in answers)


def _load_guest(request: HttpRequest) -> User | None:
    session = getattr(request, "session", None)
    guest_pk = session.get(GUEST_SESSION_KEY) if session is not None else None
    if guest_pk is None:
        return None
    return User.objects.guests().filter(pk=guest_pk, is_active=True).first()
