"""Health: alive without any database; ready says each part's state."""

import pytest

from music.caching import parts
from tests.factories import ListenerFactory
from tests.music.caching.conftest import reset_breaker, use_redis
from tests.servers.redis import RedisServer
from tunetrace_site import health
from tunetrace_site.replication.databases import SQLITE
from tunetrace_site.replication.marks import Mark, set_marks

pytestmark = pytest.mark.usefixtures("own_state")


@pytest.fixture
def operator(db, client):
    """A browser in which an operator is signed in."""
    client.force_login(
        ListenerFactory(is_staff=True), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_live_answers_without_any_database(client, path):
    response = client.get(path)  # without the db mark, a query would be an error
    assert (response.status_code, response.json()) == (200, {"status": "healthy"})
    assert response["Cache-Control"] == "private, no-store"


def test_live_answers_a_prober_that_uses_the_address_and_no_tls(client, settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["music.example.org"], True
    assert client.get("/health", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/about/", headers={"host": "10.0.0.7:8000"}).status_code == 400


def test_live_answers_scripts_of_an_allowed_origin(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://web.example.org"]
    response = client.get("/health", headers={"origin": "https://web.example.org"})
    assert response["Access-Control-Allow-Origin"] == "https://web.example.org"


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/metrics"])
def test_only_reading_is_allowed(client, path):
    assert client.post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/ready", "/health/ready/"])
def test_ready_names_the_state_of_every_part(operator, path):
    answer = operator.get(path)
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "ready")
    assert body["databases"] == {"SQLite": "up"}
    assert body["caches"] == {
        "redis": "off",
        "machine": "on",
        "near": "on",
        "likes": "on",
        "people": "on",
        "responses": "on",
        "queries": "on",
    }
    assert body["breakers"]["redis"] == "closed"


@pytest.mark.django_db
def test_ready_is_degraded_and_still_200_while_redis_is_down(operator, settings):
    with RedisServer() as server:
        use_redis(settings, server)
        assert operator.get("/health/ready").json()["caches"]["redis"] == "on"
        server.kill()
        parts.redis.measure()
        body = operator.get("/health/ready").json()
    reset_breaker()
    assert (body["status"], body["caches"]["redis"]) == ("degraded", "down")


@pytest.mark.django_db
def test_ready_is_503_when_no_database_answers(operator, monkeypatch):
    monkeypatch.setattr(health, "describe_databases", lambda: {"SQLite": "down"})
    answer = operator.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")


@pytest.mark.django_db
def test_sqlite_alone_is_not_judged_by_marks_of_another_time(operator, own_state):
    """Both databases were used once, and SQLite was marked as down then."""
    set_marks(SQLITE, Mark.DOWN)
    assert operator.get("/health/ready").json()["databases"] == {"SQLite": "up"}


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "word", "code"), [("up", "up", 200), ("down", "down", 503)])
def test_strangers_learn_only_whether_anything_can_be_served(
    client, monkeypatch, state, word, code
):
    monkeypatch.setattr(health, "describe_databases", lambda: {"SQLite": state})
    client.force_login(ListenerFactory(), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (code, {"status": word})


@pytest.mark.django_db
def test_token_of_the_metrics_is_told_everything(client, settings):
    settings.METRICS_TOKEN = "a-token-for-the-metrics"
    headers = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    assert "quota_left" in client.get("/health/ready", headers=headers).json()
    headers = {"Authorization": "Bearer another"}
    assert client.get("/health/ready", headers=headers).json() == {"status": "up"}
