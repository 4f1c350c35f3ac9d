"""tunetrace_site/metrics.py: who may read, and what is exported."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as settings_of_site
from django.db import connection
from django.test import Client
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import User
from music.caching import keys, stack
from music.domain.impressions import SHED
from music.models import QuotaUsage
from music.youtube import quota
from tests.tunetrace_site.monitored import FOLDER, list_alerts, list_monitored
from tunetrace_site import metrics
from tunetrace_site.latencies import BOUNDS_SECONDS
from tunetrace_site.machine.breaker import Breaker

pytestmark = pytest.mark.usefixtures("own_state")

TOKEN = "a-token-for-the-metrics"


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return f"Bearer {TOKEN}"


def _read(client, authorization):
    response = client.get("/metrics", headers={"Authorization": authorization})
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer  {TOKEN}", 200),
        ("Bearer wrong", 403),
        ("Bearer ", 403),
        ("Bearer pässword", 403),
        (f"Basic {TOKEN}", 403),
        ("", 403),
    ],
)
@pytest.mark.django_db
def test_a_token_opens_the_metrics(client, token, path, authorization, status):
    headers = {"Authorization": authorization} if authorization else {}
    assert client.get(path, headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/metrics", "/health/ready", "/health"])
def test_another_method_is_told_so(path):
    response = Client(enforce_csrf_checks=True).post(path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db
def test_without_a_configured_token_no_token_opens_them(client, settings):
    settings.METRICS_TOKEN = None
    for offered in ("Bearer ", "Bearer None"):
        assert client.get("/metrics", headers={"Authorization": offered}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"is_staff": True}, 200),
        ({"is_superuser": True, "is_staff": True}, 200),
        ({}, 403),
        ({"is_staff": True, "is_active": False}, 403),
    ],
)
def test_staff_may_read_and_others_may_not(client, fields, status):
    client.force_login(
        User.objects.create_user("who@example.org", "secret", **fields),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert client.get("/metrics").status_code == status


@pytest.mark.django_db
def test_the_counts_of_the_tiers_are_exported(client, token):
    key = keys.suggestions_key(seeds=["song"])
    for _ in range(3):
        stack.suggestions.fetch(key, lambda: 1)
    samples = _read(client, token)
    assert samples["tunetrace_cache_hits_total", "near"] == 2
    assert samples["tunetrace_cache_misses_total", "near"] == 1
    assert samples["tunetrace_cache_entries", "near"] == 1
    assert samples["tunetrace_cache_memory_bytes", "near"] > 0


@pytest.mark.django_db
def test_the_states_of_breakers_are_exported(client, token):
    breaker = Breaker("exported", reset_seconds=60)
    breaker.record_failure()
    samples = _read(client, token)
    assert samples["tunetrace_breaker_state", "exported", "open"] == 1
    assert samples["tunetrace_breaker_state", "closed", "exported"] == 0
    assert samples["tunetrace_breaker_failures_total", "exported"] == 1


@pytest.mark.django_db
def test_other_parts_add_their_own(client, token, monkeypatch):
    monkeypatch.setattr(metrics, "_collects", list(metrics._collects))
    metrics.register(lambda: [GaugeMetricFamily("tunetrace_lag_seconds", "Lag.", value=1.5)])
    assert _read(client, token)["tunetrace_lag_seconds",] == 1.5


@pytest.mark.django_db
def test_the_quota_of_both_buckets_is_exported(client, token, settings):
    settings.YOUTUBE_API_KEY = "key"
    settings.YOUTUBE_DAILY_SEARCHES, settings.YOUTUBE_DAILY_UNITS = 100, 10_000
    quota.reserve(quota.SEARCH, 3, quota.LISTENER)
    quota.reserve(quota.UNITS, 40, quota.HARVEST)
    quota.believe_exhausted(quota.UNITS)
    samples = _read(client, token)
    for bucket, expected in {"search": (3, 100, 97), "units": (40, 10_000, 0)}.items():
        names = [f"tunetrace_youtube_quota_{name}" for name in ("used", "limit", "left")]
        assert tuple(samples[name, bucket] for name in names) == expected


@pytest.mark.django_db
def test_without_a_key_there_is_no_quota_to_export(client, token, settings):
    settings.YOUTUBE_API_KEY = None
    assert not [name for name, *_ in _read(client, token) if "quota" in name]


@pytest.mark.django_db
def test_quota_that_no_database_can_tell_is_left_out(settings):
    settings.YOUTUBE_API_KEY = "key"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {QuotaUsage._meta.db_table} RENAME TO gone")
    assert list(metrics.collect_quota()) == []


@pytest.mark.django_db
def test_latencies_are_a_histogram_by_route_without_values_of_listeners(client, token):
    for address in ("/api/v1/songs/some-secret/song", "/api/v1/songs/other/song/", "/admin/x/"):
        client.get(address)
    samples = _read(client, token)
    route = "api/v1/songs/<song:reference>"
    assert samples["tunetrace_request_seconds_bucket", "+Inf", route] == 2
    assert samples["tunetrace_request_seconds_count", route] == 2
    assert 0 < samples["tunetrace_request_seconds_sum", route] < 60
    assert samples["tunetrace_request_seconds_count", "admin"] == 1
    below = [samples["tunetrace_request_seconds_bucket", str(b), route] for b in BOUNDS_SECONDS]
    assert below == sorted(below)
    assert not [name for name in samples if "secret" in str(name)]


@pytest.mark.django_db
def test_every_metric_that_is_watched_is_exported(client, token, settings):
    """Those of two databases: replication/test_health.py."""
    settings.YOUTUBE_API_KEY = "key"
    quota.reserve(quota.SEARCH, 1, quota.LISTENER)
    key = keys.suggestions_key(seeds=["song"])
    for _ in range(2):
        stack.suggestions.fetch(key, lambda: 1)
    SHED.increment()
    Breaker("watched", reset_seconds=60).record_failure()
    client.get("/health/ready")
    exported = {name for name, *_ in _read(client, token)}
    watched = {name for name in list_monitored() if not name.startswith("tunetrace_database_")}
    assert len(watched) > 10
    assert watched <= exported


def test_every_alert_names_a_chapter_of_the_runbook():
    runbook = (FOLDER.parent / "runbook.md").read_text()
    chapters = {
        heading.casefold().replace(" ", "-").replace("'", "")
        for heading in re.findall(r"^## (.+)$", runbook, re.MULTILINE)
    }
    for rule in list_alerts():
        page, _, chapter = rule["annotations"]["runbook"].partition("#")
        assert (page, chapter in chapters) == ("docs/runbook.md", True), rule["alert"]


def test_log_lines_are_objects_where_that_is_wanted():
    """What settings make of LOG_FORMAT, in a process of its own."""
    script = (
        "import django, logging; django.setup()\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: logging.getLogger('music.x').exception('broke: %s', 7)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tunetrace_site.settings", "LOG_FORMAT": "json"}
    environment |= {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "STATE_DIR": str(settings_of_site.STATE_DIR),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    line = json.loads(done.stderr.splitlines()[-1])
    assert (line["level"], line["logger"], line["request_id"]) == ("ERROR", "music.x", "-")
    assert line["message"] == "broke: 7"
    assert "ZeroDivisionError" in line["exc_info"]
    assert line["at"].endswith(("Z", "+00:00"))
