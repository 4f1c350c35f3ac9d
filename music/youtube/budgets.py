"""How much of a day's YouTube quota one caller may spend, so that nobody spends it for all.

A ``Caller`` says what quota is spent for, and who pays. The ledger counts each payer in a row of
its own beside the day's total and asks here how far that row may grow:

- an address, whoever is behind it, has ``YOUTUBE_ADDRESS_SHARE`` of the day;
- without an account it has, beside that, a tenth of what others have left it at most;
- an account has the same share as an address, from wherever it calls;
- a service key serves many listeners from one address: it has the share that an operator gave it,
  or ``YOUTUBE_SERVICE_KEY_SHARE``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from math import floor
from typing import Any, Self

from django.conf import settings
from django.db.models import QuerySet

from music.models import QuotaUsage

TOTAL = ""
"""The name of the row in which a day's total stands."""
PAYER_MARK = "@"
"""Begins the names of payers in the ledger; those of purposes are words."""
_DIGEST_LENGTH = 15
ANONYMOUS_SHARE_OF_REST = 0.1
BUDGET_SPENT = "the units that one run may spend are spent, and the next run goes on"
"""Why a background job ended before all was done."""


class Kind(Enum):
    """What a payer is, which decides how much it may spend."""

    ANONYMOUS = "anonymous"
    ADDRESS = "address"
    ACCOUNT = "account"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody whose spending is counted. ``name`` is a digest that fits into the ledger's row.

    ``share`` is the part of a day, 0 to 1, that this payer alone was given; None: its kind's.
    """

    kind: Kind
    name: str
    share: float | None = None

    @classmethod
    def of(cls, kind: Kind, identity: str, share: float | None = None) -> Self:
        """The payer with this address or id. An address has one row, with an account or without."""
        owner = Kind.ADDRESS if kind is Kind.ANONYMOUS else kind
        digest = sha256(f"{settings.SECRET_KEY}:{owner.value}:{identity}".encode()).hexdigest()
        return cls(kind, PAYER_MARK + digest[:_DIGEST_LENGTH], share)

    def get_ceiling(self, *, limit: int, left: int, own: int) -> int:
        """How far this payer's row may grow today.

        ``limit`` is the bucket's size, ``left`` what nobody has spent yet, ``own`` what this payer
        has spent.
        """
        if self.kind is Kind.SERVICE:
            own_share = settings.YOUTUBE_SERVICE_KEY_SHARE if self.share is None else self.share
            return floor(limit * own_share)
        share = floor(limit * settings.YOUTUBE_ADDRESS_SHARE)
        if self.kind is Kind.ANONYMOUS:
            return min(share, floor((left + own) * ANONYMOUS_SHARE_OF_REST))
        return share


class Caller(str):
    """What quota is spent for (a constant of ``quota.py``), and the payers it is counted to.

    A word like any other to all who pass it on to the ledger; equal where purpose and payers are.
    """

    purpose: str
    payers: tuple[Payer, ...]

    def __new__(cls, purpose: str, *payers: Payer) -> Self:
        caller = super().__new__(cls, "".join((purpose, *(payer.name for payer in payers))))
        caller.purpose, caller.payers = purpose, payers
        return caller


def describe_payers(caller: str) -> list[list[Any]]:
    """The payers of ``caller`` as JSON, for work that goes on after the request that began it."""
    return [[payer.kind.value, payer.name, payer.share] for payer in get_payers(caller)]


def restore_caller(purpose: str, payers: Sequence[Sequence[Any]] | None) -> Caller:
    """The caller whose payers ``describe_payers`` gave; nobody pays where there are none."""
    return Caller(purpose, *(Payer(Kind(kind), *rest) for kind, *rest in payers or ()))


def identify(
    purpose: str,
    *,
    address: str,
    account: int | None = None,
    service_key: int | None = None,
    service_key_share: float | None = None,
) -> Caller:
    """The caller at ``address``: with an account or a service key (their ids), or with neither.

    ``service_key_share`` is the part of a day that this key was given; None: what each key has.
    """
    if service_key is not None:
        return Caller(purpose, Payer.of(Kind.SERVICE, str(service_key), service_key_share))
    if account is None:
        return Caller(purpose, Payer.of(Kind.ANONYMOUS, address))
    owners = Payer.of(Kind.ADDRESS, address), Payer.of(Kind.ACCOUNT, str(account))
    return Caller(purpose, *owners)


def get_purpose(caller: str) -> str:
    """What ``caller`` spends quota for."""
    return caller.purpose if isinstance(caller, Caller) else caller


def get_payers(caller: str) -> tuple[Payer, ...]:
    """To whom it is counted; nobody for work of the site's own."""
    return caller.payers if isinstance(caller, Caller) else ()


def list_rows(caller: str) -> list[str]:
    """The rows beside the total in which its calls are counted: of its purpose, of each payer."""
    return [get_purpose(caller), *(payer.name for payer in get_payers(caller))]


def count_left(
    payers: Sequence[Payer], rows: QuerySet[QuotaUsage], *, limit: int, n_taken: int
) -> int:
    """How many units each of ``payers`` may still spend; ``limit`` without any.

    ``rows`` are those of a day and a bucket of ``limit`` units; ``n_taken`` of their total are
    being taken now, and not counted to the payers yet.
    """
    if not payers:
        return limit
    names = [TOTAL, *(payer.name for payer in payers)]
    used = dict(rows.filter(caller__in=names).values_list("caller", "used"))
    left = max(limit - used.get(TOTAL, 0) + n_taken, 0)

    def count(payer: Payer) -> int:
        own = used.get(payer.name, 0)
        return payer.get_ceiling(limit=limit, left=left, own=own) - own

    return max(min(map(count, payers)), 0)
