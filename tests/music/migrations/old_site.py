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

from tunetrace_site.replication.keys import derive_key
from tunetrace_site.replication.write_queue import writer_turn

Row = dict[str, Any]
BEFORE, COPIED = "0002", "0004"
KEYS = {
    "music_videofeature": ("video_id",),
    "music_userlikedsong": ("user_id", "song_name"),
    "music_dismissal": ("user_id", "video_id"),
    "music_impression": ("request_id", "video_id"),
    "music_playback": ("user_id", "video_id", "kind"),
}


@cache
def read_old_site() -> dict[str, list[Row]]:
    """Every row of the old site by table."""
    return json.loads((Path(__file__).parent / "old_site.json").read_text(encoding="utf-8"))


def migrate_to(alias: str, name: str) -> None:
    call_command("migrate", "music", name, database=alias, verbosity=0)


def key_of_video(video_id: str) -> int:
    return derive_key("music.videofeature", video_id)


def key_of_user(user_id: str) -> int:
    return next(r["id"] for r in read_old_site()["accounts_user"] if r["user_id"] == user_id)


def insert(alias: str, table: str, **values: Any) -> int:
    """A row as the old code writes it, its key made as that code made it; returns the key."""
    label = table.replace("_", ".", 1)
    if "id" not in values:
        values["id"] = derive_key(label, *(values[name] for name in KEYS[table]))
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    execute(alias, f"INSERT INTO {table} ({columns}) VALUES ({marks})", *values.values())
    return values["id"]


def execute(alias: str, sql: str, *params: Any) -> None:
    with (
        writer_turn(alias),
        transaction.atomic(using=alias),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(sql, params)


def fill(alias: str) -> None:
    """All rows of the old site, captured as they were in the old version."""
    for table, rows in read_old_site().items():
        for row in rows:
            insert(alias, table, **row)


def empty_old_schema(alias: str) -> None:
    """The tables as the old version had them."""
    migrate_to(alias, BEFORE)


def video(video_id: str, title: str, **values: Any) -> Row:
    """A row of the old table of videos, its names not yet read."""
    now = "2026-11-01 12:00:00"
    row = dict(read_old_site()["music_videofeature"][0])
    names = {"artist": "", "song_title": title, "artist_key": "", "title_key": ""}
    return (
        row
        | names
        | {
            "id": key_of_video(video_id),
            "video_id": video_id,
            "title": title,
            "channel_title": "",
            "tags": "[]",
            "aliases": "[]",
            "genre": "",
            "year": None,
            "source": "youtube",
            "created_at": now,
            "updated_at": now,
            **values,
        }
    )
