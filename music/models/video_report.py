from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .video_feature import VideoFeature


class VideoReport(models.Model):
    """A report that a video did not play; of unknown listeners, one row per video."""

    class Code(models.IntegerChoices):
        GONE = 100, "gone or private"
        NOT_EMBEDDABLE = 101, "not to be played on other sites"
        NOT_EMBEDDABLE_EITHER = 150, "not to be played on other sites (150)"

    id = NaturalKeyField(from_fields=("video_id", "user_id"))
    video = models.ForeignKey(VideoFeature, on_delete=models.CASCADE, related_name="reports")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="video_reports",
    )
    code = models.PositiveSmallIntegerField(
        choices=Code.choices, help_text="What YouTube's player said."
    )
    counts = models.BooleanField(
        default=False,
        help_text="By an account, and among the first of its day: two such take a video away.",
    )
    created_at = models.DateTimeField(default=timezone.now, help_text="The latest time.")

    class Meta:
        verbose_name = "report of a video"
        verbose_name_plural = "reports of videos"
        indexes = [
            models.Index(fields=["-created_at"], name="music_report_newest"),
            models.Index(fields=["user", "-created_at"], name="music_report_listener"),
        ]
        constraints = [models.UniqueConstraint(fields=["video", "user"], name="music_report_once")]

    def __str__(self) -> str:
        return f"{self.get_code_display()}: {self.video_id}"
