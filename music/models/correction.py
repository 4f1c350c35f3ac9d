from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .query_cache import QUERY_MAX_LENGTH
from .song import SongForeignKey


class MatchCorrection(models.Model):
    """A listener's statement of which song a name means: "not this one, that one"."""

    id = NaturalKeyField(from_fields=("user_id", "query"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="match_corrections"
    )
    query = models.CharField(max_length=QUERY_MAX_LENGTH, help_text="Normalised.")
    song = SongForeignKey(
        related_name="corrections",
        help_text="What it means; empty: only known what it does not mean.",
    )
    rejected_ids = models.JSONField(
        default=list, blank=True, help_text="Addresses of songs and ids of videos it does not mean."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["query", "song"], name="music_correction_song"),
            models.Index(fields=["-created_at", "-id"], name="music_correction_listed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "query"], name="music_correction_once")
        ]

    def __str__(self) -> str:
        return self.query
