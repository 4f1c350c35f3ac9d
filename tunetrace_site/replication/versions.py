"""The clock that orders changes: ever growing, and never equal in two databases.

A version is the clock in microseconds times 16 plus the number of the database it was made in. A
new version is greater than every version that its database knows, made here or received, whatever
the clock does (a hybrid logical clock).
"""

from datetime import UTC, datetime

from django.conf import settings

_N_ORIGINS = 16
# Machines have the numbers 1 to 14 (settings.py).
_MOVED = 15
VERSIONS_A_MICROSECOND = _N_ORIGINS

_CLOCK_SQL = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000",
    "postgresql": "(extract(epoch from clock_timestamp()) * 1000000)::bigint",
}


# One look at the end of an index.
HIGHEST_VERSION_SQL = "(SELECT max(version) FROM replication_rowversion)"


def origin_of(vendor: str) -> int:
    """The number in the low bits: 0 for PostgreSQL, this machine's number for its SQLite."""
    return 0 if vendor == "postgresql" else settings.MACHINE_NUMBER


def clock_sql(vendor: str) -> str:
    """SQL for the database's own clock, in microseconds since 1970."""
    return _CLOCK_SQL[vendor]


def new_version_sql(vendor: str) -> str:
    """SQL for a version made now: by the clock, or above the highest known where that is more."""
    now = f"({clock_sql(vendor)} + (SELECT clock_offset FROM replication_state))"
    greatest = {"sqlite": "max", "postgresql": "greatest"}[vendor]
    return (
        f"{greatest}({now} * {_N_ORIGINS} + {origin_of(vendor)},"
        f" {next_version_sql(vendor, f'coalesce({HIGHEST_VERSION_SQL}, 0)')})"
    )


def next_version_sql(vendor: str, column: str) -> str:
    """SQL for the smallest version above the one in ``column`` that ``vendor`` may make."""
    return f"((({column} / {_N_ORIGINS}) + 1) * {_N_ORIGINS} + {origin_of(vendor)})"


def next_version(version: int, vendor: str) -> int:
    """The smallest version above ``version`` that ``vendor`` may make."""
    return (version // _N_ORIGINS + 1) * _N_ORIGINS + origin_of(vendor)


def derived_version(version: int) -> int:
    """The version of a row that a data migration makes from one of ``version``, in any database."""
    return version + _N_ORIGINS


def moved_version(version: int) -> int:
    """The version of a tombstone under whose key nothing was deleted: the row has another key now.

    No machine has the number in its low bits.
    """
    return (version // _N_ORIGINS + 1) * _N_ORIGINS + _MOVED


def is_moved(version: int) -> bool:
    """Whether ``version`` was made by ``moved_version``."""
    return version % _N_ORIGINS == _MOVED


def first_version(vendor: str) -> int:
    """The version of a row that is older than the triggers: any captured change is newer."""
    return origin_of(vendor)


def time_of(version: int) -> datetime:
    """When a version was made, by the clock of its database."""
    return datetime.fromtimestamp(version // _N_ORIGINS / 1_000_000, UTC)


def version_at(timestamp: float) -> int:
    """The smallest version that can have been made at ``timestamp`` (seconds since 1970)."""
    return int(timestamp * 1_000_000) * _N_ORIGINS
