"""Too many pages for one address are refused, counted by what they cost."""

import time

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from music.caching.request_counts import RequestCounter
from music.pages import throttle
from tests.music.caching.test_request_counts import Clock, alone


@pytest.fixture(autouse=True)
def counter(monkeypatch, settings):
    settings.PAGES_PER_MINUTE = 20
    counter = RequestCounter(alone, Clock())
    monkeypatch.setattr(throttle, "counter", counter)
    return counter


def count_until_refused(client: Client, path: str) -> int:
    for n in range(100):
        if client.get(path).status_code == 429:
            return n
    return 100


@pytest.mark.django_db
def test_address_that_asks_for_too_many_pages_is_told_when_to_come_back():
    assert 3 <= count_until_refused(Client(), "/about/") <= 20
    refused = Client().get("/search/?q=a")
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "Try again in 60 seconds" in refused.text
    assert Client(REMOTE_ADDR="198.51.100.7").get("/about/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health", "/health/ready", "/metrics", "/static/css/base.css"])
def test_what_is_no_page_is_not_counted(path):
    count_until_refused(Client(), "/about/")
    assert Client().get(path).status_code != 429


def answer(seconds: float) -> HttpResponse:
    """A page that takes ``seconds`` of the processor."""

    def view(request):
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass
        return HttpResponse()

    return throttle.ThrottleMiddleware(view)(RequestFactory().get("/page/"))


def test_page_that_takes_longer_weighs_more():
    assert [answer(0.11).status_code for _ in range(5)] == [200, 200, 200, 200, 429]


def test_page_of_a_cold_process_weighs_no_more_than_the_bound(settings):
    settings.PAGES_PER_MINUTE = throttle.MAX_POINTS + 3
    assert answer(1.0).status_code == 200
    assert answer(0).status_code == 200
