"""Moving house: each recipe of docs/databases.md, on real servers."""

import shutil
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import User
from music.models import UserLikedSong
from tests.servers.pair import checkpoint, installed, remove_sqlite
from tunetrace_site.replication.background import start_relay_thread
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import is_behind, is_down
from tunetrace_site.replication.models import Change, Cursor
from tunetrace_site.replication.reconcile import RANGE_ROWS, compare_table
from tunetrace_site.replication.router import current_alias
from tunetrace_site.replication.schema import needs_migration
from tunetrace_site.replication.server_identity import may_meet_another_server
from tunetrace_site.replication.tables import mirrored_tables
from tunetrace_site.replication.triggers import (
    drop_triggers,
    find_uncaptured_tables,
    install_triggers,
)
from tunetrace_site.replication.unit import run_unit, unit_of_work

from .rows import add_listener, assert_equal_databases, change_only, read_all

pytestmark = pytest.mark.usefixtures("quick_first_migration")


def init_db(capsys):
    call_command("init_db")
    return capsys.readouterr()


def test_sqlite_alone_is_simple(pair, tmp_path, capsys):
    """No triggers, no log, no relay, no files but those of the writers' queue."""
    alone, state_dir = tmp_path / "alone.db", tmp_path / "alone-state"
    with installed(alone, None, state_dir):
        out = init_db(capsys).out
        assert out == "SQLite: applying migrations …\nSQLite: the schema is current.\n"
        run_unit(lambda: add_listener("ann"))
        assert User.objects.count() == 1
        assert Change.objects.count() == 0
        assert len(find_uncaptured_tables(connections[SQLITE])) > 20
        assert init_db(capsys).out == "SQLite: the schema is current.\n"
        start_relay_thread()
        assert "relay" not in [thread.name for thread in threading.enumerate()]
    assert {file.name for file in state_dir.iterdir()} == {"sqlite.next", "sqlite.turn"}


def test_from_sqlite_alone_to_both_and_back_again(pair, tmp_path, capsys):
    house, state_dir = tmp_path / "house.db", tmp_path / "house-state"
    with installed(house, None, state_dir):
        init_db(capsys)
        run_unit(lambda: add_listener("before"))
    with installed(house, pair.url, state_dir):
        out = init_db(capsys).out
        assert "SQLite has not read this log of PostgreSQL before" in out
        assert "4 rows exchanged." in out
        assert len(assert_equal_databases()) == 4
        assert current_alias() == POSTGRES
        run_unit(lambda: add_listener("both"))
        assert len(assert_equal_databases()) == 8
    with installed(house, None, state_dir):
        assert "goes on alone" in init_db(capsys).out
        run_unit(lambda: add_listener("alone"))
        assert (Change.objects.count(), Cursor.objects.count()) == (0, 0)
    with installed(house, pair.url, state_dir):
        init_db(capsys)
        assert len(assert_equal_databases()) == 12


@pytest.mark.parametrize("is_migrated", [pytest.param(False, marks=pytest.mark.slow), True])
def test_what_sqlite_did_alone_stays_when_postgres_is_back(pair, tmp_path, sync, is_migrated):
    """Also where it is migrated on the way: nothing was captured, and PostgreSQL knows it all."""
    house, state_dir = tmp_path / "house.db", tmp_path / "house-state"
    with installed(house, pair.url, state_dir):
        call_command("init_db")
        run_unit(lambda: add_listener("ann", n_likes=4))
        run_unit(lambda: UserLikedSong.objects.filter(song_name="ann 3").delete())
    likes = UserLikedSong.objects
    with installed(house, None, state_dir):
        call_command("init_db")
        run_unit(lambda: likes.filter(song_name="ann 0").update(learn=False))
        run_unit(lambda: likes.filter(song_name="ann 1").delete())
        run_unit(lambda: likes.create(user=User.objects.get(), song_name="new"))
        run_unit(lambda: likes.create(user=User.objects.get(), song_name="ann 3"))
        if is_migrated:
            call_command("migrate", "accounts", "0005", verbosity=0)
    with installed(house, pair.url, state_dir):
        call_command("init_db")
        assert_equal_databases()
        held = dict(likes.values_list("song_name", "learn"))
        assert held == {"ann 0": False, "ann 2": True, "ann 3": True, "new": True}
        run_unit(lambda: likes.filter(song_name="ann 2").delete())
        assert sync() == []
        assert_equal_databases()


