"""A request's id is taken, made, answered and logged; the policy is sent."""

import logging
import re

import pytest
from csp.utils import build_policy
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


PAGES = ("/", "/about/", "/nowhere", "/accounts/login/", "/admin/login/", "/api/v1/")


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/docs/", "/api/v1/me", "/static/css/base.css"])
def test_every_answer_says_what_others_may_do_with_it(client, db, path):
    response = client.get(path)
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"].split(" 'nonce-")[0] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"].split(", ")
    player = '(self "https://www.youtube-nocookie.com")'
    assert f"autoplay={player}" in response["Permissions-Policy"].split(", ")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in response.headers


@pytest.mark.parametrize("path", ["/", "/api/v1/docs/", "/admin/login/", "/nowhere"])
def test_windows_that_others_open_cannot_reach_ours(client, db, path):
    assert client.get(path)["Cross-Origin-Opener-Policy"] == "same-origin"


def test_documentation_has_a_new_nonce_each_time(client, db):
    pages = [client.get("/api/v1/docs/") for _ in range(2)]
    nonces = [re.findall("nonce-([^']+)'", page["Content-Security-Policy"]) for page in pages]
    assert nonces[0] != nonces[1]
    for page, (style, script) in zip(pages, nonces, strict=True):
        assert style == script
        assert page.text.count(f'nonce="{style}"') == 2
        assert page.text.count("<script") == page.text.count("<script src=") + 1


def test_answer_without_a_length_is_given_one():
    response = RequestIdMiddleware(lambda _: HttpResponse("abc"))(RequestFactory().get("/"))
    assert response["Content-Length"] == "3"


def test_an_unknown_address_lists_no_routes_in_development_either(client, settings, db):
    settings.DEBUG = True
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "urlpatterns" not in response.text
    assert "URLconf" not in response.text
    assert client.get("/likes").status_code == 301


def test_policy_is_the_one_that_django_csp_builds(client, db):
    assert client.get("/about/")["Content-Security-Policy"] == build_policy()
    documentation = client.get("/api/v1/docs")
    [nonce] = set(re.findall(r'nonce="([^"]+)"', documentation.content.decode()))
    assert documentation["Content-Security-Policy"] == build_policy(nonce=nonce)
