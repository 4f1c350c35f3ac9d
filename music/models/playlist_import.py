from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField


class PlaylistImport(models.Model):
    """A playlist, or a pasted list of songs, on its way to becoming likes."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = NaturalKeyField(from_fields=("token",))
    token = models.CharField(max_length=32, unique=True, help_text="Random; names it in URLs.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    playlist_id = models.CharField(max_length=64, blank=True)
    pasted_songs = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    n_total = models.PositiveIntegerField(default=0)
    n_done = models.PositiveIntegerField(default=0)
    n_unresolved = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "import"
        indexes = [models.Index(fields=["user", "-created_at"], name="music_import_newest")]

    def __str__(self) -> str:
        return self.playlist_id or f"{len(self.pasted_songs)} pasted songs"
