"""Fetches details of listed videos, 50 at a time, and stores them as songs.

A list (a channel's uploads, a search) tells only titles. Videos that a name may mean come first.
Others that fit into the same calls are asked for with them, since they cost no more units, but like
the rest of long lists they are stored by ``backlog.py``: reading their titles and writing them
would take most of the time of a request.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from music.models import Chore, VideoFeature
from music.records import VideoRecord
from music.youtube.gateway import PAGE_SIZE
from music.youtube.prepaid import prepaid
from music.youtube.quota import UNITS
from tunetrace_site.replication.prepared import PreparedQuery
from tunetrace_site.replication.unit import unit_of_work

from .naming import name_song
from .parallel_calls import Questions
from .source import YouTubeSource

_STORED = PreparedQuery(
    VideoFeature,
    lambda ids: VideoFeature.objects.filter(video_id__among=ids).values_list("video_id"),
)


@dataclass(frozen=True, slots=True)
class Unstored:
    """Videos to be stored later: only listed so far, and with details, as YouTube has them."""

    listed: Sequence[VideoRecord] = ()
    described: Sequence[VideoRecord] = ()

    def __bool__(self) -> bool:
        return bool(self.listed or self.described)


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
        self._described: dict[str, VideoRecord] = {}
        self._first: set[str] = set()

    def add(self, records: Iterable[VideoRecord]) -> None:
        """Add the videos of a list."""
        self._listed.update((r.video_id, r) for r in records if r.video_id not in self._seen)
        self._seen |= self._listed.keys()

    def ask_first(self, video_ids: Iterable[str]) -> None:
        """Ask for the details of those of ``video_ids`` that are not stored.

        Calls are filled up with other listed videos.
        """
        self._leave_out_stored()
        first = {i: self._unknown.pop(i) for i in video_ids if i in self._unknown}
        self._first |= first.keys()
        self._unknown = first | self._unknown
        for _ in range(0, len(first), PAGE_SIZE):
            self._ask_details()

    def list_unstored(self) -> set[str]:
        """Return the ids of listed videos that are not stored, nor will be by ``finish_first``."""
        self._leave_out_stored()
        return {*self._unknown, *self._asked, *self._described} - self._first

    def finish_first(self, chores: Iterable[tuple[str, str]] = ()) -> Unstored:
        """Store the videos that were asked for first, and mark ``chores`` (kind, name) as done.

        Videos whose details did not come are stored as they were listed. Returns all others.
        """
        self._leave_out_stored()
        self._questions.answer_all()
        known = self._asked | self._described
        self._store([known[i] for i in known if i in self._first], chores)
        left = Unstored(
            listed=[r for i, r in (self._asked | self._unknown).items() if i not in self._first],
            described=[r for i, r in self._described.items() if i not in self._first],
        )
        self._asked, self._described, self._unknown = {}, {}, {}
        return left

    def store_all(
        self, described: Iterable[VideoRecord] = (), chores: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Store everything that was listed and the ``described``; mark ``chores`` as done."""
        self._leave_out_stored()
        while self._unknown:
            self._ask_details()
        self._questions.answer_all()
        self._store([*described, *(self._asked | self._described).values()], chores)
        self._asked, self._described = {}, {}

    def _store(self, records: Iterable[VideoRecord], chores: Iterable[tuple[str, str]]) -> None:
        songs, chores = [name_song(record) for record in records], list(chores)
        if songs or chores:
            with unit_of_work():
                VideoFeature.objects.store(songs)
                Chore.objects.record_done(chores, now=timezone.now())

    def _leave_out_stored(self) -> None:
        listed, self._listed = self._listed, {}
        if listed:
            known = {video_id for (video_id,) in _STORED.fetch(list(listed))}
            self._unknown.update((i, record) for i, record in listed.items() if i not in known)

    def _ask_details(self) -> None:
        ids = list(self._unknown)[:PAGE_SIZE]
        self._asked |= {video_id: self._unknown.pop(video_id) for video_id in ids}
        self._questions.ask(
            partial(self._source.describe, ids, caller=self._caller),
            partial(self._note_details, ids),
        )

    def _note_details(self, ids: list[str], records: list[VideoRecord] | None) -> None:
        for video_id in ids:  # also those without details, which no longer exist
            del self._asked[video_id]
        self._described.update((record.video_id, record) for record in records or ())


def store_listed(records: Collection[VideoRecord], *, caller: str) -> None:
    """Store those of the listed videos that are not stored; a unit per 50 for their details."""
    fetching = Fetching(caller)
    fetching.add(records)
    with prepaid(UNITS, -(-len(records) // PAGE_SIZE), caller):
        fetching.store_all()
