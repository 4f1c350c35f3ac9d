"""A request's id is taken, made, answered and logged; the policy is sent."""

import logging
import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tunetrace_site.middleware import RequestIdFilter, RequestIdMiddleware


def answer(offered: str | None = None, view=lambda request: HttpResponse()) -> str:
    headers = {} if offered is None else {"X-Request-ID": offered}
    response = RequestIdMiddleware(view)(RequestFactory().get("/", headers=headers))
    return response["X-Request-ID"]


def read_log_id() -> str:
    record = logging.makeLogRecord({})
    assert RequestIdFilter().filter(record)
    return record.request_id


def test_id_of_a_proxy_is_kept():
    assert answer("abc-123_X.y") == "abc-123_X.y"


@pytest.mark.parametrize("offered", [None, "", "a b", "a\nb", "é", "a" * 65, "<script>"])
def test_id_is_made_where_there_is_no_good_one(offered):
    assert re.fullmatch(r"[0-9a-f]{12}", answer(offered))


def test_ids_differ():
    assert answer() != answer()


def test_log_lines_of_a_request_have_its_id_and_others_none():
    seen = []

    def view(request):
        seen.append(read_log_id())
        return HttpResponse()

    assert read_log_id() == "-"
    assert answer("one", view) == "one"
    assert seen == ["one"]
    assert read_log_id() == "-"


def test_line_that_django_logs_after_the_request_has_its_id():
    request = RequestFactory().get("/", headers={"X-Request-ID": "three"})
    RequestIdMiddleware(lambda _: HttpResponse(status=404))(request)
    record = logging.makeLogRecord({"request": request})
    assert RequestIdFilter().filter(record)
    assert record.request_id == "three"


def test_id_ends_with_a_request_that_raises():
    def view(request):
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError):
        answer("two", view)
    assert read_log_id() == "-"


@pytest.mark.django_db
def test_id_is_answered_by_the_site(client):
    assert client.get("/health", headers={"X-Request-ID": "three"})["X-Request-ID"] == "three"


def test_policy_is_sent_with_every_page_but_swaggers(client, db):
    assert "default-src 'self'" in client.get("/about/")["Content-Security-Policy"].split("; ")
    assert "Content-Security-Policy" not in client.get("/api/v1/docs/")
