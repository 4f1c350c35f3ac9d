from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .claims import Claimable, ClaimQuerySet


class ScheduledJob(Claimable):
    """A recurring job: its last run, the result, and the next run."""

    id = NaturalKeyField(from_fields=("name",))
    name = models.CharField(max_length=64, unique=True)
    schedule = models.CharField(
        max_length=16, blank=True, help_text="As set: a time of the day (UTC), an interval, or off."
    )
    started_at = models.DateTimeField("last run", null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField("next run", null=True, blank=True)
    wanted_at = models.DateTimeField(
        null=True, blank=True, help_text="When an operator asked to run it now."
    )
    has_failed = models.BooleanField(default=False)
    result = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = "job"

    def __str__(self) -> str:
        return self.name
