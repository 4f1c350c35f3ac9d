"""Exports listeners' feedback to a folder for ``score_recommender``, which scores it offline.

Listeners become numbers; nothing in the files names anybody.
"""

import csv
import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from music.models import Impression, Song, UserLikedSong

MIN_LIKES = 5
TEST_SHARE = 0.2
"""The share of each listener's latest likes that a recommender should have found."""


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """How much an export has written."""

    n_listeners: int
    n_songs: int
    n_impressions: int


def export_feedback(folder: Path) -> ExportSummary:
    """Write ``train.txt``, ``test.txt``, ``items.csv`` and ``impressions.jsonl`` to ``folder``.

    Listeners with fewer than five likes are used for training only. Existing files are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    item_of: dict[int, int] = {}
    n_listeners = _write_likes(folder, item_of)
    _write_items(folder / "items.csv", item_of)
    n_impressions = _write_impressions(folder / "impressions.jsonl", item_of)
    return ExportSummary(n_listeners, len(item_of), n_impressions)


def _write_likes(folder: Path, item_of: dict[int, int]) -> int:
    likes = (
        UserLikedSong.objects.filter(learn=True, song__address__isnull=False)
        .order_by("user_id", "created_at", "id")
        .values_list("user_id", "song_id")
    )
    n_listeners = 0
    with (folder / "train.txt").open("w") as train, (folder / "test.txt").open("w") as test:
        for _, rows in groupby(likes.iterator(), key=lambda row: row[0]):
            items = [item_of.setdefault(song, len(item_of)) for _, song in rows]
            n_test = round(TEST_SHARE * len(items)) if len(items) >= MIN_LIKES else 0
            cut = len(items) - n_test
            print(n_listeners, *items[:cut], file=train)
            if n_test:
                print(n_listeners, *items[cut:], file=test)
            n_listeners += 1
    return n_listeners


def _write_items(path: Path, item_of: dict[int, int]) -> None:
    songs = Song.objects.in_bulk(item_of)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["item", "name", "tags"])
        for song_pk, item in item_of.items():
            song = songs[song_pk]
            tags = [tag.replace("|", " ") for tag in (song.genre, *song.tags) if tag]
            writer.writerow([item, str(song), "|".join(f"{tag}:1" for tag in tags)])


def _write_impressions(path: Path, item_of: dict[int, int]) -> int:
    led = Song.objects.filter(joined_to__isnull=False)
    leads_to = dict(led.values_list("pk", "joined_to"))
    n_impressions = 0
    with path.open("w", encoding="utf-8") as file:
        for row in Impression.objects.order_by("request_id", "position").iterator():
            for song in row.list_songs():
                fact = {
                    "list": row.request_id[16:],
                    "item": item_of.get(leads_to.get(song.song_pk) or song.song_pk),
                    "position": song.position,
                    "stage": song.stage,
                    "liked": song.liked_at is not None,
                    "dismissed": song.dismissed_at is not None,
                }
                file.write(json.dumps(fact) + "\n")
                n_impressions += 1
    return n_impressions
