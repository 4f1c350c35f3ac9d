import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

NAME_MAX_LENGTH = 100


def new_token() -> str:
    """Return 16 random hexadecimal digits."""
    return secrets.token_hex(8)


class Mix(models.Model):
    """A list of songs that a listener saved under a name."""

    id = NaturalKeyField(from_fields=("token",))
    token = models.CharField(max_length=16, unique=True, default=new_token, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mixes"
    )
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    song_ids = models.JSONField(default=list, help_text="Addresses of the songs, in their order.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    share_token = models.CharField(
        max_length=43,
        null=True,
        unique=True,
        editable=False,
        help_text="Whoever knows it sees the mix; none: nobody but the listener does.",
    )
    shared_at = models.DateTimeField(null=True, editable=False)
    was_opened = False

    class Meta:
        verbose_name_plural = "mixes"
        indexes = [
            models.Index(fields=["user", "-updated_at"], name="music_mix_newest"),
            models.Index(fields=["-updated_at", "-id"], name="music_mix_listed"),
        ]

    def __str__(self) -> str:
        return self.name
