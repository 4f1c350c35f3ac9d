"""The databases of the fault tests: as in ``tests/tunetrace_site/replication/conftest.py``."""

from tests.tunetrace_site.replication.conftest import (
    pair,
    postgres_server,
    preference,
    sync,
    templates,
)

__all__ = ["pair", "postgres_server", "preference", "sync", "templates"]
