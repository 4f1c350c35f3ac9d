from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import SongForeignKey


class SuggestionSum(models.Model):
    """How many songs were suggested to a listener before those that are still kept one by one.

    ``by_stage`` has three numbers for each candidate generator: shown, then liked, and dismissed.
    """

    id = NaturalKeyField(from_fields=("user_id",))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="suggestion_sum"
    )
    by_stage = models.JSONField(default=dict)
    counted_until = models.DateTimeField(
        null=True, help_text="When the latest suggestion that is counted was made."
    )

    class Meta:
        indexes = [models.Index(fields=["-counted_until", "-id"], name="music_sum_newest")]

    def __str__(self) -> str:
        return f"{self.count(0)} suggestions"

    def count(self, place: int) -> int:
        """Return how many were shown (0), liked (1) or dismissed (2), whatever found them."""
        return sum(numbers[place] for numbers in self.by_stage.values())


class Playback(models.Model):
    """A song that a listener played or skipped: implicit feedback, weaker than a like."""

    class Kind(models.TextChoices):
        PLAY = "play"
        SKIP = "skip"

    id = NaturalKeyField(from_fields=("user_id", "song_id", "kind"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="playbacks"
    )
    song = SongForeignKey(related_name="playbacks")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    created_at = models.DateTimeField(default=timezone.now, help_text="The latest time.")

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="music_playback_listed")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "song", "kind"], name="music_playback_song_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.song_id}"
