"""Chooses psycopg2 as the driver of PostgreSQL.

Django takes psycopg 3 wherever it can import it, which would not enforce a deadline (``base.py``).
"""

import sys
from importlib.metadata import distributions
from importlib.util import find_spec

from tunetrace_site.env import WrongVariable

_WANTED = "psycopg2-binary"
_UNWANTED = ("psycopg", "psycopg-binary", "psycopg-c", "psycopg-pool")


def require_psycopg2() -> None:
    """Raise ``WrongVariable``, which says what to type, unless Django will use psycopg2."""
    pip = f"{sys.executable} -m pip"
    if found := find_spec("psycopg"):
        names = " ".join(_find_installed(_UNWANTED))
        place = next(iter(found.submodule_search_locations or [str(found.origin)]))
        remedy = f"{pip} uninstall --yes {names}" if names else f"rm -r {place}"
        raise WrongVariable(
            f"POSTGRES_DATABASE_URL needs {_WANTED} as its only driver, and Django would use "
            f"psycopg 3 ({place}) instead. Remove that: {remedy}"
        )
    if find_spec("psycopg2") is None:
        raise WrongVariable(
            f"POSTGRES_DATABASE_URL needs {_WANTED}, which is not installed: "
            f"{pip} install -r requirements.txt"
        )


def _find_installed(names: tuple[str, ...]) -> list[str]:
    installed = {found.name.lower().replace("_", "-") for found in distributions()}
    return [name for name in names if name in installed]
