"""Admin: recurring jobs, their last and next runs, and "run now"."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from music.domain.build_progress import read_progress
from music.jobs.registry import JOBS, find_job
from music.jobs.scheduled import wake_wanted
from music.models import ScheduledJob
from tunetrace_site.replication.unit import unit_of_work

from .tables import RecordAdmin

DONE_BY_COMMANDS = {
    "build_index": "Claimed by the machine that builds the index of all machines.",
    "load_catalogue": "Loads the bundled catalogue when the site starts, if it is a new one.",
}


@admin.register(ScheduledJob)
class ScheduledJobAdmin(RecordAdmin):
    """Lists a row per job; each machine builds an index of its own and has a row for that."""

    list_display = (
        "name",
        "does",
        "schedule",
        "started_at",
        "took",
        "is_well",
        "outcome",
        "next_run_at",
        "is_running",
    )
    list_filter = ("has_failed",)
    ordering = ("name",)
    actions = ("run_now",)

    def has_delete_permission(self, request: HttpRequest, obj: ScheduledJob | None = None) -> bool:
        """Forbid deletion: the row would be made anew, without its history."""
        return False

    @admin.display(description="what it does")
    def does(self, row: ScheduledJob) -> str:
        job = find_job(row.name)
        if job:
            return job.does
        return DONE_BY_COMMANDS.get(row.name, "Of another machine, or of another version.")

    @admin.display(description="took")
    def took(self, row: ScheduledJob) -> str:
        if not (row.started_at and row.finished_at):
            return "–"
        return f"{(row.finished_at - row.started_at).total_seconds():.1f} s"

    @admin.display(description="well", boolean=True)
    def is_well(self, row: ScheduledJob) -> bool | None:
        return None if row.finished_at is None else not row.has_failed

    @admin.display(description="result", ordering="result")
    def outcome(self, row: ScheduledJob) -> str:
        """Return what came of it; of a build of this machine's index, how far it is."""
        is_build = row.name == JOBS["build_index"].row_name and row.claimed_by
        progress = read_progress() if is_build else None
        return f"Building: {progress}" if progress else row.result

    @admin.display(description="runs", boolean=True)
    def is_running(self, row: ScheduledJob) -> bool:
        return bool(row.claimed_by)

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("music.change_scheduledjob")

    @admin.action(description="Run now", permissions=["run"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[ScheduledJob]) -> None:
        jobs = queryset.order_by().exclude(name__in=DONE_BY_COMMANDS)
        commands = queryset.filter(name__in=DONE_BY_COMMANDS).values_list("name", flat=True)
        if names := ", ".join(commands):
            message = f"Not run: {names} (a row of a command, which is run by hand)."
            self.message_user(request, message, messages.WARNING)
        with unit_of_work():
            n_wanted = jobs.update(wanted_at=timezone.now())
        if n_wanted:
            wake_wanted()
            message = f"{n_wanted} job(s) will run within half a minute."
            self.message_user(request, message, messages.SUCCESS)
