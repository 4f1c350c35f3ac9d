"""The list of recurring jobs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from .expiry import run_expiry
from .harvest import run_harvest
from .indexing import run_build
from .listenbrainz import run_listenbrainz
from .pending import run_pending
from .refreshing import run_refresh


@dataclass(frozen=True, slots=True)
class Job:
    """A recurring job. ``run`` does the work and returns a sentence about the result."""

    name: str
    does: str
    run: Callable[[], str]
    is_of_machine: bool = False

    @property
    def schedule(self) -> str:
        """The schedule in the settings."""
        return settings.JOB_SCHEDULES[self.name]

    @property
    def row_name(self) -> str:
        """The name of its row; a job that each machine does for itself has a row per machine."""
        return (
            f"{self.name} on machine {settings.MACHINE_NUMBER}" if self.is_of_machine else self.name
        )


JOBS = {
    job.name: job
    for job in (
        Job("harvest", "Stores charts and uploads of known channels.", run_harvest),
        Job("refresh_videos", "Refreshes data from YouTube that is 25 days old.", run_refresh),
        Job("resolve_pending", "Tries again to find songs that were not found.", run_pending),
        Job(
            "build_index",
            "Builds the index of songs, and that of names, when outdated.",
            run_build,
            is_of_machine=True,
        ),
        Job("listenbrainz", "Sends plays and likes to ListenBrainz.", run_listenbrainz),
        Job("expiry", "Deletes expired guests, sessions, answers and suggestions.", run_expiry),
    )
}


def find_job(row_name: str) -> Job | None:
    """Return the job of a row; None for one that this version or machine does not have."""
    return next((job for job in JOBS.values() if job.row_name == row_name), None)
