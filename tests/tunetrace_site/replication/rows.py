"""Rows to begin with, and what a database holds, for comparing both."""

from django.db import connections

from accounts.models import User
from music.models import UserLikedSong
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.images import fetch_values, select_sql
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.tables import mirrored_tables


def add_listener(user_id, n_likes=3):
    user = User.objects.create(user_id=user_id)
    UserLikedSong.objects.bulk_create(
        [UserLikedSong(user=user, song_name=f"{user_id} {n}") for n in range(n_likes)]
    )


def read_all(alias: str) -> dict[tuple[str, str], tuple]:
    """Every mirrored row of ``alias`` by table and primary key."""
    return {
        (table.name, str(values[table.pk_index])): values
        for table in mirrored_tables().values()
        for values in fetch_values(alias, table, select_sql(table), [])
    }


def assert_equal_databases() -> dict[tuple[str, str], tuple]:
    """Both hold the same rows, every column compared; returns them."""
    sqlite, postgres = read_all(SQLITE), read_all(POSTGRES)
    differing = {
        key: {"sqlite": sqlite.get(key), "postgres": postgres.get(key)}
        for key in sqlite.keys() | postgres.keys()
        if sqlite.get(key) != postgres.get(key)
    }
    assert not differing, differing
    return sqlite


def change_only(alias: str, action) -> None:
    """Commit in one database without telling the other: a process killed before write-through."""
    from django.db import transaction

    with pinned(alias), transaction.atomic(using=alias):
        action()


def count_log(alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM replication_change")
        return cursor.fetchone()[0]
