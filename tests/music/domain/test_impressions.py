"""Suggestion lists are written behind the answers, and given up before anything else."""

import time

import pytest

from music.domain import impressions
from music.models import Impression
from music.records import Suggestion
from tests.factories import ListenerFactory


@pytest.fixture(autouse=True)
def in_worker(monkeypatch):
    """As in a worker of the site, but that nobody writes until the test says so."""
    impressions._is_written_beside.set()
    yield
    impressions._is_written_beside.clear()
    impressions._waiting.clear()


def shown(n):
    return tuple(
        Suggestion(
            song_id=f"a/{i}", song_pk=i + 1, title="T", artist="A", score=1.0, stage="content"
        )
        for i in range(n)
    )


def record(listener, list_key, n=10):
    impressions.record_impressions(listener=listener, list_key=list_key, suggestions=shown(n))


@pytest.mark.django_db
def test_lists_wait_and_are_written_in_one_statement(django_assert_max_num_queries):
    listeners = ListenerFactory.create_batch(3)
    for n, listener in enumerate(listeners):
        record(listener, f"{n:016x}")
        record(listener, f"{n:016x}")
    assert Impression.objects.count() == 0
    with django_assert_max_num_queries(4):
        impressions.write_waiting()
    assert Impression.objects.count() == 30


@pytest.mark.django_db
def test_lists_that_there_is_no_room_for_are_shed_and_counted(monkeypatch):
    monkeypatch.setattr(impressions, "MAX_WAITING", 25)
    before, listener = impressions.SHED.value, ListenerFactory()
    for n in range(4):
        record(listener, f"{n:016x}")
    assert impressions.SHED.value == before + 20
    impressions.write_waiting()
    assert Impression.objects.count() == 20


@pytest.mark.django_db
def test_list_of_a_listener_who_was_deleted_meanwhile_is_left_out():
    stays, goes = ListenerFactory.create_batch(2)
    for listener in (stays, goes):
        record(listener, "1" * 16)
    goes.delete()
    impressions.write_waiting()
    assert set(Impression.objects.values_list("user", flat=True)) == {stays.pk}


@pytest.mark.django_db(transaction=True)
def test_worker_writes_them_every_second(monkeypatch):
    monkeypatch.setattr(impressions, "WRITE_EVERY_SECONDS", 0.05)
    record(ListenerFactory(), "2" * 16)
    impressions.write_beside()
    deadline = time.monotonic() + 30
    while Impression.objects.count() < 10:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    impressions.stop_writing_beside()
