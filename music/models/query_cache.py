from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import SongForeignKey
from .video_feature import VIDEO_ID_MAX_LENGTH

QUERY_MAX_LENGTH = 255


class QueryCache(models.Model):
    """What a song name was found to mean, or that nothing was found; survives restarts."""

    id = NaturalKeyField(from_fields=("query",))
    query = models.CharField(max_length=QUERY_MAX_LENGTH, unique=True, help_text="Normalised.")
    song = SongForeignKey(related_name="queries", help_text="Empty where no song was found.")
    best_video_id = models.CharField(max_length=VIDEO_ID_MAX_LENGTH, null=True, blank=True)
    candidate_ids = models.JSONField(
        default=list, blank=True, help_text="Addresses of other songs it may mean, best first."
    )
    rung = models.CharField(max_length=16, help_text="The step of the ladder that answered.")
    confidence = models.FloatField(default=0.0)
    updated_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Answers that found nothing are asked again after this."
    )

    class Meta:
        verbose_name = "cached query"
        verbose_name_plural = "query cache"
        indexes = [models.Index(fields=["-updated_at"], name="music_query_newest")]

    def __str__(self) -> str:
        return self.query
