"""Suggestion lists as they were shown to listeners, and what became of their songs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import SongForeignKey

Outcome = Literal["liked_at", "dismissed_at"]
"""What became of a suggested song, by the name of its moment."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A song as it stood in a suggestion list, and when the listener then liked or dismissed it.

    ``position`` 1 is the top; ``stage`` names the candidate generator that found the song.
    """

    song_pk: int
    position: int
    stage: str
    liked_at: datetime | None
    dismissed_at: datetime | None


class Impression(models.Model):
    """A suggestion list as it was shown to a listener, and which of its songs they then liked.

    ``song_ids`` are the primary keys of its songs from the top down, and ``stages``, as long, the
    candidate generators that found them. ``outcomes`` has for each ``Outcome`` when it came about,
    ISO 8601, by the song's position as text. A song that was joined to another one stays in the
    list: readers follow it (``Song.objects.present``).

    Rows that the version before this one wrote are lists of one song, with ``song``, ``position``
    and ``stage`` in place of those: ``list_songs`` reads both. Such a row is gone after
    ``IMPRESSION_DAYS``.
    """

    id = NaturalKeyField(from_fields=("request_id", "song_id"))
    request_id = models.CharField(max_length=32, help_text="Names the list.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="impressions"
    )
    song_ids = models.JSONField(null=True)
    stages = models.JSONField(null=True)
    outcomes = models.JSONField(null=True)
    song = SongForeignKey(related_name="impressions")
    position = models.PositiveSmallIntegerField(help_text="1 is the top.")
    stage = models.CharField(max_length=16, help_text="The candidate generator that found it.")
    created_at = models.DateTimeField(default=timezone.now)
    liked_at = models.DateTimeField(
        null=True, blank=True, help_text="When a song of it was first liked."
    )
    dismissed_at = models.DateTimeField(
        null=True, blank=True, help_text="When a song of it was first dismissed."
    )

    class Meta:
        indexes = [
            models.Index(fields=["user", "song"], name="music_impression_song"),
            models.Index(fields=["-created_at"], name="music_impression_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request_id", "song"], name="music_impression_song_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {len(self.song_pks)} songs"

    @classmethod
    def of_list(
        cls, *, user_id: int, request_id: str, songs: Iterable[tuple[int, str]], **columns: Any
    ) -> "Impression":
        """Return an unsaved row of the list of ``songs``: their primary keys and stages."""
        song_ids, stages = zip(*songs, strict=True)
        return cls(
            user_id=user_id,
            request_id=request_id,
            song_ids=list(song_ids),
            stages=list(stages),
            position=0,
            stage="",
            **columns,
        )

    @property
    def song_pks(self) -> list[int]:
        """The primary keys of its songs, from the top down."""
        if self.song_ids is not None:
            return self.song_ids
        return [] if self.song_id is None else [self.song_id]

    def list_songs(self) -> list[Suggested]:
        """Return its songs, from the top down."""
        if self.song_ids is None:
            moments = (self.liked_at, self.dismissed_at)
            return [Suggested(pk, self.position, self.stage, *moments) for pk in self.song_pks]
        found = zip(self.song_ids, self.stages or (), strict=True)
        return [
            Suggested(pk, position, stage, *self._read_moments(position))
            for position, (pk, stage) in enumerate(found, start=1)
        ]

    def note(self, outcome: Outcome, song_pks: Collection[int], at: datetime) -> bool:
        """Note, unsaved, that songs of the list were liked or dismissed at ``at``.

        The first time counts. Returns whether that is new of any.
        """
        new = [
            song.position
            for song in self.list_songs()
            if song.song_pk in song_pks and getattr(song, outcome) is None
        ]
        if new and self.song_ids is not None:
            noted = self.outcomes or {}
            moments = noted.get(outcome, {}) | {str(n): at.isoformat() for n in new}
            self.outcomes = noted | {outcome: moments}
        if new:
            setattr(self, outcome, getattr(self, outcome) or at)
        return bool(new)

    def _read_moments(self, position: int) -> tuple[datetime | None, datetime | None]:
        if not self.outcomes:
            return None, None
        liked, dismissed = (
            self.outcomes.get(outcome, {}).get(str(position))
            for outcome in ("liked_at", "dismissed_at")
        )
        return _read_moment(liked), _read_moment(dismissed)


def _read_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
