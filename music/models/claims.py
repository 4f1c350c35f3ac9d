"""Work that one process does at a time, on whichever machine: it holds a claim on a row."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

HOLDER_MAX_LENGTH = 40
CLAIM_LASTS = timedelta(seconds=90)
"""After this long without a sign of life the holder of a claim is thought dead."""


class ClaimQuerySet(models.QuerySet):
    """Rows that can be claimed: each change is one conditional UPDATE, so that one asker wins."""

    def unclaimed(self, now: datetime) -> Self:
        """Rows that nobody is at, or whose holder has shown no sign of life for long."""
        return self.filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS))

    def claim(self, holder: str, *, now: datetime) -> bool:
        """Take up the one row of this set; whether ``holder`` has it now."""
        return bool(self.unclaimed(now).update(claimed_at=now, claimed_by=holder))

    def held_by(self, holder: str) -> Self:
        """The rows that ``holder`` still has: every write for them goes through this."""
        return self.filter(claimed_by=holder)

    def release(self, holder: str) -> None:
        """Give back what ``holder`` has; what somebody else has taken over stays theirs."""
        self.held_by(holder).update(claimed_at=None, claimed_by="")


class Claimable(models.Model):
    """A row that stands for work: who is at it, and when they last gave a sign of life."""

    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    claimed_by = models.CharField(
        max_length=HOLDER_MAX_LENGTH, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        abstract = True
