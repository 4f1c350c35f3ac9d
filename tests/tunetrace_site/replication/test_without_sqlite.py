"""PostgreSQL alone (SQLITE_MIRROR=none): how it serves, and the way in and out."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import User
from music.catalogue import bundled, name_keeping
from music.catalogue.names_beside import keep_names
from music.domain.likes import record_likes, unlike_song
from music.domain.songs import Named
from music.jobs.claims import release_of_the_dead
from music.models import ScheduledJob, UserLikedSong
from tests.factories import SongFactory
from tests.servers.pair import checkpoint, installed, installed_without_sqlite
from tunetrace_site import health as readiness
from tunetrace_site.replication import machines, without_sqlite
from tunetrace_site.replication.background import start_relay_thread
from tunetrace_site.replication.databases import ALONE, POSTGRES, SQLITE, has_sqlite
from tunetrace_site.replication.health import collect_replication, read_replication_state
from tunetrace_site.replication.machines import NumberClaim
from tunetrace_site.replication.marks import is_in_service
from tunetrace_site.replication.models import Change, Cursor, Machine, Parked, RowVersion
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import current_alias
from tunetrace_site.replication.triggers import find_uncaptured_tables
from tunetrace_site.replication.unit import run_unit

from .rows import add_listener, assert_equal_databases, read_all


@pytest.fixture
def without(pair):
    """``with without():`` is what a machine without SQLite sees."""
    return lambda: installed_without_sqlite(pair.sqlite_path, pair.url, pair.state_dir)


@pytest.fixture(autouse=True)
def _short_watch(monkeypatch):
    monkeypatch.setattr(machines, "WATCH_SECONDS", 0.5)
    monkeypatch.setattr(without_sqlite, "WATCH_SECONDS", 0.5)


def go(capsys) -> str:
    call_command("init_db")
    return capsys.readouterr().out


def test_postgres_alone_is_as_simple_as_sqlite_alone(pair, without, capsys):
    """No triggers, no log, no relay, no SQLite file, and nothing speaks of one."""
    connections[SQLITE].close()
    run_unit(lambda: add_listener("before"))
    Relay().run_pass()
    with without():
        out = go(capsys)
        assert "PostgreSQL goes on alone" in out
        assert not pair.sqlite_path.exists()
        left = min(pair.sqlite_path.parent.glob("app.db.left-*"))
        assert str(left) in out
        assert (has_sqlite(), current_alias()) == (False, ALONE)
        run_unit(lambda: add_listener("alone"))
        assert User.objects.count() == 2
        assert (Change.objects.count(), Machine.objects.count()) == (0, 0)
        assert len(find_uncaptured_tables(connections[ALONE])) > 20
        start_relay_thread()
        assert "relay" not in [thread.name for thread in threading.enumerate()]
        assert readiness.describe_databases() == {"PostgreSQL": "up"}
        state = read_replication_state()
        assert (state.is_complete, [d.name for d in state.databases]) == (True, ["PostgreSQL"])
        assert list(collect_replication()) == []
        assert go(capsys) == "PostgreSQL: the schema is current.\n"


def test_way_there_and_back_keeps_everything(pair, without, sync, capsys):
    """What PostgreSQL did alone, its deletions among it, is in the SQLite that is filled anew."""
    for name in ("stays", "goes"):
        run_unit(lambda name=name: add_listener(name))
    sync()
    with without():
        go(capsys)
        run_unit(lambda: UserLikedSong.objects.filter(user__user_id="goes").delete())
        run_unit(lambda: User.objects.filter(user_id="goes").delete())
        run_unit(lambda: User.objects.filter(user_id="stays").update(display_name="new"))
        run_unit(lambda: add_listener("alone"))
        held = read_all(ALONE)
    assert len(held) == 8
    with installed(pair.sqlite_path, pair.url, pair.state_dir):
        assert "SQLite is caught up" in go(capsys)
        assert (is_in_service(SQLITE), is_in_service(POSTGRES)) == (True, True)
        assert_equal_databases()
        assert read_all(SQLITE) == held
        run_unit(lambda: add_listener("both again"))
        assert_equal_databases()


def test_old_sqlite_of_another_machine_brings_nothing_back(pair, without, tmp_path, sync, capsys):
    """A file that was put away before, and comes back, is older than all that happened since."""
    run_unit(lambda: add_listener("ann"))
    sync()
    connections[SQLITE].close()
    checkpoint(pair.sqlite_path)
    old = tmp_path / "old.db"
    old.write_bytes(pair.sqlite_path.read_bytes())
    with without():
        go(capsys)
        run_unit(lambda: UserLikedSong.objects.all().delete())
        run_unit(lambda: User.objects.update(display_name="new"))
    with installed(old, pair.url, tmp_path / "other"):
        go(capsys)
        sync()
        assert_equal_databases()
        assert UserLikedSong.objects.count() == 0
        assert User.objects.get().display_name == "new"


def test_change_of_mode_is_refused_while_a_log_is_undrained(pair, without, sync, capsys):
    run_unit(lambda: add_listener("ann"))
    sync()
    pair.server.kill()
    run_unit(lambda: add_listener("only sqlite has it"))
    pair.server.start()
    with without(), pytest.raises(CommandError, match=r"SQLITE_MIRROR=none: .*has not applied"):
        go(capsys)
    sync()
    with pair.sqlite_locked():
        run_unit(lambda: add_listener("only postgres has it"))
    with without():
        with pytest.raises(CommandError, match=r"PostgreSQL has changes that .* has not applied"):
            go(capsys)
        assert Change.objects.exists()
    sync()
    Parked.objects.using(SQLITE).create(table_name="x", row_pk="1", target="postgres", error="no")
    with without(), pytest.raises(CommandError, match="1 rows that PostgreSQL refuses"):
        go(capsys)
    Parked.objects.using(SQLITE).all().delete()
    with without():
        assert "goes on alone" in go(capsys)
        assert User.objects.count() == 3


def test_change_of_mode_is_refused_while_a_machine_mirrors(pair, without, capsys):
    """Its relay counts up in PostgreSQL, and would find neither triggers nor a log."""
    number, done = NumberClaim(), threading.Event()
    number.keep()

    def count() -> None:
        with pair.server.connect(pair.name) as elsewhere:
            while not done.wait(0.1):
                cursor = elsewhere.cursor()
                cursor.execute("UPDATE replication_machine SET n_beats = n_beats + 1")
                elsewhere.commit()

    relay = threading.Thread(target=count)
    relay.start()
    try:
        with without(), pytest.raises(CommandError, match="still mirrors into a SQLite: stop"):
            go(capsys)
    finally:
        done.set()
        relay.join()


def test_sqlite_that_was_always_alone_is_not_left_behind(pair, without, tmp_path, capsys):
    alone = tmp_path / "alone.db"
    with installed(alone, None, tmp_path / "alone-state"):
        go(capsys)
        run_unit(lambda: add_listener("ann"))
    with (
        installed_without_sqlite(alone, pair.url, pair.state_dir),
        pytest.raises(CommandError, match="holds a site that PostgreSQL was never sent"),
    ):
        go(capsys)
    assert alone.exists()


def test_server_that_was_restarted_serves_at_once(pair, without, capsys):
    """Nobody compares it, and a connection that it closed is made anew within the unit."""
    with without():
        go(capsys)
        run_unit(lambda: add_listener("before"))
        pair.server.kill()
        with pytest.raises(Exception, match="connection"):
            run_unit(lambda: add_listener("while it is away"))
        assert readiness.describe_databases() == {"PostgreSQL": "down"}
        pair.server.start()
        run_unit(lambda: add_listener("after"))
        pair.server.kill()
        pair.server.start()
        run_unit(lambda: add_listener("again"))
        assert set(User.objects.values_list("user_id", flat=True)) == {"before", "after", "again"}


def test_like_and_unlike_write_neither_log_nor_versions(pair, without, capsys):
    with without():
        go(capsys)
        n_versions = RowVersion.objects.count()
        song = SongFactory()
        ann = run_unit(lambda: User.objects.create(user_id="ann"))
        for _ in range(2):
            [like] = record_likes(ann, [("One", Named(song, None))])
        assert UserLikedSong.objects.count() == 1
        unlike_song(listener=ann, like_id=like.pk)
        assert (Change.objects.count(), RowVersion.objects.count()) == (0, n_versions)


def test_claim_of_another_machine_is_not_taken_for_a_dead_one(without, capsys):
    """Without SQLite machines have no numbers of their own, and process ids that meet."""
    with without():
        go(capsys)
        ScheduledJob.objects.create(name="theirs", claimed_by="0123456789ab-999999999-abcd")
        mine = f"{machines.read_machine_id()[:12]}-999999999-abcd"
        ScheduledJob.objects.create(name="mine", claimed_by=mine)
        release_of_the_dead()
        assert dict(ScheduledJob.objects.values_list("name", "claimed_by")) == {
            "theirs": "0123456789ab-999999999-abcd",
            "mine": "",
        }


def test_each_machine_keeps_a_file_of_song_names_of_its_own(
    pair, without, tmp_path, monkeypatch, capsys
):
    """Although one of them does the job: they share its row."""

    class AfterOneRound(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            has_waited = self.is_set()
            self.set()
            return has_waited

    monkeypatch.setattr(name_keeping, "FEW_SONGS", 2)
    with without():
        go(capsys)
        for _ in range(3):
            run_unit(SongFactory)
    for name in ("one", "two"):
        with installed_without_sqlite(pair.sqlite_path, pair.url, tmp_path / name):
            assert name_keeping.find_version() is None
            keep_names(AfterOneRound())
            assert name_keeping.find_version() is not None


def test_machine_that_is_new_loads_the_catalogue_only_where_it_is_not_loaded(
    pair, without, tmp_path, capsys
):
    """What was loaded stands in the database, not on the machine that did it."""
    songs = tmp_path / "songs.csv"
    lines = bundled.SONGS_FILE.read_text(encoding="utf-8").splitlines()[:3]
    songs.write_text("\n".join(lines), encoding="utf-8")
    with without():
        go(capsys)
        call_command("load_catalogue", str(songs))
        assert "Loaded 2 songs" in capsys.readouterr().out
    with installed_without_sqlite(pair.sqlite_path, pair.url, tmp_path / "new"):
        call_command("load_catalogue", str(songs))
        assert "The catalogue is up to date." in capsys.readouterr().out


def test_cursor_is_kept_for_the_other_machines(pair, without, sync, capsys):
    """Each of them is asked by it whether its SQLite has sent everything."""
    run_unit(lambda: add_listener("ann"))
    sync()
    with without():
        go(capsys)
        assert [cursor.source for cursor in Cursor.objects.all()] == ["sqlite-1"]
