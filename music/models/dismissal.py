from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import SongForeignKey


class Dismissal(models.Model):
    """A song a listener does not want to be suggested again."""

    id = NaturalKeyField(from_fields=("user_id", "song_id"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dismissals"
    )
    song = SongForeignKey(related_name="dismissals")
    created_at = models.DateTimeField(default=timezone.now)
    was_made = False
    """Whether the call that returned this row has created it."""

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="music_dismissal_newest"),
            models.Index(fields=["-created_at", "-id"], name="music_dismissal_listed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "song"], name="music_dismissal_song_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} dismissed {self.song_id}"
