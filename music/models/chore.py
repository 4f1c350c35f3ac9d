from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from tunetrace_site.replication.keys import NaturalKeyField

NAME_MAX_LENGTH = 64
CLAIM_LASTS = timedelta(minutes=10)
"""A claim that was not renewed for this long is void: its holder is thought dead."""


class ChoreQuerySet(models.QuerySet["Chore"]):
    def claim(
        self: "ChoreQuerySet", kind: str, name: str, *, now: datetime, done_before: datetime
    ) -> bool:
        """Claim a chore that was not done since ``done_before`` and is not claimed.

        One conditional UPDATE: of any number of processes that ask at once, one gets True.
        """
        if not self.filter(kind=kind, name=name).exists():
            self.bulk_create([Chore(kind=kind, name=name)], ignore_conflicts=True)
        is_free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS)
        is_due = Q(done_at=None) | Q(done_at__lte=done_before)
        return bool(self.filter(is_free, is_due, kind=kind, name=name).update(claimed_at=now))

    def finish(self, kind: str, name: str, *, now: datetime) -> None:
        """Mark a chore as done: it is not due again before its time."""
        self.filter(kind=kind, name=name).update(claimed_at=None, done_at=now)

    def record_done(
        self: "ChoreQuerySet", chores: Iterable[tuple[str, str]], *, now: datetime
    ) -> None:
        """Mark each (kind, name) as done, claimed or not; names that are too long are left out."""
        kept = [(kind, name) for kind, name in chores if len(name) <= NAME_MAX_LENGTH]
        rows = [Chore(kind=kind, name=name, done_at=now) for kind, name in kept]
        self.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "name"],
            update_fields=["done_at"],
        )

    def release(self, kind: str, name: str) -> None:
        """Release a chore that could not be done: anyone may claim it at once."""
        self.filter(kind=kind, name=name).update(claimed_at=None)


class Chore(models.Model):
    """A piece of background work, and when it was last done, so that commands can be resumed."""

    class Kind(models.TextChoices):
        CHART = "chart"
        CHANNEL = "channel"
        HANDLE = "handle"
        SEARCH = "search"
        REFRESH = "refresh"
        PENDING = "pending"

    id = NaturalKeyField(from_fields=("kind", "name"))
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(
        max_length=NAME_MAX_LENGTH,
        help_text="A region, a channel's id, an artist, a search, or nothing.",
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = ChoreQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="music_chore_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()
