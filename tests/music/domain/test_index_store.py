"""One index for all machines, in a folder and in a bucket: never half of one, nor an older one."""

import json
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess

import boto3
import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone
from moto.server import ThreadedMotoServer

from music.domain import index, index_store, training
from music.domain.index_store import StoreUnavailable, fetch, publish
from music.jobs.indexing import run_build
from music.models import ScheduledJob
from music.recommender import current_version
from tests.factories import SongFactory

BUCKET = "tunetrace"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def s3():
    """A server that speaks S3, and the variables by which it is found."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_REGION", "us-east-1")
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
        yield f"s3://{BUCKET}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request, settings, tmp_path):
    """An empty store; its URL is set."""
    url = f"file://{tmp_path}/shared"
    if request.param == "bucket":
        url = f"{request.getfixturevalue('s3')}/{tmp_path.name}"
    settings.INDEX_STORE_URL = url
    index_store._open_store.cache_clear()
    return index_store._open_store(url)


@pytest.fixture
def on(settings, tmp_path):
    """``with on("a"):`` is what processes on machine ``a`` see."""

    @contextmanager
    def machine(name):
        settings.INDEX_DIR = tmp_path / name / "index"
        settings.STATE_DIR = tmp_path / name
        index.forget()
        yield settings.INDEX_DIR
        index.forget()

    return machine


def build(n_songs=4):
    for _ in range(n_songs):
        SongFactory()
    return training.build_index()


def test_all_machines_serve_the_version_that_one_has_built(store, on):
    with on("a"):
        built = build()
        publish()
        assert not fetch()
    with on("b") as folder:
        assert fetch()
        assert (index.get_version(), training.read_summary()) == (built.version, built)
        assert index.get_snapshot().n_songs == 4
        assert not fetch()
        assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    with on("a"):
        newer = build()
        publish()
    with on("b") as folder:
        before = index.get_snapshot()
        assert fetch()
        index._looked_at = 0.0
        assert index.get_version() == newer.version != built.version
        assert before.n_songs == 4  # still mapped by who reads it
        assert {path.name for path in folder.iterdir() if path.is_dir()} == {
            built.version,
            newer.version,
        }


def test_older_index_of_the_store_replaces_nothing(store, on):
    with on("a"):
        build()
        publish()
    with on("b"):
        newer = build()
        assert not fetch()
        assert current_version(training.settings.INDEX_DIR) == newer.version
        publish()
    with on("a"):
        assert fetch()


def test_nothing_is_fetched_while_this_machine_builds(store, on):
    with on("a"):
        build()
        publish()
    with on("b"):
        with training.only_builder():
            assert not fetch()
        assert fetch()


def test_half_published_version_is_never_seen(store, on):
    """Its files are there and ``CURRENT`` is not yet: what serves goes on."""
    with on("a"):
        first = build()
        publish()
        second = build()
        folder = training.settings.INDEX_DIR / second.version
        for path in list(folder.iterdir())[:3]:
            index_store.obstore.put(store, index_store._place(second.version, path.name), path)
    with on("b"):
        assert fetch()
        assert index.get_version() == first.version


@pytest.mark.parametrize("damage", ["changed", "shorter", "missing", "manifest", "current"])
def test_damaged_version_is_not_put_in_place(store, on, damage):
    with on("a"):
        first = build()
        publish()
    with on("b"):
        fetch()
    with on("a"):
        second = build()
        publish()
    names = {file["path"] for page in index_store.obstore.list(store) for file in page}
    array = next(name for name in sorted(names) if second.version in name and "facts." in name)
    content = bytearray(bytes(index_store.obstore.get(store, array).bytes()))
    content[-1] ^= 1
    place = {
        "manifest": index_store._place(second.version, "manifest.json"),
        "current": index_store._place("CURRENT"),
    }.get(damage, array)
    if damage == "missing":
        index_store.obstore.delete(store, [place])
    else:
        made = {"changed": bytes(content), "shorter": bytes(content[:-1])}.get(damage, b"{}")
        index_store.obstore.put(store, place, made)
    with on("b") as folder:
        with pytest.raises(StoreUnavailable, match=r"the index could not be (fetched|looked for)"):
            fetch()
        assert index.get_version() == first.version
        assert not list(folder.glob(".fetching-*"))


def test_version_that_was_replaced_long_ago_is_removed(store, on, monkeypatch):
    with on("a"):
        first = build()
        publish()
        second = build()
        publish()
        assert _versions(store) == {first.version, second.version}
        monkeypatch.setattr(index_store, "KEPT_FOR", timedelta(seconds=-60))
        publish()
        assert _versions(store) == {second.version}


def _versions(store):
    pages = index_store.obstore.list(store)
    paths = [Path(file["path"]) for page in pages for file in page]
    return {path.parent.name for path in paths if path.name != "CURRENT"}


def test_machine_that_starts_without_an_index_fetches_it(store, on, capsys):
    with on("a"):
        built = build()
        publish()
    with on("b") as folder:
        (folder / ".fetching-killed").mkdir(parents=True)
        call_command("build_index", fetch=True)
        assert not list(folder.glob(".fetching-*"))
        assert f"Fetched index {built.version}" in capsys.readouterr().out
        assert np.array_equal(index.get_snapshot().popular, index.get_snapshot().popular)


def test_only_who_has_the_claim_builds(settings, store, on, capsys):
    with on("a"):
        build()
        ScheduledJob.objects.update_or_create(
            name="build_index",
            defaults={"claimed_by": "another", "claimed_at": timezone.now()},
        )
        call_command("build_index")
        assert "Another machine is building the index." in capsys.readouterr().out
        ScheduledJob.objects.update(claimed_by="", claimed_at=None)
        call_command("build_index")
        assert "Built index" in capsys.readouterr().out
    with on("b"):
        assert fetch()


def test_job_of_another_machine_leaves_the_build_to_who_has_the_claim(
    settings, store, on, monkeypatch
):
    def run_here(command, **_):
        said = StringIO()
        call_command(*command[2:], stdout=said)
        return CompletedProcess(command, 0, said.getvalue(), "")

    settings.INDEX_AUTO_BUILD = True
    monkeypatch.setattr("music.jobs.indexing.subprocess.run", run_here)
    ScheduledJob.objects.create(name="build_index", claimed_by="another", claimed_at=timezone.now())
    with on("a"):
        assert run_build().endswith(" Another process was building it.")
        ScheduledJob.objects.update(claimed_by="", claimed_at=None)
        assert "Built index" in run_build()


def test_job_publishes_what_could_not_be_published(settings, store, on):
    settings.INDEX_AUTO_BUILD = True
    with on("a"):
        build()
        assert run_build().endswith(" Published the index.")
        assert run_build().endswith(" The index is up to date.")
    with on("b"):
        assert run_build().endswith(" The index is up to date.")
        assert json.loads((settings.INDEX_DIR / "summary.json").read_text())["n_songs"] == 4


def test_store_that_is_away_stops_nobody(settings, on, tmp_path):
    (tmp_path / "file").write_text("no folder")
    settings.INDEX_STORE_URL = f"file://{tmp_path}/file"
    index_store._open_store.cache_clear()
    with on("a"):
        built = build()
        for action in (publish, fetch, index_store.meet_store):
            with pytest.raises(StoreUnavailable, match="the index could not be"):
                action()
        assert index.get_version() == built.version
