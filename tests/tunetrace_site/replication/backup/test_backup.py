"""A backup holds what was confirmed when it began, whoever leads and whatever is down."""

import gzip
import io
import json
import os
import stat
import subprocess
import sys
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import User
from music.catalogue.bundled import digest_bundle
from music.models import UserLikedSong
from tests.servers.site import ROOT
from tests.tunetrace_site.replication.rows import add_listener, change_only, read_all
from tests.waiting import wait_until
from tunetrace_site.replication.backup import snapshot
from tunetrace_site.replication.backup.archive import check_archive, read_sections
from tunetrace_site.replication.backup.rows import decode_row
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import Mark, set_marks
from tunetrace_site.replication.tables import mirrored_tables
from tunetrace_site.replication.unit import run_unit


def read_backup(path):
    """The mirrored rows of a backup, as ``read_all`` answers them for a database."""
    rows = {}
    with path.open("rb") as file:
        for section in read_sections(file):
            if table := mirrored_tables().get(section.table):
                for line in section.lines:
                    values = decode_row(table, line)
                    rows[table.name, str(values[table.pk_index])] = values
    return rows


def check(path):
    with path.open("rb") as file:
        return check_archive(file)


def test_backup_holds_every_row_of_both(preference, backup):
    run_unit(lambda: add_listener("ann", n_likes=20))
    path = backup()
    assert read_backup(path) == read_all(SQLITE) == read_all(POSTGRES)
    contents = check(path)
    assert contents.header.taken_from == {"postgres": "postgresql"}.get(preference, preference)
    assert contents.header.facts == {"catalogue": digest_bundle()}
    assert "music.0001_initial" in contents.header.migrations
    assert contents.n_rows["music_userlikedsong"] == 20


def test_backup_of_sqlite_alone_holds_every_row(alone, backup):
    run_unit(lambda: add_listener("ann"))
    assert read_backup(backup()) == read_all(SQLITE)


def test_backup_can_be_read_by_hand(pair, backup):
    run_unit(lambda: add_listener("ann", n_likes=1))
    lines = gzip.decompress(backup().read_bytes()).splitlines()
    assert json.loads(lines[0])["tunetrace_backup"] == 1
    assert [line for line in lines if b'"ann 0"' in line and line.startswith(b"[")]
    assert set(json.loads(lines[-1])) == {"all_rows", "sha256"}


def test_file_is_for_its_owner_alone(pair, backup):
    old_mask = os.umask(0)
    try:
        assert stat.S_IMODE(backup().stat().st_mode) == 0o600
    finally:
        os.umask(old_mask)


def test_folder_gets_a_file_named_after_the_time(pair, tmp_path, capsys):
    folder = tmp_path / "backups"
    folder.mkdir()
    call_command("backup", str(folder))
    [file] = folder.iterdir()
    assert file.match("tunetrace-2*-*.backup")
    assert str(file) in capsys.readouterr().err
    check(file)


def test_earlier_backup_is_replaced(pair, backup):
    first = backup().read_bytes()
    run_unit(lambda: add_listener("ann"))
    assert len(backup().read_bytes()) > len(first)


def test_file_that_is_no_backup_is_not_replaced(pair, tmp_path):
    precious = tmp_path / "app.db.copy"
    precious.write_bytes(b"SQLite format 3\0")
    with pytest.raises(CommandError, match=r"app\.db\.copy exists and is not a backup"):
        call_command("backup", str(precious))
    assert precious.read_bytes() == b"SQLite format 3\0"


def test_folder_that_is_missing_is_named(pair, tmp_path):
    with pytest.raises(CommandError, match="gone/a cannot be written: No such file"):
        call_command("backup", str(tmp_path / "gone" / "a"))


def test_backup_that_fails_leaves_no_file(pair, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshot.ArchiveWriter, "finish", fail)
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(folder))
    assert list(folder.iterdir()) == []


def manage(*arguments, alone, **options):
    """``manage.py`` on SQLite alone, as a shell would run it."""
    state = alone.parent / "alone-state"
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "STATE_DIR": str(state),
        "SQLITE_DATABASE_URL": f"sqlite:///{alone}",
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=60, **options
    )


def test_backup_goes_through_a_pipe_and_comes_back(alone):
    run_unit(lambda: add_listener("ann"))
    before = read_all(SQLITE)
    taken = manage("backup", "-", alone=alone)
    assert taken.returncode == 0, taken.stderr
    assert b"standard output" in taken.stderr
    run_unit(lambda: UserLikedSong.objects.all().delete())
    given = manage("restore", "-", alone=alone, input=taken.stdout)
    assert given.returncode == 0, given.stderr
    connections[SQLITE].close()
    assert read_all(SQLITE) == before


