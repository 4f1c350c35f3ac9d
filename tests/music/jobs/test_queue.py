"""The queue only wakes: without it nothing is lost, and nobody waits."""

import pytest

from music.domain import imports
from music.jobs import due_work, queue, scheduled
from music.jobs.imports import run_import, wake_import
from music.models import PlaylistImport
from tests.factories import ListenerFactory, SongFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(settings, tmp_path, monkeypatch):
    """A queue of the test's own."""
    settings.STATE_DIR = tmp_path
    monkeypatch.setattr(queue.queue.storage, "filename", str(queue.find_file()))
    queue.queue.storage.close()
    queue.prepare()
    yield queue.find_file()
    queue.queue.storage.close()


@pytest.fixture
def job():
    return imports.start_import(listener=ListenerFactory(), songs=[str(SongFactory())])


def run_queue() -> list[str]:
    """Run what the queue holds, as a worker does; the names of the tasks."""
    ran = []
    while task := queue.queue.dequeue():
        ran.append(task.name)
        task.execute()
    return ran


def test_worker_that_is_woken_does_the_work(file, job):
    wake_import(job)
    assert run_queue() == ["run_import"]
    job.refresh_from_db()
    assert job.state == PlaylistImport.State.DONE


def test_import_that_was_woken_twice_is_done_once(file, job):
    wake_import(job)
    wake_import(job)
    assert run_queue() == ["run_import"] * 2
    assert job.user.liked_songs.count() == 1


@pytest.mark.parametrize("damage", [b"no database at all" * 1000, b""])
def test_lost_or_damaged_queue_loses_no_work(file, job, damage):
    wake_import(job)
    queue.queue.storage.close()
    for path in file.parent.glob("queue.db*"):
        path.unlink()
    file.write_bytes(damage)
    wake_import(job)  # nobody hears it
    assert bool(queue.find_damage()) == bool(damage)
    queue.prepare()
    assert queue.find_damage() == ""
    assert run_queue() == []
    due_work.look_for_work()
    assert "run_import" in run_queue()
    job.refresh_from_db()
    assert job.state == PlaylistImport.State.DONE


def test_queue_that_cannot_be_written_is_no_error_of_the_request(
    settings, job, caplog, monkeypatch
):
    monkeypatch.setattr(queue.queue.storage, "filename", "/proc/nowhere/queue.db")
    queue.queue.storage.close()
    wake_import(job)
    assert "no worker could be woken for run_import" in caplog.text


def test_finished_and_paused_imports_wake_nobody(file, job):
    PlaylistImport.objects.update(is_paused=True)
    job.refresh_from_db()
    wake_import(job)
    due_work.look_for_work()
    assert run_queue() == []
    run_import.call_local(job.token)
    job.refresh_from_db()
    assert job.n_done == 0


def test_due_jobs_are_woken(file, monkeypatch):
    monkeypatch.setattr(due_work.threading.Thread, "start", lambda thread: None)
    due_work.look_for_work()
    assert run_queue() == []
    scheduled.ScheduledJob.objects.filter(name="expiry").update(wanted_at="2026-01-01T00:00Z")
    due_work.look_for_work()
    assert run_queue() == ["run_scheduled"]
    assert scheduled.ScheduledJob.objects.get(name="expiry").result == "Nothing was due."
