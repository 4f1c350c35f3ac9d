"""Limits on a day's YouTube quota per payer, so that no caller can spend it all.

A ``Caller`` says what quota is spent for, and who pays. The ledger counts each payer in a row of
its own beside the day's total, and this module says how far that row may grow:

- an address, whoever uses it, has ``YOUTUBE_ADDRESS_SHARE`` of the day;
- without an account it has also at most a tenth of what others have left, and of the last few that
  are no ten any more one, the later in the day the more of them;
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
"""The name of the row that holds a day's total."""
PAYER_MARK = "@"
"""The prefix of payers' names in the ledger, which no purpose has."""
_DIGEST_LENGTH = 15
ANONYMOUS_SHARE_OF_REST = 0.1
_KEPT_FOR_ACCOUNTS = 1 / ANONYMOUS_SHARE_OF_REST - 1
"""What a tenth of is less than one: kept for accounts in the morning, and for nobody at night."""
BUDGET_SPENT = "the units that one run may spend are spent, and the next run goes on"
"""The reason why a background job ended early."""


class Kind(Enum):
    """The kind of a payer, which decides how much it may spend."""

    ANONYMOUS = "anonymous"
    ADDRESS = "address"
    ACCOUNT = "account"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody whose spending is counted. ``name`` is a digest that fits into the ledger's row.

    ``share`` is the part of a day, 0 to 1, given to this payer alone; None: that of its kind.
    """

    kind: Kind
    name: str
    share: float | None = None

    @classmethod
    def of(cls, kind: Kind, identity: str, share: float | None = None) -> Self:
        """Return the payer with this address or id.

        An address has one row, with or without an account.
        """
        owner = Kind.ADDRESS if kind is Kind.ANONYMOUS else kind
        digest = sha256(f"{settings.SECRET_KEY}:{owner.value}:{identity}".encode()).hexdigest()
        return cls(kind, PAYER_MARK + digest[:_DIGEST_LENGTH], share)

    def get_ceiling(self, *, limit: int, left: int, own: int, day_left: float) -> int:
        """Return how far this payer's row may grow today.

        ``limit`` is the bucket's size, ``left`` what nobody has spent yet, ``own`` what this payer
        has spent, ``day_left`` the part of the day, 0 to 1, that is still to come.
        """
        if self.kind is Kind.SERVICE:
            own_share = settings.YOUTUBE_SERVICE_KEY_SHARE if self.share is None else self.share
            return floor(limit * own_share)
        share = floor(limit * settings.YOUTUBE_ADDRESS_SHARE)
        if self.kind is Kind.ANONYMOUS:
            rest = left + own
            is_spare = rest > _KEPT_FOR_ACCOUNTS * day_left
            return min(share, max(floor(rest * ANONYMOUS_SHARE_OF_REST), int(is_spare)))
        return share


class Caller(str):
    """What quota is spent for (a constant of ``quota.py``), with the payers to whom it is counted.

    It is a string that code passes on to the ledger unread; equal if purpose and payers are.
    """

    purpose: str
    payers: tuple[Payer, ...]

    def __new__(cls, purpose: str, *payers: Payer) -> Self:
        caller = super().__new__(cls, "".join((purpose, *(payer.name for payer in payers))))
        caller.purpose, caller.payers = purpose, payers
        return caller


def describe_payers(caller: str) -> list[list[Any]]:
    """Return the payers of ``caller`` as JSON, for work that outlives the request that began it."""
    return [[payer.kind.value, payer.name, payer.share] for payer in get_payers(caller)]


def restore_caller(purpose: str, payers: Sequence[Sequence[Any]] | None) -> Caller:
    """Return the caller with the payers from ``describe_payers``; empty JSON gives none."""
    return Caller(purpose, *(Payer(Kind(kind), *rest) for kind, *rest in payers or ()))


def identify_caller(
    purpose: str,
    *,
    address: str,
    account: int | None = None,
    service_key: int | None = None,
    service_key_share: float | None = None,
) -> Caller:
    """Return the caller at ``address``, with the id of an account or a service key, or neither.

    ``service_key_share`` is the part of a day given to this key; None: the default of keys.
    """
    if service_key is not None:
        return Caller(purpose, Payer.of(Kind.SERVICE, str(service_key), service_key_share))
    if account is None:
        return Caller(purpose, Payer.of(Kind.ANONYMOUS, address))
    owners = Payer.of(Kind.ADDRESS, address), Payer.of(Kind.ACCOUNT, str(account))
    return Caller(purpose, *owners)


def get_purpose(caller: str) -> str:
    """Return what ``caller`` spends quota for."""
    return caller.purpose if isinstance(caller, Caller) else caller


def get_payers(caller: str) -> tuple[Payer, ...]:
    """Return the payers of ``caller``; none for work of the site's own."""
    return caller.payers if isinstance(caller, Caller) else ()


def list_names(caller: str) -> list[str]:
    """Return the names of the rows that count its calls beside the total: purpose and payers."""
    return [get_purpose(caller), *(payer.name for payer in get_payers(caller))]


def count_left(
    payers: Sequence[Payer],
    rows: QuerySet[QuotaUsage],
    *,
    limit: int,
    n_taken: int,
    day_left: float,
) -> int:
    """Return how many units each of ``payers`` may still spend; ``limit`` without any payer.

    ``rows`` are those of a day and a bucket of ``limit`` units; ``n_taken`` of their total are
    being taken now, and not counted to the payers yet. ``day_left`` is the part of the day, 0 to 1,
    that is still to come.
    """
    if not payers:
        return limit
    names = [TOTAL, *(payer.name for payer in payers)]
    used = dict(rows.filter(caller__in=names).values_list("caller", "used"))
    left = max(limit - used.get(TOTAL, 0) + n_taken, 0)

    def count(payer: Payer) -> int:
        own = used.get(payer.name, 0)
        return payer.get_ceiling(limit=limit, left=left, own=own, day_left=day_left) - own

    return max(min(map(count, payers)), 0)
