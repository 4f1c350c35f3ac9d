"""Command: load the bundled catalogue into the database."""

import hashlib
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from music.catalogue import bundled
from music.catalogue.bundled import BundledSong, BundledVideo
from music.models import ScheduledJob, Song, VideoFeature
from music.models.video_feature import BUNDLE
from tunetrace_site.replication.unit import unit_of_work

NAME = "load_catalogue"
"""The row of the jobs that holds what was loaded."""
BATCH = 500
FORMAT = 2
"""Increase when the same file must be stored differently: it is then loaded again."""
MAX_REMOVED_SHARE = 0.1
"""A file that lacks a larger share of the stored songs is taken for the wrong one."""


class Command(BaseCommand):
    help = (
        "Load the bundled catalogue, or another file of the same columns, and the videos of its "
        "songs. Does nothing when the files are loaded already; safe to run at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="songs (default: the bundled ones)")
        parser.add_argument(
            "--videos", type=Path, help="videos of the songs (default: of the bundled songs)"
        )
        parser.add_argument("--force", action="store_true", help="load it even if unchanged")
        parser.add_argument(
            "--remove",
            action="store_true",
            help="load it even if many stored songs are missing from it",
        )

    def handle(self, **options: Any) -> None:
        files = _choose_files(options["file"], options["videos"])
        digest = _digest(files)
        if not options["force"] and _read_mark() == f"{digest} {_count()}":
            self.stdout.write("The catalogue is up to date.")
            return
        began_at = timezone.now()
        try:
            songs = list(bundled.read_songs(files[0]))
            videos = [v for path in files[1:] for v in bundled.read_videos(path, songs)]
        except ValueError as error:
            raise CommandError(str(error)) from error
        if not options["remove"]:
            _refuse_mass_removal(files[0], songs)
        n_gone = store_songs(songs)
        store_videos(videos)
        _write_mark(f"{digest} {_count()}", began_at)
        with_videos = f" and {len(videos)} videos" if videos else ""
        gone = f" {n_gone} are no longer in it." if n_gone else ""
        self.stdout.write(f"Loaded {len(songs)} songs{with_videos} of the catalogue.{gone}")


def store_songs(songs: list[BundledSong]) -> int:
    """Store ``songs`` in units of work; return how many earlier ones are no longer in the file.

    Those stay as if they had been learnt, because of what listeners said about them.
    """
    for start in range(0, len(songs), BATCH):
        with unit_of_work():
            Song.objects.load_bundle(song.to_song() for song in songs[start : start + BATCH])
    with unit_of_work():
        return _find_removed(songs).update(is_bundled=False, updated_at=timezone.now())


def store_videos(videos: list[BundledVideo]) -> None:
    """Store ``videos`` in units of work; a stored video is left as it is.

    Videos of an earlier file that YouTube never described are deleted.
    """
    for start in range(0, len(videos), BATCH):
        batch = videos[start : start + BATCH]
        with unit_of_work():
            VideoFeature.objects.load_bundle(video.to_record() for video in batch)
    with unit_of_work():
        VideoFeature.objects.unbundle_others([video.video_id for video in videos])


def _choose_files(songs: Path | None, videos: Path | None) -> list[Path]:
    """Return the files to read: the bundled videos go with the bundled songs only."""
    if songs is None and videos is None:
        videos = bundled.VIDEOS_FILE
    return [songs or bundled.SONGS_FILE, *([videos] if videos else [])]


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
    return f"{FORMAT}-{digest.hexdigest()}"


def _count() -> str:
    """Return how many songs and videos of the bundle are stored; none are after a flush."""
    n_songs = Song.objects.filter(is_bundled=True).count()
    return f"{n_songs} {VideoFeature.objects.from_source(BUNDLE).count()}"


def _find_removed(songs: list[BundledSong]) -> QuerySet[Song]:
    """Return the stored songs of the bundle that are not among ``songs``."""
    bundle = Song.objects.filter(is_bundled=True)
    listed = {song.row_key for song in songs}
    return bundle.filter(pk__in=set(bundle.values_list("pk", flat=True)) - listed)


def _refuse_mass_removal(path: Path, songs: list[BundledSong]) -> None:
    """Raise where ``songs`` would remove a large part of the catalogue."""
    n_stored = Song.objects.filter(is_bundled=True).count()
    n_removed = _find_removed(songs).count()
    if n_removed > MAX_REMOVED_SHARE * n_stored:
        raise CommandError(
            f"{path} lacks {n_removed} of the {n_stored} songs that are stored: nothing was "
            "changed. To remove them, run it again with --remove."
        )


def _read_mark() -> str:
    """Return what was loaded last, whichever machine did it; empty for nothing."""
    return ScheduledJob.objects.filter(name=NAME).values_list("result", flat=True).first() or ""


def _write_mark(mark: str, began_at: datetime) -> None:
    """Write what is loaded into the database: so it is there for all machines, and in a backup."""
    now = timezone.now()
    done = {"result": mark, "started_at": began_at, "finished_at": now, "has_failed": False}
    with unit_of_work():
        ScheduledJob.objects.update_or_create(name=NAME, defaults=done)
