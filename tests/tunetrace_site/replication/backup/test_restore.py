"""A restore gives back exactly what was saved, for good, or changes nothing."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections

from accounts.models import User
from music.models import QueryCache, QuotaUsage, UserLikedSong, VideoFeature
from tests.servers.site import ROOT
from tests.tunetrace_site.replication.rows import (
    add_listener,
    assert_equal_databases,
    change_only,
    count_log,
    read_all,
)
from tests.waiting import wait_until
from tunetrace_site.replication import unit
from tunetrace_site.replication.backup import destination, restoration, rewriting
from tunetrace_site.replication.databases import POSTGRES, SQLITE, other
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.marks import is_behind, is_down
from tunetrace_site.replication.models import RowVersion
from tunetrace_site.replication.router import current_alias
from tunetrace_site.replication.unit import run_unit

LIKES = "music_userlikedsong"


def delete_likes(*names):
    run_unit(lambda: UserLikedSong.objects.filter(song_name__in=names).delete())


def make_a_mistake():
    """Rows that are gone, changed, new, and new with a unique value that another one had."""
    delete_likes("ann 0", "ann 1")

    def change():
        UserLikedSong.objects.filter(song_name="ann 2").update(learn=False)
        Group.objects.filter(name="first").update(name="third")
        Group.objects.filter(name="second").update(name="first")
        add_listener("eve")

    run_unit(change)


@pytest.fixture
def saved(pair, preference, backup):
    """Two listeners in both databases and in a backup; answers its path and the rows."""
    run_unit(lambda: [add_listener("ann"), add_listener("ben")])
    run_unit(lambda: [Group.objects.create(name=name) for name in ("first", "second")])
    return backup(), assert_equal_databases()


def assert_in_service():
    assert not any((is_down(a), is_behind(a)) != (False, False) for a in (SQLITE, POSTGRES))


def test_restore_gives_back_exactly_what_was_saved(saved, restore, sync):
    path, before = saved
    make_a_mistake()

    said = restore(path)

    assert "whole and unchanged" in said
    assert assert_equal_databases() == before
    assert_in_service()
    assert sync() == []
    assert assert_equal_databases() == before


def test_nothing_is_written_where_nothing_differs(saved, restore):
    path, before = saved
    n_before = [count_log(alias) for alias in (SQLITE, POSTGRES)]
    assert "0 rows written, 0 deleted" in restore(path)
    assert [count_log(alias) for alias in (SQLITE, POSTGRES)] == n_before
    assert assert_equal_databases() == before


def test_change_after_a_restore_reaches_both(saved, restore, sync):
    path, before = saved
    make_a_mistake()
    restore(path)
    run_unit(lambda: add_listener("new"))
    delete_likes("ben 0")
    assert len(assert_equal_databases()) == len(before) + 3
    sync()
    assert len(assert_equal_databases()) == len(before) + 3


def test_restore_of_sqlite_alone(alone, backup, restore):
    run_unit(lambda: [add_listener("ann"), add_listener("ben")])
    path, before = backup(), read_all(SQLITE)
    make_a_mistake()
    assert "rows written" in restore(path)
    assert read_all(SQLITE) == before
    assert not RowVersion.objects.using(SQLITE).exists()


def test_other_database_learns_of_it_by_the_log(saved, restore, sync, preference):
    path, before = saved
    for into in ("sqlite", "postgres"):
        make_a_mistake()
        assert "gets it from the change log" in restore(path, into=into)
        assert assert_equal_databases() == before
        assert_in_service()
        run_unit(lambda: User.objects.filter(user_id="eve").delete())


def test_undone_mistake_stays_undone_by_who_was_away(pair, saved, restore, sync):
    """PostgreSQL holds the deletions, and was down while they were undone."""
    path, before = saved
    make_a_mistake()
    pair.server.kill()
    restore(path, into="sqlite")
    assert current_alias() == SQLITE
    assert read_all(SQLITE) == before
    pair.server.start()
    sync()
    assert assert_equal_databases() == before
    assert_in_service()


def test_undone_mistake_stays_undone_by_an_old_copy(pair, saved, restore, sync, tmp_path):
    """A dump with the deletions in it is put in PostgreSQL's place after the restore."""
    path, before = saved
    make_a_mistake()
    dump = tmp_path / "mistake.dump"
    pair.server.dump(pair.name, dump)
    restore(path)
    connections[POSTGRES].close()
    pair.server.drop_database(pair.name)
    pair.server.create_database(pair.name)
    pair.server.restore(pair.name, dump)
    sync()
    assert assert_equal_databases() == before


