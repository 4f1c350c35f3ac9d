"""The index that is served: missing, corrupt, replaced."""

from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from music.domain import index, newcomers, training
from music.management.commands import serve
from music.recommender.storage import current_version
from tests.factories import LikeFactory, SongFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_index")]


def test_missing_index_is_fitted_on_the_spot():
    SongFactory.create_batch(5)
    assert index.get_snapshot().n_songs == 5
    assert index.is_being_built()
    assert training.is_outdated()


def test_built_index_is_served_and_says_what_it_was_built_from(own_index):
    LikeFactory.create_batch(3)
    summary = training.build_index()
    assert index.get_version() == summary.version == current_version(own_index)
    assert (summary.n_songs, summary.n_interactions) == (3, 3)
    assert training.read_summary() == summary
    assert not training.is_outdated()
    assert not index.is_being_built()


def test_corrupt_index_is_no_error(own_index):
    SongFactory.create_batch(4)
    summary = training.build_index()
    broken = own_index / summary.version / "song_ids.npy"
    broken.write_bytes(broken.read_bytes()[:-4])
    assert index.get_snapshot().n_songs == 4


@pytest.mark.parametrize("name", ["song_ids.npy", "neighbours.indices.npy", "../CURRENT"])
def test_index_damaged_under_a_live_worker_is_rebuilt_and_no_error(own_index, monkeypatch, name):
    LikeFactory.create_batch(4)
    summary = training.build_index()
    builds = []
    monkeypatch.setattr(index, "LOOK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(index, "start_build", lambda: builds.append(training.build_index()))
    assert (index.get_version(), builds) == (summary.version, [])
    damaged = own_index / summary.version / name
    damaged.write_bytes(b"\xff" * damaged.stat().st_size)
    assert index.get_snapshot().n_songs == 4
    assert len(builds) == 1
    assert (index.get_version(), index.is_being_built()) == (summary.version, False)
    assert len(builds) == 1


def test_new_index_is_picked_up_without_a_restart(monkeypatch):
    SongFactory.create_batch(3)
    training.build_index()
    before = index.get_version()
    SongFactory.create_batch(30)
    assert training.is_outdated()
    training.build_index()
    monkeypatch.setattr(index, "LOOK_EVERY_SECONDS", 0.0)
    assert index.get_version() != before
    assert index.get_snapshot().n_songs == 33


def test_between_counts_only_rows_that_are_new_are_looked_at(monkeypatch):
    likes = LikeFactory.create_batch(30)
    training.build_index()
    monkeypatch.setattr(training, "_counts_again_at", 0.0)
    assert not training.is_outdated()
    with CaptureQueriesContext(connection) as captured:
        assert not training.is_outdated()
    assert len(captured) == 3
    assert all("LIMIT 21" in query["sql"] for query in captured)
    for like in likes[:21]:
        like.delete()
    assert not training.is_outdated()
    monkeypatch.setattr(training, "_counts_again_at", 0.0)
    assert training.is_outdated()


def test_second_builder_steps_back(settings):
    with training.only_builder(), pytest.raises(training.BuildRunning):
        training.build_index()


def test_outdated_index_is_served_from_at_once_where_none_is_built_by_itself(own_index):
    SongFactory.create_batch(3)
    built = training.build_index()
    SongFactory.create_batch(30)
    said = StringIO()
    serve.Command(stdout=said)._prepare_index()
    assert training.is_outdated()
    assert training.read_summary() == built
    assert "build_index" in said.getvalue()


def test_song_newer_than_the_index_is_read_once_until_it_changes(own_index):
    SongFactory.create_batch(3)
    training.build_index()
    index.forget()
    [*_, last] = SongFactory.create_batch(4)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(newcomers.read_newcomers([last.address])) == 4
        return len(captured)

    assert [count(), count()] == [3, 1]
    last.genre, last.updated_at = "Jazz", timezone.now()
    last.save()
    assert count() == 3
    assert "Jazz" in {document.genre for document in newcomers.read_newcomers([])}
