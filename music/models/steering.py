from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

KEY_MAX_LENGTH = 520


class Steering(models.Model):
    """An artist or song of which a listener wants less, until they withdraw it."""

    class Kind(models.TextChoices):
        HIDDEN_ARTIST = "artist", "no songs of this artist"
        LESS_LIKE = "less", "fewer songs like this one"
        NO_PLAYS = "plays", "nothing is learned from what is played"

    BY_SONG = (Kind.HIDDEN_ARTIST, Kind.LESS_LIKE)

    id = NaturalKeyField(from_fields=("user_id", "kind", "key"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="steerings"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(
        max_length=KEY_MAX_LENGTH, blank=True, help_text="The artist's key, or the song's address."
    )
    name = models.CharField(max_length=255, blank=True, help_text="As it was shown.")
    created_at = models.DateTimeField(default=timezone.now)
    was_made = False
    """Whether the call that returned this row has created it."""

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="music_steering_newest"),
            models.Index(fields=["-created_at", "-id"], name="music_steering_listed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="music_steering_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
