"""A backup of an older schema is migrated before it is restored, and nothing else is."""

import io
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import music.migrations
from accounts.models import User
from music.models import UserLikedSong
from tests.servers.pair import installed
from tests.tunetrace_site.replication.rows import add_listener, assert_equal_databases, read_all
from tunetrace_site.replication.backup import upgrade
from tunetrace_site.replication.backup.archive import Header, check_archive
from tunetrace_site.replication.backup.snapshot import (
    find_migrations,
    saved_tables,
    write_archive,
)
from tunetrace_site.replication.databases import SQLITE
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.tables import MirroredTable
from tunetrace_site.replication.unit import run_unit

SHOUT = '''
from django.db import migrations


def shout(apps, schema_editor):
    """Names no database, as migrations of other packages do."""
    for like in apps.get_model("music", "UserLikedSong").objects.all():
        like.song_name = like.song_name.upper()
        like.save()


class Migration(migrations.Migration):
    dependencies = [("music", "{last}")]
    operations = [migrations.RunPython(shout)]
'''


@pytest.fixture(scope="module")
def _old_backup(tmp_path_factory):
    return tmp_path_factory.mktemp("backups") / "old.backup"


@pytest.fixture
def old_backup(pair, _old_backup):
    """A backup by the first version of the code: no table of chores yet, one listener.

    It is the same for all tests: the schema of then takes seconds to make.
    """
    return _old_backup if _old_backup.exists() else write_old_backup(_old_backup)


def write_old_backup(path):
    first = "music.0001_initial"
    migrations = tuple(
        name for name in find_migrations(SQLITE) if name == first or not name.startswith("music.")
    )
    header = Header(datetime.now(UTC), "sqlite", migrations, histories=())
    with upgrade._scratch_database(), path.open("wb") as file:
        with pinned("upgrade"):
            state = upgrade._migrate_to(header)
            user = state.apps.get_model("accounts", "User").objects.create(id=7, user_id="old")
            state.apps.get_model("music", "UserLikedSong").objects.create(
                id=8, user=user, song_name="an old song"
            )
        models = state.apps.get_models(include_auto_created=True)
        tables = {model._meta.db_table: MirroredTable(model) for model in models}
        then = {name: table for name, table in tables.items() if name in saved_tables()}
        assert "music_chore" not in then
        write_archive(file, header, "upgrade", then)
    return path


def test_backup_of_an_older_schema_is_migrated_and_restored(pair, preference, old_backup, restore):
    run_unit(lambda: add_listener("ann"))
    said = restore(old_backup)
    assert "Its schema is older by " in said
    rows = assert_equal_databases()
    assert {key for key in rows if key[0] != "django_session"} == {
        ("accounts_user", "7"),
        ("music_userlikedsong", "8"),
    }
    run_unit(lambda: UserLikedSong.objects.get().delete())
    assert len(assert_equal_databases()) == 1
    assert not list(pair.state_dir.glob("upgrade-*"))


def test_older_backup_is_checked_without_migrating_anything(old_backup, restore):
    before = assert_equal_databases()
    assert "Its schema is older by " in restore(old_backup, check=True)
    assert assert_equal_databases() == before


def test_backup_whose_tables_are_not_those_of_its_migrations_is_refused(
    old_backup, tmp_path, restore
):
    with old_backup.open("rb") as file:
        header = check_archive(file).header
    run_unit(lambda: add_listener("ann"))
    before = assert_equal_databases()
    with (tmp_path / "odd.backup").open("wb") as file:
        write_archive(file, header, SQLITE, saved_tables())
    with pytest.raises(CommandError, match="its table music_chore is not what its migrations make"):
        restore(tmp_path / "odd.backup")
    assert assert_equal_databases() == before


@pytest.fixture
def newer_code(tmp_path, settings, monkeypatch):
    """The migrations of music with one more, which changes rows."""
    package = tmp_path / "packages" / "newer_music"
    shutil.copytree(Path(music.migrations.__file__).parent, package)
    last = max(path.stem for path in package.glob("0*.py"))
    (package / "9000_shout.py").write_text(SHOUT.replace("{last}", last))
    monkeypatch.syspath_prepend(package.parent)

    def install():
        settings.MIGRATION_MODULES = {"music": "newer_music"}

    yield install
    for name in [name for name in sys.modules if name.startswith("newer_music")]:
        del sys.modules[name]


@pytest.mark.usefixtures("quick_first_migration")
def test_migrations_of_data_run_on_the_backup_alone(pair, tmp_path, backup, restore, newer_code):
    with installed(tmp_path / "house.db", None, tmp_path / "house-state"):
        call_command("init_db", stdout=io.StringIO())
        run_unit(lambda: add_listener("ann"))
        path = backup()
        newer_code()
        call_command("init_db", stdout=io.StringIO())
        run_unit(lambda: UserLikedSong.objects.all().delete())
        run_unit(lambda: UserLikedSong.objects.create(user=User.objects.get(), song_name="later"))
        assert "Its schema is older by 1 migrations." in restore(path)
        names = UserLikedSong.objects.values_list("song_name", flat=True)
        assert sorted(names) == ["ANN 0", "ANN 1", "ANN 2"]
        assert len(read_all(SQLITE)) == 4
