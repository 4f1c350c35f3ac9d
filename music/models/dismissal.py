from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .video_feature import VideoFeature


class Dismissal(models.Model):
    """A song a listener does not want to be suggested again."""

    id = NaturalKeyField(from_fields=("user_id", "video_id"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dismissals"
    )
    video = models.ForeignKey(VideoFeature, on_delete=models.CASCADE, related_name="dismissals")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="music_dismissal_newest")]
        constraints = [
            models.UniqueConstraint(fields=["user", "video"], name="music_dismissal_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} dismissed {self.video_id}"
