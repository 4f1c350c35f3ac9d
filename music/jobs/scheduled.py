"""Runs recurring jobs: found by their rows, each run by one machine at a time."""

import logging
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from music.errors import TuneTraceError
from music.models import ScheduledJob
from tunetrace_site.replication.unit import unit_of_work

from .claims import claimed
from .queue import queue, wake
from .registry import JOBS, Job, find_job
from .schedules import find_next

RESULT_MAX_LENGTH = 255
INTERRUPTED = "It was interrupted, and is due again."

logger = logging.getLogger(__name__)


@queue.task()
def run_scheduled(name: str) -> None:
    """Run one job, if it is not claimed and still due."""
    job = JOBS.get(name)
    if job is not None:
        run_job(job)


def run_job(job: Job) -> bool:
    """Run ``job`` if it is due and not claimed; return whether it ran."""
    row = ScheduledJob.objects.filter(name=job.row_name)
    with claimed(row, row.filter(_is_due(timezone.now()))) as holder:
        if not holder:
            return False
        began = timezone.now()
        mine = row.held_by(holder)
        with unit_of_work():
            mine.update(started_at=began, wanted_at=None, finished_at=None, result="")
        result, has_failed = _run(job)
        with unit_of_work():
            mine.update(
                finished_at=timezone.now(),
                next_run_at=find_next(job.schedule, began),
                schedule=job.schedule,
                result=result[:RESULT_MAX_LENGTH],
                has_failed=has_failed,
            )
    return True


def _run(job: Job) -> tuple[str, bool]:
    try:
        return job.run(), False
    except TuneTraceError as error:
        return f"{error.message} {error.hint}".strip(), True
    except Exception as error:
        logger.exception("%s failed", job.name)
        return f"{type(error).__name__}: see the log.", True


def _is_due(now: datetime) -> Q:
    return Q(wanted_at__isnull=False) | Q(next_run_at__lte=now)


def list_due() -> list[Job]:
    """Return the jobs that are due and not claimed, after bringing rows in line with settings.

    A new job is not due at once: it waits for its time.
    """
    now = timezone.now()
    rows = {row.name: row for row in ScheduledJob.objects.all()}
    changed = [row for job in JOBS.values() if (row := _set_row(job, rows.get(job.row_name), now))]
    if changed:
        with unit_of_work():
            for row in changed:
                changes = {"schedule": row.schedule, "next_run_at": row.next_run_at}
                ScheduledJob.objects.update_or_create(
                    name=row.name,
                    defaults=changes,
                    create_defaults={**changes, "created_at": row.created_at},
                )
    due = ScheduledJob.objects.filter(_is_due(now)).unclaimed(now)
    return [job for name in due.values_list("name", flat=True) if (job := find_job(name))]


def _set_row(job: Job, row: ScheduledJob | None, now: datetime) -> ScheduledJob | None:
    """Return the row as the settings require it; None where it is so already."""
    if row is None:
        row = ScheduledJob(name=job.row_name, created_at=now)
    elif row.schedule == job.schedule:
        return None
    row.schedule = job.schedule
    row.next_run_at = find_next(job.schedule, row.started_at or row.created_at)
    return row


def want_job(name: str) -> None:
    """Have a job run soon, whatever its schedule."""
    with unit_of_work():
        ScheduledJob.objects.filter(name=name).update(wanted_at=timezone.now())
    wake(run_scheduled, name)


def wake_wanted() -> None:
    """Wake workers for the jobs that an operator has just asked for."""
    names = ScheduledJob.objects.exclude(wanted_at=None).values_list("name", flat=True)
    for job in filter(None, map(find_job, names)):
        wake(run_scheduled, job.name)
