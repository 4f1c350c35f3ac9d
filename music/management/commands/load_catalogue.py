"""Bring the bundled catalogue into the database."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from music.catalogue import bundled
from music.models import VideoFeature
from music.records import VideoRecord
from tunetrace_site.replication.unit import unit_of_work

BATCH = 500
FORMAT = 1
"""Raise when the same file must be stored differently: it is then loaded again."""


class Command(BaseCommand):
    help = (
        "Load the bundled catalogue, or another file of the same columns. Does nothing when the "
        "file is loaded already; safe to run at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=bundled.SONGS_FILE)
        parser.add_argument("--force", action="store_true", help="load it even if unchanged")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        try:
            digest = f"{FORMAT}-{hashlib.sha256(file.read_bytes()).hexdigest()}"
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        mark = settings.STATE_DIR / "catalogue.digest"
        stored = VideoFeature.objects.from_source(bundled.SOURCE)
        if not force and _read(mark) == f"{digest} {stored.filter(available=True).count()}":
            self.stdout.write("The catalogue is up to date.")
            return
        try:
            songs = list(bundled.read_songs(file))
        except ValueError as error:
            raise CommandError(str(error)) from error
        n_gone = load_songs(songs)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(f"{digest} {stored.filter(available=True).count()}", encoding="utf-8")
        gone = f" {n_gone} are no longer in it." if n_gone else ""
        self.stdout.write(f"Loaded {len(songs)} songs of the catalogue.{gone}")


def load_songs(songs: list[VideoRecord]) -> int:
    """Store ``songs`` in units of work; returns how many earlier ones are no longer in the file.

    Those are kept for the likes that point to them, but are not suggested any more.
    """
    for start in range(0, len(songs), BATCH):
        with unit_of_work():
            VideoFeature.objects.store(songs[start : start + BATCH])
    listed = {song.video_id for song in songs}
    with unit_of_work():
        stored = VideoFeature.objects.from_source(bundled.SOURCE)
        present = stored.filter(available=True).values_list("video_id", flat=True)
        return VideoFeature.objects.filter(video_id__in=set(present) - listed).update(
            available=False
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
