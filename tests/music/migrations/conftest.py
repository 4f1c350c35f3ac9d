"""The two real databases of the tests of migrations."""

from tests.tunetrace_site.replication.conftest import pair, postgres_server, sync, templates

__all__ = ["pair", "postgres_server", "sync", "templates"]