def test_both_are_restored_or_the_one_that_is_named(pair, saved, restore):
    path, _ = saved
    pair.server.kill()
    call_command("relay", "--once", stdout=io.StringIO())
    run_unit(lambda: add_listener("meanwhile"))
    with pytest.raises(CommandError, match=r"PostgreSQL is not in service: .* --into sqlite"):
        restore(path)
    assert User.objects.filter(user_id="meanwhile").exists()


def test_restore_into_an_empty_house(saved, pair, restore, sync):
    """Both databases are new: another machine."""
    path, before = saved
    pair.replace_postgres()
    pair.replace_sqlite()
    sync()
    assert assert_equal_databases() == {}
    restore(path, deleted_accounts="back")
    assert assert_equal_databases() == before
    run_unit(lambda: add_listener("new"))
    sync()
    assert len(assert_equal_databases()) == len(before) + 4


def delete_listener(user_id):
    run_unit(lambda: User.objects.get(user_id=user_id).delete())


@pytest.fixture(params=["both", "alone"])
def house(request, pair):
    """Both databases, or SQLite alone."""
    if request.param == "alone":
        request.getfixturevalue("alone")
    return request.param


def who_is_there():
    return set(User.objects.values_list("user_id", flat=True))


def test_account_deleted_since_is_deleted_again(house, backup, restore):
    run_unit(lambda: [add_listener("ann"), add_listener("ben")])
    path = backup()
    delete_listener("ben")
    delete_likes("ann 0")
    assert "1 accounts were deleted since, and are again" in restore(path)
    assert who_is_there() == {"ann"}
    assert set(UserLikedSong.objects.values_list("song_name", flat=True)) == {
        "ann 0",
        "ann 1",
        "ann 2",
    }
    if house == "both":
        assert_equal_databases()


def test_account_deleted_since_comes_back_when_told(house, backup, restore):
    run_unit(lambda: [add_listener("ann"), add_listener("ben")])
    path = backup()
    delete_listener("ben")
    restore(path, deleted_accounts="back")
    assert who_is_there() == {"ann", "ben"}
    assert UserLikedSong.objects.count() == 6


def test_tombstones_tell_of_a_deletion_where_the_database_is_another(pair, backup, restore, sync):
    run_unit(lambda: [add_listener("ann"), add_listener("ben")])
    path = rewrite_header(backup(), histories=[])
    delete_listener("ben")
    restore(path)
    assert who_is_there() == {"ann"}
    assert_equal_databases()


def test_many_deleted_accounts_are_asked_for(house, backup, restore):
    run_unit(lambda: [add_listener(f"listener {n}", n_likes=1) for n in range(20)])
    path = backup()
    run_unit(lambda: User.objects.filter(user_id__endswith="1").delete())
    restore(path)
    assert len(who_is_there()) == 18
    run_unit(lambda: User.objects.all().delete())
    with pytest.raises(CommandError, match="20 of its 20 listeners were deleted since"):
        restore(path)
    assert who_is_there() == set()
    restore(path, deleted_accounts="back")
    assert len(who_is_there()) == 20


def test_listener_whom_a_restore_took_out_was_not_deleted(house, backup, restore):
    run_unit(lambda: add_listener("ann"))
    early = backup("early")
    run_unit(lambda: add_listener("ben"))
    late = backup("late")
    restore(early)
    assert who_is_there() == {"ann"}
    restore(late)
    assert who_is_there() == {"ann", "ben"}


def rewrite_header(path, **changes):
    """The same backup with other words in its header, and the checksum of them."""
    import hashlib

    first, *lines, _ = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    header = json.loads(first) | changes
    body = b"".join([json.dumps(header).encode() + b"\n", *lines])
    n_rows = sum(json.loads(line)["rows"] for line in lines if line.startswith(b'{"rows"'))
    end = {"all_rows": n_rows, "sha256": hashlib.sha256(body).hexdigest()}
    changed = path.with_name("changed.backup")
    changed.write_bytes(gzip.compress(body + json.dumps(end).encode() + b"\n"))
    return changed


