"""One shape for all errors, one table for their statuses."""

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.exceptions import APIException, ValidationError

from music import errors
from music.api.codes import CODES
from music.api.errors import flatten_fields, handle_exception
from music.domain import suggestions
from music.statuses import STATUS_BY_CODE


def list_codes() -> set[str]:
    """The code of every error that the domain can raise."""
    found, classes = set(), [errors.TuneTraceError]
    while classes:
        children = classes.pop().__subclasses__()
        found |= {child.code for child in children}
        classes += children
    return found


def test_every_code_of_the_domain_has_a_status():
    assert set(STATUS_BY_CODE) == list_codes()


def test_every_code_of_the_framework_is_documented():
    framework, classes = set(), [APIException]
    while classes:
        children = classes.pop().__subclasses__()
        framework |= {child.default_code for child in children}
        classes += children
    # A ValidationError is answered as invalid_input.
    assert framework - {"invalid", "error"} <= set(CODES)


def test_invalid_input_names_the_field():
    response = handle_exception(errors.InvalidInput("songs", "Too many.", hint="Send fewer."), {})
    assert response.status_code == 400
    assert response.data == {
        "detail": "songs: Too many.",
        "code": "invalid_input",
        "status": 400,
        "title": "Bad Request",
        "fields": {"songs": ["Too many."]},
        "hint": "Send fewer.",
    }


def test_nothing_to_suggest_says_when_to_come_back():
    response = handle_exception(errors.NothingToSuggest("Nothing is known."), {})
    assert (response.status_code, response["Retry-After"]) == (503, "60")


def test_quota_exhausted_says_when_it_resets():
    until = datetime.now(UTC) + timedelta(hours=2)
    error = errors.QuotaExhausted("No searches left.", bucket="search", until=until)
    response = handle_exception(error, {})
    assert response.status_code == 503
    assert 7190 <= int(response["Retry-After"]) <= 7200


def test_unavailable_source_says_when_to_try_again():
    error = errors.SourceUnavailable("YouTube is slow.", retry_after_seconds=2.5)
    assert handle_exception(error, {})["Retry-After"] == "3"


def test_unexpected_error_is_left_to_django():
    assert handle_exception(RuntimeError("bug"), {}) is None


@pytest.mark.parametrize(
    ("detail", "fields"),
    [
        ({"songs": ["Missing."]}, {"songs": ["Missing."]}),
        ({"songs": {0: ["Empty."], 4: ["Long."]}}, {"songs": ["Item 1: Empty.", "Item 5: Long."]}),
        ({"non_field_errors": ["No object."]}, {"body": ["No object."]}),
        (["No object."], {"body": ["No object."]}),
        ({"a": {"b": ["Wrong."]}}, {"a": ["b: Wrong."]}),
    ],
)
def test_nested_errors_become_sentences_of_a_field(detail, fields):
    assert flatten_fields(ValidationError(detail).detail) == fields


def fail(*_, **__):
    raise RuntimeError("secret detail")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/suggestions", "/api/v1/suggestions/"])
def test_bug_is_answered_in_json_and_gives_nothing_away(client, monkeypatch, address):
    monkeypatch.setattr(suggestions, "_hear", fail)
    client.raise_request_exception = False
    response = client.post(address, {"songs": ["Yesterday"]}, "application/json")
    assert response.status_code == 500
    assert response.json()["code"] == "error"
    assert b"secret detail" not in response.content


def test_bug_of_a_page_is_answered_with_a_page(client, monkeypatch):
    monkeypatch.setattr("music.pages.views.site.render", fail)
    client.raise_request_exception = False
    response = client.get("/about/")
    assert response.status_code == 500
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert b"secret detail" not in response.content
