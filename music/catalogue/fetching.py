"""What YouTube lists becomes songs: details are asked for 50 videos at a time, and all is stored.

A list (a channel's uploads, a search) tells only titles. The videos of all lists that come in are
put together, so that each call for details is a full one, and these calls are made while other
lists are still awaited.
"""

from collections.abc import Iterable
from functools import partial

from django.utils import timezone

from music.models import Chore, VideoFeature
from music.records import SongRecord
from music.youtube.gateway import PAGE_SIZE
from tunetrace_site.replication.unit import unit_of_work

from .asking import Questions
from .naming import name_song
from .youtube import YouTubeSource

STORE_AT_ONCE = 200


class Fetching:
    """Listed videos on their way to the database, for one caller. For use by one thread."""

    def __init__(self, caller: str) -> None:
        self._caller = caller
        self._source = YouTubeSource()
        self._questions = Questions()
        self._seen: set[str] = set()
        self._listed: dict[str, SongRecord] = {}
        self._unknown: dict[str, SongRecord] = {}
        self._asked: dict[str, SongRecord] = {}
        self._songs: list[SongRecord] = []

    def add(self, records: Iterable[SongRecord]) -> None:
        """Take in what a list tells; the details of every 50 that are not stored are asked for."""
        self._listed.update((r.video_id, r) for r in records if r.video_id not in self._seen)
        self._seen |= self._listed.keys()
        if len(self._unknown) + len(self._listed) >= PAGE_SIZE:
            self._leave_out_stored()
        while len(self._unknown) >= PAGE_SIZE:
            self._ask_details()
        self._questions.answer_ready()
        if len(self._songs) >= STORE_AT_ONCE:
            self._store_songs()

    def finish(self, chores: Iterable[tuple[str, str]] = ()) -> None:
        """Ask for the rest, store all songs, and that ``chores`` (kind, name) are done.

        Videos whose details did not come are stored as they were listed.
        """
        self._leave_out_stored()
        if self._unknown:
            self._ask_details()
        while self._questions:
            self._questions.answer_some()
        self._questions.log_errors()
        self._songs += [name_song(record) for record in self._asked.values()]
        with unit_of_work():
            self._store_songs()
            Chore.objects.record_done(chores, now=timezone.now())

    def _leave_out_stored(self) -> None:
        listed, self._listed = self._listed, {}
        if listed:
            stored = VideoFeature.objects.filter(video_id__in=listed)
            known = set(stored.values_list("video_id", flat=True))
            self._unknown.update((i, record) for i, record in listed.items() if i not in known)

    def _ask_details(self) -> None:
        ids = list(self._unknown)[:PAGE_SIZE]
        self._asked |= {video_id: self._unknown.pop(video_id) for video_id in ids}
        self._questions.ask(
            partial(self._source.fetch, ids, caller=self._caller),
            partial(self._note_details, ids),
        )

    def _note_details(self, ids: list[str], songs: list[SongRecord] | None) -> None:
        for video_id in ids:  # also those that are not told of: they are gone
            del self._asked[video_id]
        self._songs += songs or ()

    def _store_songs(self) -> None:
        songs, self._songs = self._songs, []
        if songs:
            with unit_of_work():
                VideoFeature.objects.store(songs)