def test_named_pipe_is_written_not_replaced(alone, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    call_command("backup", str(pipe), stderr=io.StringIO())
    reader.join(10)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    (tmp_path / "copy").write_bytes(got[0])
    check(tmp_path / "copy")


@pytest.fixture(params=["postgres", "sqlite", "alone"])
def written(request, pair, settings):
    """The databases in each of the three ways to lead."""
    if request.param == "alone":
        request.getfixturevalue("alone")
    else:
        settings.DB_READ_PREFERENCE = request.param
    return request.param


def test_backup_beside_writers_is_of_one_moment(written, backup):
    """Each unit adds a listener with two likes; what was confirmed before is in, none is halved."""
    stop, confirmed, failures = threading.Event(), [], []

    def write(number):
        n = 0
        try:
            while not stop.is_set():
                n += 1
                run_unit(lambda n=n: add_listener(f"writer {number} {n}", n_likes=2))
                confirmed.append(f"writer {number} {n}")
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=[number]) for number in range(3)]
    for writer in writers:
        writer.start()
    taken = []
    for n in range(4):
        wait_until(lambda n=len(confirmed): failures or len(confirmed) > n + 3)
        before = set(confirmed)
        taken.append((before, backup(f"{n}.backup")))
    stop.set()
    for writer in writers:
        writer.join()

    assert failures == []
    assert len(taken[-1][0]) > len(taken[0][0]) > 0
    for before, path in taken:
        rows = read_backup(path)
        users = {pk: values for (table, pk), values in rows.items() if table == "accounts_user"}
        index = [f.attname for f in User._meta.concrete_fields].index("user_id")
        assert before <= {values[index] for values in users.values()}
        owners = [str(v[1]) for (table, _), v in rows.items() if table == "music_userlikedsong"]
        assert {pk: owners.count(pk) for pk in users} == dict.fromkeys(users, 2)
        assert len(owners) == 2 * len(users)


def test_backup_is_taken_from_sqlite_while_postgres_is_down(pair, backup):
    run_unit(lambda: add_listener("ann"))
    pair.server.kill()
    run_unit(lambda: add_listener("meanwhile"))
    path = backup()
    assert read_backup(path) == read_all(SQLITE)
    assert check(path).header.taken_from == "sqlite"


def test_backup_notices_by_itself_that_postgres_is_down(pair, backup):
    run_unit(lambda: add_listener("ann"))
    pair.server.kill()
    assert read_backup(backup()) == read_all(SQLITE)


def test_backup_is_taken_from_postgres_while_sqlite_is_broken(pair, backup, settings):
    settings.DB_READ_PREFERENCE = "sqlite"
    run_unit(lambda: add_listener("ann"))
    with pair.sqlite_unreadable():
        path = backup()
    assert read_backup(path) == read_all(POSTGRES)


def test_database_that_is_behind_is_not_backed_up(pair, backup):
    change_only(SQLITE, lambda: add_listener("ann"))
    set_marks(POSTGRES, Mark.BEHIND)
    assert read_backup(backup()) == read_all(SQLITE)
    set_marks(SQLITE, Mark.BEHIND)
    with pytest.raises(CommandError, match="SQLite misses changes, PostgreSQL misses changes"):
        backup()


def test_mark_that_is_set_while_the_snapshot_is_taken_counts(pair, backup, monkeypatch):
    begin = snapshot._begin

    def fall_behind(alias):
        begin(alias)
        if alias == POSTGRES:
            set_marks(POSTGRES, Mark.BEHIND)

    monkeypatch.setattr(snapshot, "_begin", fall_behind)
    assert check(backup()).header.taken_from == "sqlite"


def test_row_that_only_the_other_database_takes_is_mentioned(pair, sync, capsys, tmp_path):
    change_only(SQLITE, lambda: User.objects.create(user_id="ann", display_name="nul \0"))
    sync()
    call_command("backup", str(tmp_path / "a"))
    assert "1 rows are not in it" in capsys.readouterr().err


def test_database_of_another_schema_is_refused(pair, tmp_path):
    with connections[POSTGRES].cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('music', '9999_x', now())"
        )
    try:
        with pytest.raises(CommandError, match="the schema of PostgreSQL is not that of this code"):
            call_command("backup", str(tmp_path / "a"))
    finally:
        with connections[POSTGRES].cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x'")