def test_backup_older_than_deletions_are_remembered(saved, restore):
    path, before = saved
    old = rewrite_header(path, made_at="2020-01-01 00:00:00+00:00")
    make_a_mistake()
    after = assert_equal_databases()
    with pytest.raises(CommandError, match=r"days ago, and deletions are remembered for 30"):
        restore(old)
    assert assert_equal_databases() == after
    restore(old, old=True)
    assert assert_equal_databases() == before


def cut(data, share):
    return data[: int(len(data) * share)]


def flip(data, share):
    place = int(len(data) * share)
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


DAMAGES = {
    "empty": lambda data: b"",
    "cut after a byte": lambda data: data[:1],
    "cut in the header": lambda data: data[:40],
    "cut in the middle": lambda data: cut(data, 0.5),
    "cut before the end": lambda data: data[:-9],
    "bit flipped early": lambda data: flip(data, 0.2),
    "bit flipped late": lambda data: flip(data, 0.9),
    "something added": lambda data: data + gzip.compress(b"[1]\n"),
    "not compressed": gzip.decompress,
    "a line left out": lambda data: gzip.compress(
        gzip.decompress(data).replace(b'{"rows": 6}\n', b"", 1)
    ),
    "a row changed": lambda data: gzip.compress(
        gzip.decompress(data).replace(b'"ann 0"', b'"ann 9"', 1)
    ),
    "a row left out": lambda data: gzip.compress(
        b"".join(
            line
            for line in gzip.decompress(data).splitlines(keepends=True)
            if b'"ann 0"' not in line
        )
    ),
    "the end alone left out": lambda data: gzip.compress(
        b"".join(gzip.decompress(data).splitlines(keepends=True)[:-1])
    ),
    "another file": lambda data: b"SQLite format 3\0" * 100,
    "another gzip file": lambda data: gzip.compress(b"hello\n" * 100),
    "another JSON file": lambda data: gzip.compress(b'{"a": 1}\n' * 100),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_or_wrong_file_changes_nothing(pair, backup, restore, tmp_path, damage):
    run_unit(lambda: [add_listener("ann"), add_listener("ben")])
    data = backup().read_bytes()
    delete_likes("ann 1")
    before = assert_equal_databases()
    wrong = tmp_path / "wrong"
    wrong.write_bytes(damage(data))
    with pytest.raises(CommandError, match=r"^Nothing was restored from .*wrong: "):
        restore(wrong)
    assert assert_equal_databases() == before
    assert_in_service()


def test_file_that_is_missing_is_named(pair, restore, tmp_path):
    with pytest.raises(CommandError, match="gone cannot be read: No such file"):
        restore(tmp_path / "gone")


def test_backup_of_a_newer_schema_is_refused(saved, restore):
    path, before = saved
    migrations = ["music.0001_initial", "music.9999_what_comes"]
    with pytest.raises(CommandError, match=r"newer TuneTrace .* does not know music\.9999_what"):
        restore(rewrite_header(path, migrations=migrations))
    with pytest.raises(CommandError, match="has format 2, and this TuneTrace reads 1"):
        restore(rewrite_header(path, tunetrace_backup=2))
    assert assert_equal_databases() == before


def test_check_says_what_it_is_and_changes_nothing(saved, restore):
    path, _ = saved
    make_a_mistake()
    after = assert_equal_databases()
    said = restore(path, check=True)
    assert "whole and unchanged" in said
    assert "catalogue: " in said
    assert "(as here)" in said
    assert assert_equal_databases() == after


@pytest.mark.parametrize("where", [SQLITE, POSTGRES])
def test_restore_that_fails_halfway_changes_nothing(saved, restore, monkeypatch, where, sync):
    path, _ = saved
    make_a_mistake()
    after = assert_equal_databases()
    insert_rows = rewriting.insert_rows

    def fail_at_likes(alias, table, lines, **options):
        if alias == where and table.name == LIKES:
            raise OperationalError("the disk is full")
        insert_rows(alias, table, lines, **options)

    monkeypatch.setattr(rewriting, "insert_rows", fail_at_likes)
    with pytest.raises(CommandError, match="the disk is full"):
        restore(path)
    assert assert_equal_databases() == after
    assert_in_service()
    assert sync() == []


def test_restore_interrupted_by_the_keyboard_changes_nothing(saved, restore, monkeypatch):
    path, _ = saved
    make_a_mistake()
    after = assert_equal_databases()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(restoration, "log_version", interrupt)
    with pytest.raises(KeyboardInterrupt):
        restore(path)
    assert assert_equal_databases() == after
    assert_in_service()


def test_follower_that_fails_at_its_commit_gets_it_from_the_log(
    saved, restore, monkeypatch, preference, sync
):
    path, before = saved
    make_a_mistake()

    def fail(*_):
        raise OperationalError("lost")

    monkeypatch.setattr(restoration, "find_cursor", fail)
    with monkeypatch.context() as patch:
        patch.setattr("tunetrace_site.replication.relay.Relay.run_pass", lambda _: EmptyReport())
        restore(path)
    leader = {"postgres": POSTGRES, "sqlite": SQLITE}[preference]
    assert read_all(leader) == before
    assert not is_behind(leader)
    assert is_behind(other(leader))
    sync()
    assert assert_equal_databases() == before
    assert_in_service()


class EmptyReport:
    events = ()


def test_killed_restore_changes_nothing_and_the_site_goes_on(pair, backup, sync, monkeypatch):
    monkeypatch.setattr(unit, "_PATIENCE_ALONE_SECONDS", 0.1)  # it is killed before it is done
    run_unit(lambda: add_listener("ann", n_likes=0))
    for n in range(12):
        run_unit(lambda n=n: add_listener(f"listener {n}", n_likes=500))
    path = backup()
    for n in range(12):
        run_unit(lambda n=n: UserLikedSong.objects.filter(user__user_id=f"listener {n}").delete())
    before = assert_equal_databases()
    process = start_restore(pair, path)
    wait_for_the_lock(pair, process)
    assert is_behind(SQLITE)
    with pytest.raises(Unavailable):
        run_unit(lambda: add_listener("meanwhile"))
    assert User.objects.using(current_alias()).count() == 13  # reads are answered
    process.send_signal(signal.SIGKILL)
    process.communicate()

    sync()

    assert_in_service()
    assert assert_equal_databases() == before


DIES_BETWEEN_COMMITS = """
import os, signal
from tunetrace_site.replication.backup import restoration
restoration._Restore._skip_in_log = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""


def test_restore_killed_between_two_commits_is_finished_by_the_relay(pair, saved, preference, sync):
    path, before = saved
    make_a_mistake()
    process = start_restore(pair, path, DIES_BETWEEN_COMMITS, DB_READ_PREFERENCE=preference)
    assert process.wait(60) == -signal.SIGKILL, process.communicate()
    sync()
    assert assert_equal_databases() == before
    assert_in_service()


def start_restore(pair, path, sabotage="", **environment):
    """``manage.py restore`` as a process of its own, which begins with the code ``sabotage``."""
    environment |= {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "STATE_DIR": str(pair.state_dir),
        "SQLITE_DATABASE_URL": f"sqlite:///{pair.sqlite_path}",
        "POSTGRES_DATABASE_URL": pair.url,
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
    }
    code = (
        f"import django, sys; django.setup()\n{sabotage}\n"
        "from django.core.management import call_command; call_command('restore', sys.argv[1])"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for_the_lock(pair, process):
    sql = (
        "SELECT 1 FROM pg_locks WHERE mode = 'ShareRowExclusiveLock' AND granted"
        f" AND relation = '{LIKES}'::regclass"
    )
    deadline = time.monotonic() + 60
    while not pair.server.execute(sql, database=pair.name):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_writers_beside_a_restore_are_refused_or_kept(saved, restore, sync, monkeypatch):
    """Whatever was confirmed after the restore has committed is there; nothing fails otherwise."""
    path, before = saved
    stop, committed = threading.Event(), threading.Event()
    begun, kept, failures = [], [], []

    def write(number):
        n = 0
        while not stop.is_set():
            n += 1
            is_after = committed.is_set()
            try:
                run_unit(lambda n=n: add_listener(f"writer {number} {n}", n_likes=1))
                (kept if is_after else begun).append(f"writer {number} {n}")
            except Unavailable:
                time.sleep(0.02)
            except Exception as error:
                failures.append(error)
                break
        connections.close_all()

    writers = [threading.Thread(target=write, args=[number]) for number in range(2)]
    for writer in writers:
        writer.start()
    wait_until(lambda: failures or len(begun) > 5)
    restore(path)
    committed.set()
    wait_until(lambda: failures or len(kept) > 5)
    stop.set()
    for writer in writers:
        writer.join()
    sync()

    assert failures == []
    assert len(kept) > 0
    rows = assert_equal_databases()
    assert {key: rows[key] for key in before} == before
    assert set(kept) <= set(User.objects.values_list("user_id", flat=True))


def test_writers_of_sqlite_alone_wait_for_a_restore(alone, backup, restore):
    run_unit(lambda: add_listener("ann"))
    path, before = backup(), read_all(SQLITE)
    delete_likes("ann 1")
    done = []

    def write():
        run_unit(lambda: add_listener("ben"))
        done.append(time.monotonic())
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    restore(path)
    writer.join()
    assert len(done) == 1
    assert before.items() <= read_all(SQLITE).items()


def test_memory_of_a_restore_does_not_grow_with_the_rows(alone, backup, restore):
    """Ten times the rows of a page in flight at most, whatever there is."""
    import tracemalloc

    run_unit(lambda: add_listener("ann", n_likes=20_000))
    path = backup()
    run_unit(lambda: UserLikedSong.objects.all().delete())
    tracemalloc.start()
    try:
        restore(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert UserLikedSong.objects.count() == 20_000
    assert peak < 10_000_000


def test_scratch_files_have_no_name_and_are_gone(saved, restore, pair):
    path, _ = saved
    make_a_mistake()
    before = set(pair.state_dir.iterdir())
    restore(path)
    assert set(pair.state_dir.iterdir()) - before <= {pair.state_dir / "restored-without"}
    with destination.open_scratch_file() as scratch:
        assert os.fstat(scratch.fileno()).st_nlink == 0


ODD = "quote \" ' back\\slash %s % {} tab\t line\n café 日本 😀 \u2028"


def test_odd_values_come_back_as_they_were(saved, backup, restore):
    """Every kind of column, in both databases, with what is hard to write down."""
    from allauth.usersessions.models import UserSession
    from django.contrib.auth.models import Permission
    from django.contrib.sessions.models import Session

    def make():
        VideoFeature.objects.create(
            video_id="x" * 11,
            title=ODD,
            description=ODD * 50,
            tags=[ODD, {"nested": [1, 2.5, None, True]}],
            allowed_regions=None,
            blocked_regions=[],
            view_count=2**62,
            published_at=datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        )
        QueryCache.objects.create(query=ODD, rung="none", confidence=1 / 3)
        QuotaUsage.objects.create(day=date(2026, 11, 29), bucket="search", used=7)
        ann = User.objects.get(user_id="ann")
        UserSession.objects.create(user=ann, ip="127.0.0.1", session_key="a", user_agent=ODD)
        UserSession.objects.create(user=ann, ip="2001:db8::1", session_key="b", user_agent="")
        Session.objects.create(session_key="Z_a-9", session_data=ODD, expire_date=datetime.now(UTC))
        Session.objects.create(session_key="b", session_data="", expire_date=datetime.now(UTC))
        group = Group.objects.create(name=ODD)
        group.permissions.add(Permission.objects.first())
        User.objects.filter(user_id="ann").update(display_name=ODD)

    run_unit(make)
    path, before = backup("odd"), assert_equal_databases()
    run_unit(
        lambda: [
            model.objects.all().delete() for model in (VideoFeature, Session, Group, UserSession)
        ]
    )
    run_unit(lambda: [QueryCache.objects.all().delete(), QuotaUsage.objects.all().delete()])
    run_unit(lambda: User.objects.filter(user_id="ann").update(display_name=""))
    restore(path)
    assert assert_equal_databases() == before
    stored = VideoFeature.objects.get()
    assert (stored.title, stored.allowed_regions, stored.blocked_regions) == (ODD, None, [])
    run_unit(lambda: Group.objects.create(name="counts on"))
    assert_equal_databases()


def test_rows_that_one_database_refuses_can_go_into_the_other(
    pair, sync, settings, backup, restore
):
    settings.DB_READ_PREFERENCE = "sqlite"
    change_only(SQLITE, lambda: User.objects.create(user_id="ann", display_name="nul \0"))
    sync()
    path = backup()
    before = read_all(SQLITE)
    run_unit(lambda: User.objects.filter(user_id="ann").update(display_name=""))
    with pytest.raises(CommandError, match=r"the database refuses: 22P05.*--into"):
        restore(path)
    restore(path, into="sqlite")
    assert read_all(SQLITE) == before
