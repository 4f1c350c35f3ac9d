from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import SongForeignKey


class Impression(models.Model):
    """One song as it was suggested to a listener, and whether they then liked it."""

    id = NaturalKeyField(from_fields=("request_id", "song_id"))
    request_id = models.CharField(max_length=32, help_text="The suggestion list it stood in.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="impressions"
    )
    song = SongForeignKey(related_name="impressions")
    position = models.PositiveSmallIntegerField(help_text="1 is the top.")
    stage = models.CharField(max_length=16, help_text="The candidate generator that found it.")
    created_at = models.DateTimeField(default=timezone.now)
    liked_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "song"], name="music_impression_song"),
            models.Index(fields=["-created_at"], name="music_impression_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request_id", "song"], name="music_impression_song_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} #{self.position}"


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