def test_postgres_replaced_by_an_empty_one(pair, sync, capsys):
    with unit_of_work():
        add_listener("ann")
    pair.replace_postgres()
    assert "sending everything both ways" in init_db(capsys).out
    assert len(assert_equal_databases()) == 4
    run_unit(lambda: add_listener("ben"))
    assert len(assert_equal_databases()) == 8


def test_new_postgres_counts_above_the_old_rows(pair, capsys):
    from django.contrib.auth.models import Group

    with unit_of_work():
        Group.objects.create(name="first")
    pair.replace_postgres()
    pair.server.execute("ALTER SEQUENCE auth_group_id_seq RESTART WITH 1", database=pair.name)
    init_db(capsys)
    with unit_of_work():
        Group.objects.create(name="second")
    assert_equal_databases()
    assert Group.objects.count() == 2


def test_sqlite_file_lost(pair, capsys):
    with unit_of_work():
        add_listener("ann")
    connections[SQLITE].close()
    remove_sqlite(pair.sqlite_path)
    out = init_db(capsys).out
    assert "SQLite: applying migrations …" in out
    assert len(assert_equal_databases()) == 4


@pytest.mark.parametrize(
    "how", ["garbage in the middle", pytest.param("not a database", marks=pytest.mark.slow)]
)
def test_sqlite_file_corrupted(pair, sync, capsys, how):
    with unit_of_work():
        add_listener("ann", n_likes=200)
    connections[SQLITE].close()
    checkpoint(pair.sqlite_path)
    size = pair.sqlite_path.stat().st_size
    with pair.sqlite_path.open("r+b") as file:
        file.seek(0 if how == "not a database" else 4096)
        file.write(b"garbage!" * (size // 16))
    run_unit(lambda: User.objects.create(user_id="meanwhile"))  # nobody notices
    assert is_behind(SQLITE)
    connections[SQLITE].close()
    remove_sqlite(pair.sqlite_path)
    init_db(capsys)
    assert len(assert_equal_databases()) == 202
    assert not is_behind(SQLITE)


def test_sqlite_restored_from_an_old_copy_and_written(pair, sync, tmp_path):
    with unit_of_work():
        add_listener("ann")
        add_listener("gone")
    sync()
    old_copy = tmp_path / "old.db"
    connections[SQLITE].close()
    checkpoint(pair.sqlite_path)
    shutil.copyfile(pair.sqlite_path, old_copy)
    with unit_of_work():
        add_listener("new")
        User.objects.get(user_id="gone").delete()
    change_only(SQLITE, lambda: User.objects.filter(user_id="ann").update(display_name="A"))
    sync()
    expected = assert_equal_databases()
    connections[SQLITE].close()
    remove_sqlite(pair.sqlite_path)
    shutil.copyfile(old_copy, pair.sqlite_path)
    # The restored file gives out log ids again that PostgreSQL has already read.
    change_only(SQLITE, lambda: [User.objects.create(user_id=f"after{n}") for n in range(9)])

    events = sync()

    assert any(event.startswith("sending everything both ways") for event in events)
    rows = assert_equal_databases()
    assert len(rows) == len(expected) + 9
    assert {key: rows[key] for key in expected} == expected


def test_postgres_restored_from_an_old_dump(pair, sync, tmp_path):
    with unit_of_work():
        add_listener("ann")
        add_listener("gone")
    sync()
    dump = tmp_path / "old.dump"
    pair.server.dump(pair.name, dump)
    with unit_of_work():
        add_listener("new")
        User.objects.get(user_id="gone").delete()
    sync()
    expected = read_all(SQLITE)
    connections[POSTGRES].close()
    pair.server.drop_database(pair.name)
    pair.server.create_database(pair.name)
    pair.server.restore(pair.name, dump)

    sync()

    assert assert_equal_databases() == expected


def test_migration_while_postgres_is_down(pair, sync, capsys):
    """SQLite is migrated alone; PostgreSQL is migrated when it comes back, before it serves."""
    call_command("migrate", "music", "0012", database=POSTGRES, verbosity=0)
    pair.server.kill()
    io = init_db(capsys)
    assert "PostgreSQL cannot be used now" in io.err
    assert is_down(POSTGRES)
    run_unit(lambda: add_listener("ann"))
    pair.server.start()
    with may_meet_another_server():
        assert needs_migration(POSTGRES)

    events = sync(1)

    assert events == ["PostgreSQL is caught up", "PostgreSQL is up"]
    assert not needs_migration(POSTGRES)
    assert find_uncaptured_tables(connections[POSTGRES]) == []
    assert len(assert_equal_databases()) == 4


def test_reconcile_finds_and_repairs_what_was_changed_behind_the_log(pair, sync, capsys):
    with unit_of_work():
        add_listener("ann", n_likes=1500)
    for alias in (SQLITE, POSTGRES):
        drop_triggers(connections[alias])
    change_only(SQLITE, lambda: UserLikedSong.objects.filter(song_name="ann 7").delete())
    change_only(SQLITE, lambda: UserLikedSong.objects.filter(song_name="ann 8").update(learn=False))
    change_only(POSTGRES, lambda: User.objects.create(user_id="sneaked in"))
    for alias in (SQLITE, POSTGRES):
        install_triggers(connections[alias])

    with pytest.raises(CommandError, match="3 rows differ"):
        call_command("reconcile")
    out = capsys.readouterr().out
    assert out.startswith("1502 rows compared in ")
    assert "3 differ." in out
    lines = sorted(line.split(": ")[1] for line in out.splitlines()[1:])
    assert lines == [
        "put PostgreSQL's row into SQLite, since both have the same version and PostgreSQL leads",
        "put it back into SQLite, since its newest version says that it lives",
        "put it back into SQLite, since its newest version says that it lives",
    ]

    call_command("reconcile", "--repair")
    assert "3 rows repaired." in capsys.readouterr().out
    rows = assert_equal_databases()
    assert len(rows) == 1502
    call_command("reconcile")
    assert "0 differ." in capsys.readouterr().out


def test_reconcile_reads_no_more_than_a_range_where_one_side_lost_everything(pair):
    with unit_of_work():
        add_listener("ann", n_likes=2500)
    drop_triggers(connections[SQLITE])
    likes = UserLikedSong.objects.order_by("pk").values_list("pk", flat=True)
    lost = {*likes[:1200], *likes[2000:]}
    change_only(SQLITE, lambda: UserLikedSong.objects.filter(pk__in=lost).delete())

    ranges = list(compare_table(mirrored_tables()["music_userlikedsong"]))

    assert max(n_rows for n_rows, _ in ranges) <= RANGE_ROWS
    assert sum(n_rows for n_rows, _ in ranges) == 2500
    found = [difference for _, differences in ranges for difference in differences]
    assert {int(difference.pk) for difference in found} == lost
    assert {difference.held_by for difference in found} == {(POSTGRES,)}


def test_resync_sends_everything(pair, capsys):
    with unit_of_work():
        add_listener("ann")
    call_command("resync")
    assert capsys.readouterr().out == "8 rows sent, 0 were new to the other side.\n"


def test_relay_once_for_cron(pair, capsys):
    change_only(SQLITE, lambda: add_listener("ann"))
    call_command("relay", "--once")
    assert capsys.readouterr().out == "4 rows shipped.\n"
    assert_equal_databases()
