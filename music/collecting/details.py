"""Fetches details of listed videos, 50 at a time, and stores them as songs.

A list (a channel's uploads, a search) tells only titles. Videos that a name may mean come first,
with others that fit into the same calls; the rest of long lists is left to ``backlog.py``.
"""

from collections.abc import Collection, Iterable
from functools import partial

from django.utils import timezone

from music.models import Chore, VideoFeature
from music.records import VideoRecord
from music.youtube.gateway import PAGE_SIZE
from music.youtube.prepaid import prepaid
from music.youtube.quota import UNITS
from tunetrace_site.replication.unit import unit_of_work

from .naming import name_song
from .parallel_calls import Questions
from .source import YouTubeSource

AT_ONCE = 100
"""At least this many new videos, if listed, are stored before a name is answered."""


class Fetching:
    """Listed videos on their way to the database, for one caller. For use by one thread."""

    def __init__(self, caller: str) -> None:
        self._caller = caller
        self._source = YouTubeSource()
        self._questions = Questions()
        self._seen: set[str] = set()
        self._listed: dict[str, VideoRecord] = {}
        self._unknown: dict[str, VideoRecord] = {}
        self._asked: dict[str, VideoRecord] = {}
        self._songs: list[VideoRecord] = []

    def add(self, records: Iterable[VideoRecord]) -> None:
        """Add the videos of a list."""
        self._listed.update((r.video_id, r) for r in records if r.video_id not in self._seen)
        self._seen |= self._listed.keys()

    def ask_first(self, video_ids: Iterable[str], at_least: int = 0) -> None:
        """Ask for the details of those of ``video_ids`` that are not stored.

        Calls are filled up with other listed videos, and more of those are asked for when there
        would be fewer than ``at_least``.
        """
        self._leave_out_stored()
        first = {i: self._unknown.pop(i) for i in video_ids if i in self._unknown}
        self._unknown = first | self._unknown
        for _ in range(0, max(len(first), at_least), PAGE_SIZE):
            self._ask_details()

    def ask_all(self) -> None:
        """Ask for the details of everything listed that is not stored."""
        self._leave_out_stored()
        while self._unknown:
            self._ask_details()

    def list_unasked(self) -> set[str]:
        """Return the ids of listed videos that are neither stored nor asked for yet."""
        self._leave_out_stored()
        return set(self._unknown)

    def finish(self, chores: Iterable[tuple[str, str]] = ()) -> list[VideoRecord]:
        """Store the songs that were asked for, and mark ``chores`` (kind, name) as done.

        Videos whose details did not come are stored as they were listed. Returns the listed videos
        that were not asked for.
        """
        self._leave_out_stored()
        self._questions.answer_all()
        songs = self._songs + [name_song(record) for record in self._asked.values()]
        self._songs, self._asked = [], {}
        chores = list(chores)
        if songs or chores:
            with unit_of_work():
                VideoFeature.objects.store(songs)
                Chore.objects.record_done(chores, now=timezone.now())
        left, self._unknown = list(self._unknown.values()), {}
        return left

    def _leave_out_stored(self) -> None:
        listed, self._listed = self._listed, {}
        if listed:
            stored = VideoFeature.objects.filter(video_id__in=listed)
            known = set(stored.values_list("video_id", flat=True))
            self._unknown.update((i, record) for i, record in listed.items() if i not in known)

    def _ask_details(self) -> None:
        ids = list(self._unknown)[:PAGE_SIZE]
        if not ids:
            return
        self._asked |= {video_id: self._unknown.pop(video_id) for video_id in ids}
        self._questions.ask(
            partial(self._source.fetch, ids, caller=self._caller),
            partial(self._note_details, ids),
        )

    def _note_details(self, ids: list[str], songs: list[VideoRecord] | None) -> None:
        for video_id in ids:  # also those without details, which no longer exist
            del self._asked[video_id]
        self._songs += songs or ()


def store_listed(records: Collection[VideoRecord], *, caller: str) -> None:
    """Store those of the listed videos that are not stored; a unit per 50 for their details."""
    fetching = Fetching(caller)
    fetching.add(records)
    with prepaid(UNITS, -(-len(records) // PAGE_SIZE), caller):
        fetching.ask_all()
        fetching.finish()
