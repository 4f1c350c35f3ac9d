from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField


class Share(models.Model):
    """A listener's songs shared at a secret address; deleted when the sharing ends."""

    class Kind(models.TextChoices):
        LIKES = "likes"
        SUGGESTIONS = "suggestions"

    id = NaturalKeyField(from_fields=("user_id", "kind"))
    token = models.CharField(max_length=43, unique=True, help_text="Random; names it in URLs.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    created_at = models.DateTimeField(default=timezone.now)
    was_made = False

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="music_share_listed")]
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="music_share_once")]

    def __str__(self) -> str:
        return self.kind
