"""The warm path: JSON made once, no query, and the same bytes as by the long way."""

import json

import pytest
from rest_framework.renderers import JSONRenderer

from music.api.encoded_lists import PreparedJSONRenderer, prepare_suggestions
from music.api.serializers import describe_suggestions
from music.records import Cause, Suggestion, SuggestionList

ANSWER = SuggestionList(
    suggestions=(
        Suggestion(
            song_id="tool/ænima",
            title="Ænima\u2028",
            artist="Tool",
            score=0.5,
            stage="content",
            because=(Cause("x/東京", "東京", 1.0),),
        ),
    ),
    unresolved=("🎵 x",),
)


def test_prepared_json_is_what_the_usual_renderer_makes():
    prepared = prepare_suggestions(ANSWER)
    assert prepared == describe_suggestions(ANSWER)
    encoded = PreparedJSONRenderer().render(prepared, "application/json", {})
    assert encoded == JSONRenderer().render(describe_suggestions(ANSWER))
    assert json.loads(encoded) == prepared


def test_answer_is_prepared_once_and_another_apart():
    assert prepare_suggestions(ANSWER) is prepare_suggestions(ANSWER)
    other = SuggestionList(ANSWER.suggestions, unresolved=("🎵 y",))
    assert prepare_suggestions(other)["unresolved"] == ["🎵 y"]


def test_indented_json_is_indented():
    prepared = prepare_suggestions(ANSWER)
    renderer = PreparedJSONRenderer()
    assert b"\n    " in renderer.render(prepared, "application/json; indent=4", {})
    assert b"\n    " in renderer.render(prepared, "application/json", {"indent": 4})


def test_other_answers_are_encoded():
    assert PreparedJSONRenderer().render({"a": [1]}) == b'{"a":[1]}'


def test_warm_anonymous_request_makes_no_query(api, songs, django_assert_num_queries):
    body = {"songs": [str(songs[0]), str(songs[1])]}
    cold = api.send("POST", "/suggestions", body)
    with django_assert_num_queries(0):
        warm = api.send("POST", "/suggestions", body)
    assert warm.content == cold.content


@pytest.mark.parametrize(
    ("accept", "query", "content_type"),
    [
        (None, "", "application/json"),
        ("*/*", "", "application/json"),
        ("application/json", "", "application/json"),
        ("application/json, text/plain, */*", "", "application/json"),
        ("text/html", "", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "", "text/html; charset=utf-8"),
        ("*/*", "?format=api", "text/html; charset=utf-8"),
        ("text/html,*/*;q=0.8", "?format=json", "application/json"),
        ("application/json; indent=2", "", "application/json"),
        ("application/json", "?query=x", "application/json"),
    ],
)
@pytest.mark.django_db
def test_form_of_the_answer_is_the_one_asked_for(client, accept, query, content_type):
    headers = {} if accept is None else {"accept": accept}
    response = client.get(f"/api/v1/{query}", headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == content_type


@pytest.mark.django_db
@pytest.mark.parametrize(("accept", "query"), [("image/png", ""), ("*/*", "?format=xml")])
def test_form_that_there_is_not_is_refused(client, accept, query):
    response = client.get(f"/api/v1/{query}", headers={"accept": accept})
    assert response.status_code in {404, 406}
    assert response.json()["detail"]
