"""Answers are compressed, but for those that show a secret."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccessToken
from music.models import Song
from tests.factories import ListenerFactory, SongFactory

pytestmark = pytest.mark.django_db
GZIP = {"Accept-Encoding": "gzip, deflate, br"}
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize("address", ["/about/", "/api/v1/schema", "/static/css/base.css"])
def test_pages_documents_and_styles_are_compressed_for_who_reads_it(client, address):
    plain = client.get(address)
    packed = client.get(address, headers=GZIP)
    assert (plain.status_code, plain.has_header("Content-Encoding")) == (200, False)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    sent, content = packed.getvalue(), plain.getvalue()
    # A form on a page has a new token each time.
    assert len(gzip.decompress(sent)) == len(content)
    assert len(sent) < len(content) / 2


def test_answer_to_a_question_is_compressed(client):
    Song.objects.bulk_create(SongFactory.build_batch(12))
    body = {"songs": ["Artist 1 - Song 1"]}
    answer = client.post("/suggestions", body, content_type="application/json", headers=GZIP)
    assert answer["Content-Encoding"] == "gzip"
    assert b"suggestions" in gzip.decompress(answer.content)


def test_drawings_that_are_small_already_stay_as_they_are(client):
    answer = client.get("/static/img/favicon.ico", headers=GZIP)
    assert answer.status_code == 200
    assert not answer.has_header("Content-Encoding")


def test_answer_that_shows_a_secret_is_not_compressed(client):
    operator = ListenerFactory(is_staff=True, is_superuser=True)
    client.force_login(operator, BACKEND)
    new_key = {"name": "shop", "scopes": ["read"]}
    once = client.get(reverse("tokens")).context["once"]
    answers = [
        client.post(reverse("tokens"), {"name": "program", "once": once}, headers=GZIP),
        client.get(reverse("tokens"), headers=GZIP),
        Client().get(reverse("account_login"), headers=GZIP),
        client.get(reverse("sharing"), headers=GZIP),
        client.post(reverse("admin:accounts_servicekey_add"), new_key, headers=GZIP),
        client.post("/api/v1/me/tokens", {"name": "b"}, "application/json", headers=GZIP),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 201]
    assert AccessToken.objects.count() == 2
    assert "tts_" in answers[4].content.decode()
    assert not any(answer.has_header("Content-Encoding") for answer in answers)
