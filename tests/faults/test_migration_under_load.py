"""A live site is migrated: changes acknowledged meanwhile are captured and reach both databases.

The writers are processes of this version, which knows nothing of the migrations that the next
version's ``init_db`` applies; or of another version, if ``PYTEST_WRITERS_CODE`` names its folder.
"""

import os
from pathlib import Path

import pytest
from django.db import connections

from tests.servers.site import ROOT
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import is_in_service
from tunetrace_site.replication.models import RowVersion

from .campaign import Campaign
from .checker import describe
from .nemeses import migrated, put_back
from .test_campaign import assert_nothing_lost

N_LONG_RUNS = 10  # with each database leading


@pytest.fixture
def campaign(pair, preference):
    code = Path(os.environ.get("PYTEST_WRITERS_CODE", ROOT))
    campaign = Campaign(pair, preference, writers_code=code)
    yield campaign
    put_back(campaign)


def assert_migrated_and_equal(campaign):
    verdict = campaign.run(migrated)
    print(f"{campaign.preference} leading: {describe(verdict)}")
    assert_nothing_lost(verdict)
    assert set(verdict.outcomes) <= {"ok", "refused"}
    assert all(is_in_service(alias) for alias in (SQLITE, POSTGRES))
    moods = {alias: read_moods(alias) for alias in (SQLITE, POSTGRES)}
    assert moods[SQLITE] == moods[POSTGRES]
    versions = {alias: read_versions(alias) for alias in (SQLITE, POSTGRES)}
    assert versions[SQLITE] == versions[POSTGRES]


def read_moods(alias):
    """Return what the migration filled; 0 where this version wrote the row afterwards."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT id, mood FROM music_userlikedsong ORDER BY id")
        return cursor.fetchall()


def read_versions(alias):
    return set(RowVersion.objects.using(alias).values_list("table_name", "row_pk", "version"))


@pytest.mark.parametrize("preference", ["postgres"], indirect=True)
def test_migration_under_load_loses_nothing(campaign):
    assert_migrated_and_equal(campaign)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(N_LONG_RUNS))
def test_twenty_migrations_under_load_lose_nothing(campaign, number):
    assert_migrated_and_equal(campaign)
