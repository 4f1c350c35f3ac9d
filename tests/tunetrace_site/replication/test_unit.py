"""Units of work over two real databases."""

import threading

import pytest
from django.db import IntegrityError, connections

from accounts.models import User
from music.models import UserLikedSong
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.marks import (
    Mark,
    clear_mark,
    is_in_service,
    read_mark,
    set_marks,
)
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.unit import (
    current_alias,
    on_commit,
    run_pinned,
    run_unit,
    unit_of_work,
)

from .rows import assert_equal_databases, read_all


def like(user_id: str, song: str) -> UserLikedSong:
    user, _ = User.objects.get_or_create(user_id=user_id)
    return UserLikedSong.objects.get_or_create(user=user, song_name=song)[0]


def test_unit_of_work_commits_to_both_databases(preference):
    with unit_of_work():
        like("ann", "Yesterday")

    rows = assert_equal_databases()
    assert len(rows) == 2


def test_unit_of_work_rolled_back_leaves_neither(preference):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        like("ann", "Yesterday")
        1 / 0  # noqa: B018

    assert assert_equal_databases() == {}


def test_nested_unit_rolled_back_alone(preference):
    with unit_of_work():
        like("ann", "Yesterday")
        with pytest.raises(ZeroDivisionError), unit_of_work():
            like("ann", "Help!")
            1 / 0  # noqa: B018

    assert_equal_databases()
    assert [x.song_name for x in UserLikedSong.objects.all()] == ["Yesterday"]


def test_deletion_reaches_both(preference):
    with unit_of_work():
        like("ann", "Yesterday")
    with unit_of_work():
        User.objects.get(user_id="ann").delete()

    assert assert_equal_databases() == {}


def test_on_commit_runs_after_both_databases_hold_the_change(pair):
    seen = []
    with unit_of_work():
        like("ann", "Yesterday")
        on_commit(lambda: seen.append(read_all(SQLITE) == read_all(POSTGRES) != {}))
        assert seen == []
    assert seen == [True]


def test_on_commit_in_a_rolled_back_savepoint_is_dropped(pair):
    seen = []
    with unit_of_work(), pytest.raises(ZeroDivisionError), unit_of_work():
        on_commit(lambda: seen.append(1))
        1 / 0  # noqa: B018
    assert seen == []


def test_preference_decides_who_leads(pair, settings):
    settings.DB_READ_PREFERENCE = "postgres"
    assert current_alias() == POSTGRES
    settings.DB_READ_PREFERENCE = "sqlite"
    assert current_alias() == SQLITE


def test_run_unit_goes_to_sqlite_when_postgres_is_killed(pair, sync):
    run_unit(lambda: like("ann", "Yesterday"))
    pair.server.kill()
    try:
        run_unit(lambda: like("ann", "Help!"))
        assert current_alias() == SQLITE
        with pinned(SQLITE):
            assert UserLikedSong.objects.count() == 2
    finally:
        pair.server.start()
    sync()

    assert len(assert_equal_databases()) == 3
    assert current_alias() == POSTGRES


def test_database_that_came_back_while_the_unit_waited_is_asked(pair):
    set_marks(POSTGRES, Mark.BEHIND)

    def action():
        if current_alias() == SQLITE:
            clear_mark(POSTGRES, Mark.BEHIND, read_mark(POSTGRES, Mark.BEHIND))
            set_marks(SQLITE, Mark.BEHIND)
            raise Unavailable("SQLite misses changes")
        return like("ann", "Yesterday").song_name

    assert run_unit(action) == "Yesterday"


def test_unit_that_was_overtaken_runs_again_and_finds_the_row(preference):
    """Another request stored the same row between the look and the insert."""
    with unit_of_work():
        ann = User.objects.create(user_id="ann")
    runs = []

    def insert_where_missing():
        runs.append(current_alias())
        if not UserLikedSong.objects.filter(song_name="Help!").exists():
            if len(runs) == 1:
                rival = UserLikedSong(user=ann, song_name="Help!", learn=False)
                _insert_from_elsewhere(current_alias(), rival)
            UserLikedSong.objects.bulk_create([UserLikedSong(user=ann, song_name="Help!")])

    run_pinned(insert_where_missing, write=True)

    assert len(runs) == 2
    assert all(is_in_service(alias) for alias in (SQLITE, POSTGRES))
    assert not UserLikedSong.objects.get().learn


def _insert_from_elsewhere(alias, row):
    def insert():
        with pinned(alias), unit_of_work():
            row.save(using=alias, force_insert=True)
        connections.close_all()

    thread = threading.Thread(target=insert)
    thread.start()
    thread.join(10)


def test_row_that_is_there_each_time_is_an_error_and_no_failover(preference):
    """A bug of the code: the database is well."""
    with unit_of_work():
        like("ann", "Help!")
    runs = []

    def insert_again():
        runs.append(current_alias())
        UserLikedSong.objects.create(user=User.objects.get(), song_name="Help!")

    with pytest.raises(IntegrityError):
        run_unit(insert_again)
    assert len(runs) == 5
    assert len(set(runs)) == 1
    assert all(is_in_service(alias) for alias in (SQLITE, POSTGRES))


def test_row_that_went_meanwhile_is_looked_for_again(pair):
    with unit_of_work():
        found = like("ann", "Help!")
    runs = []

    def change_where_there():
        runs.append(1)
        if len(runs) == 1:
            UserLikedSong.objects.all().delete()
            found.save(update_fields=["learn"])

    run_unit(change_where_there)
    assert len(runs) == 2
    assert UserLikedSong.objects.count() == 1  # what the first run deleted was undone with it
