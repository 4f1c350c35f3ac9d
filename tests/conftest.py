"""Fixtures every test may use."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.management.commands import flush
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from music.caching import stack
from music.catalogue import name_keeping, song_index
from music.collecting.artists import artists as known_artists
from music.domain import index
from tests.servers.site import prepare_folder

pytest_plugins = ["tests.servers.youtube_fixture"]

admin.autodiscover()  # tests are made for each of its tables

# A machine that is busy with other things draws input slowly; that is no fault of the test. What
# hypothesis chooses for CI stays.
hypothesis_settings.register_profile(
    "busy",
    hypothesis_settings(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("busy")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database; after a flush its content types and permissions are put back as they were.

    Django makes them anew from all models instead, which took most of the time of each test with
    ``transactional_db``.
    """
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    with django_db_blocker.unblock():
        kept = {model: list(model.objects.all()) for model in (ContentType, Permission)}

    def put_back(verbosity: int, interactive: bool, database: str, **_: Any) -> None:
        for model, rows in kept.items():
            model.objects.using(database).bulk_create(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", put_back)
        yield


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """A folder that all processes of this run have in common."""
    of_this_process = tmp_path_factory.getbasetemp()
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    return of_this_process.parent if is_one_of_several else of_this_process


@pytest.fixture(scope="session")
def make_site_folder(tmp_path_factory, shared_folder) -> Callable[[], Path]:
    """Makes a folder in which ``running_site`` starts at once: catalogue and index are there."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("site")
        prepare_folder(folder, shared_folder)
        return folder

    return make


@pytest.fixture(autouse=True)
def empty_caches(request):
    """No test is answered by what another one left in a cache, or in the index of a few songs that
    a process makes for itself where there is no other.
    """
    stack.forget_everything()
    if "catalogue" not in request.fixturenames:
        name_keeping.drop_file()
        index.forget()
    song_index.songs.forget()
    known_artists.forget()
    cache.clear()


@pytest.fixture
def own_index(settings, tmp_path) -> Iterator[Path]:
    """An ``INDEX_DIR`` of the test's own, empty, which is returned: no index of another test is
    served, and none of this test in another one.
    """
    settings.INDEX_DIR = tmp_path / "index"
    index.forget()
    yield settings.INDEX_DIR
    index.forget()


@pytest.fixture
def own_state(settings, tmp_path) -> Iterator[Path]:
    """A ``STATE_DIR`` of the test's own, which is returned, and caches that use it."""
    settings.STATE_DIR = tmp_path
    stack.forget_everything()
    yield tmp_path
    stack.forget_everything()


@pytest.fixture
def admin_without_sidebar(monkeypatch):
    """Pages of admin without the list of all tables, which takes half of the time of thousands."""
    monkeypatch.setattr(admin.site, "enable_nav_sidebar", False)
    monkeypatch.setattr(admin.site, "get_app_list", lambda request, app_label=None: [])
