"""The index that is served: missing, corrupt, replaced."""

from io import StringIO

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from music.catalogue import key_pages
from music.domain import build_progress, documents, index, newcomers, training
from music.jobs.registry import JOBS
from music.management.commands import serve
from music.models import ScheduledJob, Song, UserLikedSong
from music.recommender.snapshot_files import current_version
from tests.factories import LikeFactory, SongFactory, VideoFactory
from tunetrace_site.metrics import collect_build

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


def test_many_new_songs_are_read_by_several_requests_the_seeds_by_the_first(own_index, monkeypatch):
    monkeypatch.setattr(newcomers, "MAX_READ", 2)
    SongFactory.create_batch(3)
    training.build_index()
    index.forget()
    oldest, *_ = SongFactory.create_batch(6)
    read = [{d.song_id for d in newcomers.read_newcomers([oldest.address])} for _ in range(3)]
    assert [len(songs) for songs in read] == [3, 6, 6]
    assert oldest.address in read[0]


def test_build_again_makes_documents_of_changed_songs_alone_and_the_same_lists(
    settings, tmp_path, monkeypatch
):
    settings.STATE_DIR = tmp_path / "state"
    monkeypatch.setattr(documents, "BATCH", 7)
    likes = LikeFactory.create_batch(30)
    video = VideoFactory(song=likes[3].song)
    made = []
    to_document = documents.to_document
    monkeypatch.setattr(
        documents, "to_document", lambda *row: made.append(row[0].pk) or to_document(*row)
    )

    def build() -> tuple[str, list[int]]:
        made.clear()
        return training.build_index().version, sorted(made)

    first, read = build()
    assert read == sorted(Song.objects.values_list("pk", flat=True))
    assert build() == (first, [])
    UserLikedSong.objects.filter(pk=likes[0].pk).delete()
    fewer, read = build()
    assert (fewer == first, read) == (False, [])
    Song.objects.filter(pk=likes[1].song_id).update(genre="Polka")
    type(video).objects.filter(pk=video.pk).update(description="Accordion polka music")
    Song.objects.filter(pk=likes[2].song_id).delete()
    changed, read = build()
    assert read == sorted([likes[1].song_id, likes[3].song_id])
    settings.STATE_DIR = tmp_path / "another"
    assert build()[0] == changed


def test_build_tells_how_far_it_is_and_leaves_nothing_behind(own_index):
    LikeFactory.create_batch(3)
    (own_index / ".building-of-one-that-was-killed").mkdir(parents=True)
    told = []
    row = ScheduledJob(name=JOBS["build_index"].row_name, claimed_by="somebody", result="Built.")
    [jobs] = (a for model, a in admin.site._registry.items() if model is ScheduledJob)

    def tell(what, n_done, n_total):
        [gauge] = collect_build()
        assert [sample.labels for sample in gauge.samples] == [{"step": what}]
        assert jobs.outcome(row).startswith(f"Building: {what}: ")
        told.append((what, str(build_progress.read_progress()).partition(":")[0]))

    summary = training.build_index(tell)
    assert {what for what, _ in told} == {
        "reading songs",
        "reading likes",
        "choosing the ridge",
        "neighbours",
        "writing",
    }
    assert all(what == shown for what, shown in told)
    assert build_progress.read_progress() is None
    assert (jobs.outcome(row), [gauge.samples for gauge in collect_build()]) == ("Built.", [[]])
    names = {path.name for path in own_index.iterdir()}
    assert names == {summary.version, "CURRENT", "summary.json"}


def test_pages_have_every_row_once():
    SongFactory.create_batch(7)
    pages = list(key_pages.read_pages(Song.objects.all(), "pk", "artist", size=3))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [pk for page in pages for pk, _ in page] == sorted(
        Song.objects.values_list("pk", flat=True)
    )


@pytest.mark.parametrize("size", [3, 7, 20])
def test_count_pages_counts_every_row(monkeypatch, size):
    monkeypatch.setattr(key_pages, "_COUNTED_PAGE", size)
    assert key_pages.count_pages(Song.objects.all()) == 0
    SongFactory.create_batch(7)
    assert key_pages.count_pages(Song.objects.suggestible()) == 7
