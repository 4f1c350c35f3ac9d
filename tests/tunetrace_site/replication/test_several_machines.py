"""Two machines, each with its own SQLite and its own marks, and one PostgreSQL."""

from contextlib import contextmanager
from itertools import pairwise

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connections

from accounts.models import User
from music.domain.likes import record_likes, unlike_song
from music.domain.songs import Named
from music.models import Song, UserLikedSong
from tests.factories import SongFactory
from tests.servers.pair import installed
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.keys import SQLITE_RANGE_START, key_range_of
from tunetrace_site.replication.marks import Mark, is_behind, set_marks
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import current_alias, pinned
from tunetrace_site.replication.tables import mirrored_tables
from tunetrace_site.replication.unit import run_unit, unit_of_work

from .rows import assert_equal_databases, change_only, read_all


@pytest.fixture
def machine(pair, tmp_path, settings):
    """``with machine(n):`` is what processes on machine ``n`` see."""
    settings.SEVERAL_MACHINES = True
    for number in (1, 2):
        pair.templates.copy_sqlite(tmp_path / f"machine{number}.db")

    @contextmanager
    def on_machine(number):
        settings.MACHINE_NUMBER = number
        sqlite_path, state_dir = tmp_path / f"machine{number}.db", tmp_path / f"state{number}"
        with installed(sqlite_path, pair.url, state_dir):
            yield

    return on_machine


def relay_on_all(machine, n_rounds=2):
    for number in [1, 2] * n_rounds:
        with machine(number):
            Relay().run_pass()


def add_listener(user_id):
    user = User.objects.create(user_id=user_id)
    UserLikedSong.objects.create(user=user, song_name=f"song of {user_id}")


def test_write_on_one_machine_reaches_the_others_sqlite(machine):
    relay_on_all(machine)
    with machine(1):
        run_unit(lambda: add_listener("ann"))
    relay_on_all(machine)
    with machine(2):
        assert len(assert_equal_databases()) == 2


def test_both_fail_over_and_meet_again(machine, pair):
    relay_on_all(machine)
    pair.server.kill()
    for number in (1, 2):
        with machine(number):
            run_unit(lambda n=number: add_listener(f"listener of {n}"))
            assert current_alias() == SQLITE
    pair.server.start()
    relay_on_all(machine)
    held = []
    for number in (1, 2):
        with machine(number):
            held.append(assert_equal_databases())
            assert not is_behind(SQLITE)
    assert held[0] == held[1]
    assert len(held[0]) == 4


def add_rows_of_other_packages(name):
    """One row at least in every table whose keys a database counts, by all the ways of Django."""
    user = User.objects.create(user_id=name, email=f"{name}@example.org")
    some = Permission.objects.order_by("pk")[:3]
    group = Group.objects.create(name=name)
    group.permissions.add(*some)
    user.groups.add(group)
    user.user_permissions.set(some)
    LogEntry.objects.log_actions(user.pk, [user, group], ADDITION)
    address = EmailAddress.objects.create(user=user, email=user.email)
    EmailConfirmation.objects.create(email_address=address, key=name)
    app = SocialApp.objects.create(provider="google", name=name, client_id=name)
    account = SocialAccount.objects.create(user=user, provider="google", uid=name)
    SocialToken.objects.create(app=app, account=account, token=name)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    UserSession.objects.create(user=user, session_key=name, ip="127.0.0.1", user_agent="")


def test_rows_that_two_machines_add_alone_never_share_a_key(machine, pair):
    relay_on_all(machine)
    with machine(2):
        run_unit(lambda: add_rows_of_other_packages("before"))
    relay_on_all(machine)
    pair.server.kill()
    kept = []
    for number, name in ((1, "ann"), (2, "ben"), (1, "cleo")):
        with machine(number):
            before = read_all(SQLITE)
            run_unit(lambda n=name: add_rows_of_other_packages(n))
            kept.append({k: v for k, v in read_all(SQLITE).items() if k not in before})
    pair.server.start()
    relay_on_all(machine)
    counted = {name for name, table in mirrored_tables().items() if table.counts_its_keys}
    assert {table for table, _ in kept[0]} >= counted
    for number in (1, 2):
        with machine(number):
            rows = assert_equal_databases()
            for added in kept:
                assert added.items() <= rows.items()


