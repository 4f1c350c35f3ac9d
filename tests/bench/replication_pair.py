"""Two databases for the figures: a durable PostgreSQL (fsync on) and SQLite, both migrated.

Set up before Django: importing this module configures the settings of the process.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from tests.servers.pair import Pair, Templates, installed  # noqa: E402
from tests.servers.postgres import PostgresServer, running_postgres  # noqa: E402
from tunetrace_site.replication.relay import Relay  # noqa: E402


@contextmanager
def durable_pair(kind: type[PostgresServer] = PostgresServer) -> Iterator[Pair]:
    """A joined, empty pair whose every commit is on disk."""
    with (
        tempfile.TemporaryDirectory(prefix="tt-bench-") as directory,
        running_postgres(durable=True, kind=kind) as server,
    ):
        pair = Pair(Templates(server, Path(directory), Path(directory)), Path(directory))
        with installed(pair.sqlite_path, pair.url, pair.state_dir):
            Relay().run_pass()
            yield pair
