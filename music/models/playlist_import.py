from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .claims import Claimable, ClaimQuerySet

LABEL_MAX_LENGTH = 120


class PlaylistImportQuerySet(ClaimQuerySet):
    def due(self, now: datetime) -> Self:
        """Keep imports for which the site has work to do, and may do it now."""
        in_time = Q(resumes_at=None) | Q(resumes_at__lte=now)
        return self.filter(in_time, state__in=("waiting", "running"), is_paused=False)


class PlaylistImport(Claimable):
    """A playlist, a pasted list or a file's songs that are to become likes."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        REVIEW = "review"
        DONE = "done"
        FAILED = "failed"

    id = NaturalKeyField(from_fields=("token",))
    token = models.CharField(max_length=32, unique=True, help_text="Random; names it in URLs.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    playlist_id = models.CharField(max_length=64, blank=True)
    pasted_songs = models.JSONField(
        default=list, blank=True, help_text="Of the version before rows had a table of their own."
    )
    new_rows = models.JSONField(
        null=True, blank=True, help_text="The songs of a file until each has a row; then none."
    )
    service = models.CharField(
        max_length=16,
        blank=True,
        default="",
        db_default="",
        help_text="Who is still to be asked for the songs.",
    )
    source = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="What wrote the file."
    )
    label = models.CharField(
        max_length=LABEL_MAX_LENGTH, blank=True, default="", db_default="", help_text="Its name."
    )
    wants_review = models.BooleanField(
        default=False, db_default=False, help_text="Nothing is liked before the listener says so."
    )
    to_like = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="The pile to like next."
    )
    is_paused = models.BooleanField(default=False, db_default=False)
    page_token = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="Where a list goes on."
    )
    resumes_at = models.DateTimeField(null=True, blank=True, help_text="Not to be gone on before.")
    paid_by = models.JSONField(
        null=True, blank=True, help_text="Whose share of the quota is spent: digests."
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    n_total = models.PositiveIntegerField(default=0)
    n_done = models.PositiveIntegerField(default=0)
    n_unresolved = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PlaylistImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        indexes = [
            models.Index(fields=["user", "-created_at"], name="music_import_newest"),
            models.Index(fields=["-created_at", "-id"], name="music_import_listed"),
        ]

    def __str__(self) -> str:
        return self.playlist_id or self.label or f"{self.n_total} songs"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will be done, by the site or by the listener."""
        return self.state in {self.State.DONE, self.State.FAILED}

    @property
    def is_open(self) -> bool:
        """Whether the site has work to do, now or when there is quota again."""
        return self.state in {self.State.WAITING, self.State.RUNNING} and not self.is_paused
