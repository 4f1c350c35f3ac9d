"""Two databases of the last version without songs, as it left them, and what that version does.

``old_site.json`` was made by its code (``make_old_site.py``). Its tables have columns that no model
knows any more: rows are written with SQL.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections, transaction

from tunetrace_site.replication.databases import POSTGRES, SQLITE, log_name, other
from tunetrace_site.replication.keys import derive_key
from tunetrace_site.replication.log import read_end, read_log_id
from tunetrace_site.replication.models import Cursor, RowVersion
from tunetrace_site.replication.write_queue import writer_turn

Row = dict[str, Any]
BEFORE, BEFORE_LISTS, COPIED, CONTRACTED = "0002", "0012", "0013", "0014"
"""Before lists: with impressions of a song each. Copied: all that needs no contract."""
KEYS = {
    "music_videofeature": ("video_id",),
    "music_userlikedsong": ("user_id", "song_name"),
    "music_dismissal": ("user_id", "video_id"),
    "music_impression": ("request_id", "video_id"),
    "music_playback": ("user_id", "video_id", "kind"),
}
NOW = "2026-11-29 18:00:00"


@cache
def read_old_site() -> dict[str, list[Row]]:
    """Every row of the old site by table."""
    return json.loads((Path(__file__).parent / "old_site.json").read_text(encoding="utf-8"))


def migrate_to(alias: str, name: str) -> None:
    call_command("migrate", "music", name, database=alias, verbosity=0)


def key_of_video(video_id: str) -> int:
    return derive_key("music.videofeature", video_id)


def key_of_user(user_id: str) -> int:
    return derive_key("accounts.user", user_id)


def insert(alias: str, table: str, **values: Any) -> int:
    """A row as the old code writes it, its key made as that code made it; returns the key."""
    if "id" not in values:
        label = table.replace("_", ".", 1)
        values["id"] = derive_key(label, *(values[name] for name in KEYS[table]))
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    execute(alias, f"INSERT INTO {table} ({columns}) VALUES ({marks})", *values.values())
    return values["id"]


def execute(alias: str, sql: str, *params: Any) -> None:
    """A statement in a transaction of its own, captured by the triggers."""
    with (
        writer_turn(alias),
        transaction.atomic(using=alias),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(sql, params)


def video(video_id: str, title: str, channel: str = "", **values: Any) -> Row:
    """A row of the old table of videos of which the old code could read no names."""
    row = read_old_site()["music_videofeature"][0]
    return row | {
        "id": key_of_video(video_id),
        "video_id": video_id,
        "title": title,
        "artist": "",
        "song_title": title,
        "artist_key": "",
        "title_key": title.lower(),
        "channel_title": channel,
        "source": "youtube",
        **values,
    }


def fill() -> None:
    """Put the old site into both databases, with equal versions, each having read the other's log
    to its end: as the write-through of the old version left them.
    """
    for alias in (SQLITE, POSTGRES):
        for table, rows in read_old_site().items():
            for row in rows:
                insert(alias, table, **row)
    for row in RowVersion.objects.using(SQLITE).all():
        for table in ("replication_rowversion", "replication_change"):
            execute(
                POSTGRES,
                f"UPDATE {table} SET version = %s WHERE table_name = %s AND row_pk = %s",
                row.version,
                row.table_name,
                row.row_pk,
            )
    for source in (SQLITE, POSTGRES):
        position, version = read_end(source)
        Cursor.objects.using(other(source)).create(
            source=log_name(source),
            log_id=read_log_id(source),
            xid=position.xid,
            change_id=position.change_id,
            version=version,
        )
