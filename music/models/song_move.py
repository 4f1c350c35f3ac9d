import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import SongForeignKey


def new_token() -> str:
    """Return 32 random hexadecimal digits."""
    return secrets.token_hex(16)


class SongMove(models.Model):
    """The rows that an operator moved from one song to another, kept so that it can be undone."""

    class Kind(models.TextChoices):
        JOIN = "join", "two songs joined"
        TAKE = "take", "a take moved"

    id = NaturalKeyField(from_fields=("token",))
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    from_song = SongForeignKey(
        related_name="moves_away", help_text="Empty where the take was of no song before."
    )
    to_song = SongForeignKey(related_name="moves_here")
    moved = models.JSONField(
        default=dict,
        help_text="The rows that were repointed, by table: what the undoing needs.",
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="song_moves",
    )
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "move of songs"
        verbose_name_plural = "moves of songs"
        indexes = [models.Index(fields=["-created_at"], name="music_move_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.created_at:%Y-%m-%d}"
