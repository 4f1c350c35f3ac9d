"""What is due again and again: when, by whom, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from music.errors import SourceUnavailable
from music.jobs import due_work, registry, scheduled
from music.jobs.registry import JOBS, Job
from music.jobs.schedules import find_next
from music.models import ScheduledJob
from music.models.claims import CLAIM_LASTS
from tests.factories import GuestFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def job(monkeypatch):
    """One job that notes its runs, due every five minutes; and no other."""
    runs = []
    job = Job("expiry", "Notes.", lambda: runs.append(1) or f"Run {len(runs)}.")
    monkeypatch.setattr(scheduled, "JOBS", {"expiry": job})
    monkeypatch.setattr(registry, "JOBS", {"expiry": job})
    scheduled.list_due()
    return job


def make_due(**fields):
    ScheduledJob.objects.update(next_run_at=timezone.now(), **fields)


@pytest.mark.parametrize(
    ("schedule", "last", "following"),
    [
        ("off", NOON, None),
        ("12:30", NOON, NOON + timedelta(minutes=30)),
        ("12:00", NOON, NOON + timedelta(days=1)),
        ("00:00", NOON, NOON + timedelta(hours=12)),
        ("5m", NOON, NOON + timedelta(minutes=5)),
        ("2h", NOON, NOON + timedelta(hours=2)),
        ("3d", NOON, NOON + timedelta(days=3)),
    ],
)
def test_next_run_follows_from_the_schedule_and_the_last_one(schedule, last, following):
    assert find_next(schedule, last) == following


def test_every_schedule_of_the_settings_has_a_job_and_every_job_a_schedule(settings):
    assert JOBS.keys() == settings.JOB_SCHEDULES.keys()
    for name in JOBS:
        find_next(settings.JOB_SCHEDULES[name], NOON)


def test_new_job_waits_for_its_time(job):
    assert scheduled.list_due() == []
    assert not scheduled.run_job(job)
    row = ScheduledJob.objects.get()
    assert (row.schedule, row.started_at) == ("1h", None)
    assert row.next_run_at == row.created_at + timedelta(hours=1)


def test_job_that_is_due_runs_once_and_tells_what_came_of_it(job):
    make_due()
    assert scheduled.list_due() == [job]
    assert scheduled.run_job(job)
    assert not scheduled.run_job(job)
    row = ScheduledJob.objects.get()
    assert (row.result, row.has_failed, row.claimed_by) == ("Run 1.", False, "")
    assert row.started_at <= row.finished_at
    assert row.next_run_at == row.started_at + timedelta(hours=1)
    assert scheduled.list_due() == []


def test_changed_schedule_holds_at_once(job, settings):
    settings.JOB_SCHEDULES = {**settings.JOB_SCHEDULES, "expiry": "off"}
    make_due()
    assert scheduled.list_due() == []
    row = ScheduledJob.objects.get()
    assert (row.schedule, row.next_run_at) == ("off", None)


def test_job_that_somebody_is_at_is_left_to_them_until_they_seem_dead(job):
    make_due(claimed_at=timezone.now(), claimed_by="elsewhere")
    assert scheduled.list_due() == []
    assert not scheduled.run_job(job)
    ScheduledJob.objects.update(claimed_at=timezone.now() - CLAIM_LASTS - timedelta(seconds=1))
    assert scheduled.run_job(job)


def test_who_was_thought_dead_writes_nothing_when_they_come_back(job, monkeypatch):
    def lose_claim() -> str:
        ScheduledJob.objects.update(claimed_by="another", result="theirs")
        return "ours"

    slow = Job("expiry", "Is slow.", lose_claim)
    make_due()
    assert scheduled.run_job(slow)
    row = ScheduledJob.objects.get()
    assert (row.result, row.claimed_by, row.finished_at) == ("theirs", "another", None)


def test_claims_of_dead_processes_of_this_machine_are_free_at_once(job, settings):
    settings.MACHINE_NUMBER = 3
    make_due(claimed_at=timezone.now(), claimed_by="3-999999999-abcd")
    due_work.release_of_the_dead()
    assert scheduled.list_due() == [job]
    make_due(claimed_at=timezone.now(), claimed_by="4-999999999-abcd")
    due_work.release_of_the_dead()
    assert scheduled.list_due() == []


def _fail(error):
    raise error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SourceUnavailable("YouTube is down.", hint="Wait."), "YouTube is down. Wait."),
        (ZeroDivisionError("x"), "ZeroDivisionError: see the log."),
    ],
)
def test_job_that_fails_says_so_and_is_due_again(job, error, said):
    make_due()
    assert scheduled.run_job(Job("expiry", "Fails.", lambda: _fail(error)))
    row = ScheduledJob.objects.get()
    assert (row.result, row.has_failed, row.claimed_by) == (said, True, "")
    assert row.next_run_at > timezone.now()


def test_operator_runs_a_job_now(job, admin_client):
    row = ScheduledJob.objects.get()
    page = {"action": "run_now", "_selected_action": [row.pk]}
    answer = admin_client.post("/admin/music/scheduledjob/", page, follow=True)
    assert "1 job(s) will run within half a minute." in answer.text
    assert scheduled.list_due() == [job]
    scheduled.run_scheduled.call_local("expiry")
    row.refresh_from_db()
    assert (row.result, row.wanted_at) == ("Run 1.", None)
    assert "Run 1." in admin_client.get("/admin/music/scheduledjob/").text


def test_operator_cannot_run_the_row_of_a_command(job, admin_client):
    row = ScheduledJob.objects.create(name="build_index", next_run_at=None)
    page = {"action": "run_now", "_selected_action": [row.pk]}
    answer = admin_client.post("/admin/music/scheduledjob/", page, follow=True)
    assert "Not run: build_index" in answer.text
    assert "will run" not in answer.text
    row.refresh_from_db()
    assert row.wanted_at is None


def test_job_of_another_machine_or_version_is_shown_and_not_run(job, admin_client):
    ScheduledJob.objects.create(name="build_index on machine 9", wanted_at=timezone.now())
    assert scheduled.list_due() == []
    assert "Of another machine" in admin_client.get("/admin/music/scheduledjob/").text
    scheduled.wake_wanted()
    scheduled.run_scheduled.call_local("no such job")


def test_real_jobs_run_without_a_key_and_say_what_they_did():
    GuestFactory(created_at=timezone.now() - timedelta(days=2))
    results = {name: JOBS[name].run() for name in JOBS}
    assert results == {
        "harvest": "There is no YouTube key: nothing to do.",
        "refresh_videos": "0 videos refreshed, 0 gone, 0 deleted for 0 units.",
        "resolve_pending": "0 of 0 likes found their song.",
        "build_index": "The song names are up to date. INDEX_AUTO_BUILD is off.",
        "listenbrainz": "LISTENBRAINZ is off.",
        "expiry": "Forgotten: 1 guests.",
    }
