from django.db import models

from tunetrace_site.replication.keys import NaturalKeyField


class QuotaUsage(models.Model):
    """What one caller has used of one bucket of the YouTube quota on one Pacific day.

    The row with an empty ``caller`` holds the bucket's total, on which calls are reserved.
    """

    class Bucket(models.TextChoices):
        SEARCH = "search"
        UNITS = "units"
        STATS = "stats"

    id = NaturalKeyField(from_fields=("day", "bucket", "caller"))
    day = models.DateField(help_text="In Pacific time, where the quota resets at midnight.")
    bucket = models.CharField(max_length=8, choices=Bucket.choices)
    caller = models.CharField(max_length=16, blank=True)
    used = models.PositiveIntegerField(default=0)
    exhausted_at = models.DateTimeField(
        null=True, blank=True, help_text="When YouTube itself said that nothing was left."
    )

    class Meta:
        verbose_name = "quota usage"
        verbose_name_plural = "quota usage"
        constraints = [
            models.UniqueConstraint(fields=["day", "bucket", "caller"], name="music_quota_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.bucket} {self.caller or 'total'}: {self.used}"
