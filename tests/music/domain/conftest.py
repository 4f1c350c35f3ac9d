"""The bundled catalogue in the test database, and an index built from it, once for the session."""

import shutil

import pytest
from django.conf import settings
from django.core.management import call_command

from music.caching import stack
from music.catalogue import name_keeping
from music.domain import index
from music.models import Song
from tests.servers.catalogue import copied_catalogue


@pytest.fixture(scope="module")
def catalogue(django_db_setup, django_db_blocker, make_site_folder):
    """The whole bundled catalogue with its index, for all tests of a module."""
    site = make_site_folder()
    shutil.copytree(site / "state/index", settings.INDEX_DIR, dirs_exist_ok=True)
    with django_db_blocker.unblock(), copied_catalogue(site):
        call_command("build_index", if_needed=True, quiet=True)
        index.forget()
        name_keeping.bring_up_to_date()
        yield Song.objects.in_bulk(field_name="address")
        # Tests of other folders know other songs.
        shutil.rmtree(settings.INDEX_DIR)
        index.forget()


@pytest.fixture(autouse=True)
def cold_caches():
    """No answer of another test is served."""
    stack.forget_everything()
