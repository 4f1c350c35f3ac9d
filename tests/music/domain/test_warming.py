"""What a new worker loads beside its first requests."""

import gc
import threading

import pytest
from django.template import engines

from music.catalogue import song_index
from music.domain import index, warming
from music.pages.warming import compile_templates


@pytest.fixture(autouse=True)
def thawed():
    """Freezing is for a worker's whole life, not for the tests that follow."""
    yield
    gc.unfreeze()
    song_index.songs.forget()


def wait_for_warm_up():
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_names_are_loaded_beside_the_first_requests(catalogue):
    song_index.songs.forget()
    done = threading.Event()
    engine = engines["django"].engine
    engine.template_loaders[0].reset()
    warming.warm_up_beside([compile_templates], done.set)
    wait_for_warm_up()
    assert done.is_set()
    compiled = engine.template_loaders[0].get_template_cache.keys()
    assert "music/search.html" in compiled
    assert "music/_card.html" in {name for _, name in engines["jinja2"].env.cache}
    assert len(song_index.songs) >= len(catalogue)
    assert gc.get_freeze_count() > 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_cannot_warm_up_starts_all_the_same(monkeypatch, caplog):
    def fail():
        raise OSError("the disk is gone")

    monkeypatch.setattr(index, "get_snapshot", fail)
    done = threading.Event()
    warming.warm_up_beside([], done.set)
    wait_for_warm_up()
    assert done.is_set()
    assert "warming up failed" in caplog.text
    assert "the disk is gone" in caplog.text
