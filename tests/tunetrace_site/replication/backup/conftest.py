"""One backup on the way: taken, read, and given back by the commands themselves."""

import io

import pytest
from django.core.management import call_command

from tests.servers.pair import installed


@pytest.fixture
def alone(pair, tmp_path):
    """SQLite alone, in a file of its own."""
    pair.templates.copy_sqlite(tmp_path / "alone.db")
    with installed(tmp_path / "alone.db", None, tmp_path / "alone-state"):
        call_command("init_db", stdout=io.StringIO())
        yield tmp_path / "alone.db"


@pytest.fixture
def backup(tmp_path):
    """Takes a backup of what the databases hold now; returns its path."""

    def take(name="a.backup"):
        call_command("backup", str(tmp_path / name), stderr=io.StringIO())
        return tmp_path / name

    return take


@pytest.fixture
def restore():
    """Restores a backup; returns what the command says."""

    def give_back(path, **options):
        said = io.StringIO()
        call_command("restore", str(path), stdout=said, **options)
        return said.getvalue()

    return give_back
