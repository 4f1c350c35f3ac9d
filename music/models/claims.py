"""Claims: a row stands for work that one process does at a time, on whichever machine."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

HOLDER_MAX_LENGTH = 40
CLAIM_LASTS = timedelta(seconds=90)
"""A claim that was not renewed for this long is void: its holder is thought dead."""


class ClaimQuerySet(models.QuerySet):
    """Rows that can be claimed: each change is one conditional UPDATE, so that one asker wins."""

    def unclaimed(self, now: datetime) -> Self:
        """Keep rows without a holder, or whose holder has not renewed its claim for long."""
        return self.filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LASTS))

    def claim(self, holder: str, *, now: datetime) -> bool:
        """Claim the one row of this set; return whether ``holder`` has it now."""
        return bool(self.unclaimed(now).update(claimed_at=now, claimed_by=holder))

    def held_by(self, holder: str) -> Self:
        """Keep rows that ``holder`` still has: every write for them goes through this."""
        return self.filter(claimed_by=holder)

    def release(self, holder: str) -> None:
        """Release the rows of ``holder``; rows that another holder has taken over stay claimed."""
        self.held_by(holder).update(claimed_at=None, claimed_by="")


class Claimable(models.Model):
    """A row that stands for work, with the holder of its claim and the last renewal."""

    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    claimed_by = models.CharField(
        max_length=HOLDER_MAX_LENGTH, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        abstract = True