def test_machine_gives_out_keys_of_its_own_range(machine):
    for number in (2, 1):
        with machine(number), pinned(SQLITE):
            groups = [Group(name=f"{number} {n}") for n in range(3)]
            with unit_of_work():
                first = Group.objects.create(name=f"{number} first")
                Group.objects.bulk_create(groups)
            start = key_range_of(number).start
            assert [group.pk for group in (first, *groups)] == [start + n for n in range(4)]
        relay_on_all(machine)


def test_ranges_of_machines_do_not_meet_and_fit():
    ranges = [key_range_of(number) for number in range(1, 16)]
    assert ranges[0].start > SQLITE_RANGE_START
    assert all(a.stop == b.start for a, b in pairwise(ranges))
    assert ranges[-1].stop == 2**31


def test_later_change_of_one_row_wins_on_all_machines(machine):
    relay_on_all(machine)
    with machine(1):
        run_unit(lambda: add_listener("ann"))
    relay_on_all(machine)
    for number, name in ((2, "second"), (1, "first"), (2, "last")):
        with machine(number):
            change_only(SQLITE, lambda n=name: User.objects.update(display_name=n))
    relay_on_all(machine, n_rounds=3)
    rows = []
    for number in (1, 2):
        with machine(number):
            rows.append(assert_equal_databases())
            assert User.objects.get().display_name == "last"
    assert rows[0] == rows[1]


def test_deletion_reaches_all_machines(machine):
    relay_on_all(machine)
    with machine(2):
        run_unit(lambda: add_listener("ann"))
    relay_on_all(machine)
    with machine(1):
        run_unit(lambda: User.objects.get().delete())
    relay_on_all(machine)
    with machine(2):
        assert read_all(SQLITE) == {}
        assert_equal_databases()


def like():
    record_likes(User.objects.get(), [("Help!", Named(Song.objects.get(), None))])


def unlike():
    listener = User.objects.get()
    unlike_song(listener=listener, like_id=listener.liked_songs.get().pk)


@pytest.fixture
def liked_song(machine):
    """One listener likes one song; every machine knows it."""
    relay_on_all(machine)

    def make():
        User.objects.create(user_id="ann")
        SongFactory(artist="The Beatles", title="Help!")
        like()

    with machine(1):
        run_unit(make)
    relay_on_all(machine)


def read_likes(machine):
    found = []
    for number in (1, 2):
        with machine(number):
            assert_equal_databases()
            found.append(UserLikedSong.objects.count())
    return found


@pytest.mark.parametrize("first", [1, 2])
def test_like_that_finds_the_row_still_there_beats_the_earlier_unlike(
    machine, pair, liked_song, first
):
    """Both are cut from PostgreSQL: neither sees what the other one does."""
    pair.server.kill()
    with machine(first):
        run_unit(unlike)
    with machine(3 - first):
        run_unit(like)
    pair.server.start()
    relay_on_all(machine)
    assert read_likes(machine) == [1, 1]


def test_like_on_the_machine_that_is_not_cut_beats_the_earlier_unlike(machine, liked_song):
    with machine(1):
        # As on a machine that PostgreSQL cannot be reached from.
        set_marks(POSTGRES, Mark.DOWN)
        run_unit(unlike)
        assert is_behind(POSTGRES)
    with machine(2):
        run_unit(like)
    relay_on_all(machine)
    assert read_likes(machine) == [1, 1]


def test_later_unlike_beats_a_like_that_found_the_row_there(machine, pair, liked_song):
    pair.server.kill()
    with machine(2):
        run_unit(like)
    with machine(1):
        run_unit(unlike)
    pair.server.start()
    relay_on_all(machine)
    assert read_likes(machine) == [0, 0]


def test_tail_that_postgres_lost_comes_back_from_every_machine(machine, pair, tmp_path):
    """Each machine's SQLite has received a part of it."""
    relay_on_all(machine)
    pair.server.dump(pair.name, tmp_path / "dump")
    for number in (1, 2):
        with machine(number):
            run_unit(lambda n=number: add_listener(f"listener of {n}"))
    with machine(1):
        connections[POSTGRES].close()
    pair.server.drop_database(pair.name)
    pair.server.create_database(pair.name)
    pair.server.restore(pair.name, tmp_path / "dump")
    relay_on_all(machine, n_rounds=3)
    held = []
    for number in (1, 2):
        with machine(number):
            held.append(assert_equal_databases())
    assert held[0] == held[1]
    assert len(held[0]) == 4
