"""The OpenAPI document, the Swagger page and the browsable API."""

import re

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from openapi_spec_validator import OpenAPIV30SpecValidator

from music.api.codes import CODES
from music.api.fields import RequestSerializer
from music.api.serializers import SuggestionListSerializer, describe_suggestions
from music.api.urls import urlpatterns
from music.records import Cause, Suggestion, SuggestionList
from tests.factories import LikeFactory


@pytest.fixture(scope="module")
def schema():
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(public=True)


def test_document_is_valid_and_made_without_warnings(schema):
    validate_schema(schema)
    assert [str(error) for error in OpenAPIV30SpecValidator(schema).iter_errors()] == []
    assert (GENERATOR_STATS._error_cache, GENERATOR_STATS._warn_cache) == ({}, {})


def test_every_route_is_documented_once(schema):
    routes = {
        "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(entry.pattern)) for entry in urlpatterns
    }
    left_out = {"/api/v1/", "/api/v1/schema", "/api/v1/docs", r"/api/v1/^[\s\S]*$"}
    assert set(schema["paths"]) == {route for route in routes if not route.endswith("/")} - left_out


def test_every_operation_says_how_to_call_it_and_what_can_go_wrong(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert {"bearer": []} in operation["security"], (path, method)
            assert {"401", "429"} <= set(operation["responses"]), (path, method)
            assert operation["description"], (path, method)


def walk(node):
    """Every object of the document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def test_document_has_what_linters_ask_for(schema):
    assert schema["info"]["license"]["name"] == "MIT"
    assert schema["servers"]
    assert schema["info"]["contact"]
    tags = {tag["name"] for tag in schema["tags"]}
    summaries = []
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert set(operation["tags"]) <= tags
            summaries.append(operation["summary"])
            assert all(answer["description"] for answer in operation["responses"].values())
    assert len(set(summaries)) == len(summaries)
    for node in walk(schema):
        assert "``" not in str(node.get("description", "")), node
        if isinstance(required := node.get("required"), list):
            assert set(required) <= set(node["properties"]), node
        assert "nullable" not in node or "type" in node or "allOf" in node, node
        if isinstance(node.get("default"), str):
            assert len(node["default"]) >= node.get("minLength", 0), node
        if "|" in (pattern := node.get("pattern", "")):
            assert re.fullmatch(r"\^\(\?:.*\)?\$|\^\(\?:.*\$", pattern), pattern


def test_answers_say_which_fields_they_have(schema):
    components = schema["components"]["schemas"]
    optional = {
        (name, field)
        for name, body in components.items()
        if "properties" in body and not is_closed(body) and name != "FileRequest"
        for field in set(body["properties"]) - set(body.get("required", ()))
    }
    assert optional == {("Error", "hint"), ("Error", "fields"), ("SuggestionList", "notices")}
    [codes] = components["Error"]["properties"]["code"]["allOf"]
    assert set(CODES) == set(components[codes["$ref"].rpartition("/")[2]]["enum"])


def test_operation_open_to_all_needs_no_credentials(schema):
    open_to_all = {
        path
        for path, methods in schema["paths"].items()
        for operation in methods.values()
        if {} in operation["security"]
    }
    songs = {"songs", "songs/{reference}", "songs/{reference}/similar", "genres"}
    others = {"suggestions", "discover", "shared/{token}"}
    assert open_to_all == {f"/api/v1/{name}" for name in songs | others}


def is_closed(component) -> bool:
    return component.get("additionalProperties") is False


def test_bodies_are_documented_as_strictly_as_they_are_read(schema):
    components = schema["components"]["schemas"]
    closed = {name for name, body in components.items() if is_closed(body)}
    names = {form.__name__.removesuffix("Serializer") for form in FORMS}
    # One form extends another; for the body of a DELETE OpenAPI 3.0 has no place.
    assert closed == names - {"DeletionRequest"} | {"PlaybackRequest", "MixChange"}
    assert components["SuggestionRequest"]["properties"]["songs"]["items"]["minLength"] == 1


FORMS = sorted(RequestSerializer.__subclasses__(), key=lambda form: form.__name__)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_example_of_every_body_is_a_good_one(form):
    assert form.example
    body = form(data=form.example)
    assert body.is_valid(), body.errors


@pytest.mark.django_db
def test_browsable_api_offers_the_example(client):
    page = client.get("/api/v1/discover", headers={"accept": "text/html"}).content.decode()
    assert "sad 90s rock" in page


@pytest.mark.django_db
def test_browsable_api_leads_to_signing_in_and_on(client):
    refused = client.get("/api/v1/me?a=b", headers={"accept": "text/html"})
    page = refused.content.decode()
    assert refused.status_code == 401
    assert 'href="/accounts/login/?next=%2Fapi%2Fv1%2Fme%3Fa%3Db"' in page
    assert "Authorization: Bearer" in page
    like = LikeFactory()
    client.force_login(like.user, "django.contrib.auth.backends.ModelBackend")
    page = client.get("/api/v1/liked-songs", headers={"accept": "text/html"}).content.decode()
    links = set(re.findall(r'<a href="(/api/v1/[^"]+)">', page))
    song = f"/api/v1/songs/{like.song.address}"
    assert {f"/api/v1/liked-songs/{like.pk}", song, f"{song}/similar"} <= links
    assert "Log in" not in page
    for address in links:
        assert client.get(address, headers={"accept": "text/html"}).status_code == 200, address
    page = client.get(f"/api/v1/liked-songs/{like.pk}", headers={"accept": "text/html"})
    shown = page.content.decode()
    assert 'name="_content"' in shown  # the form of PATCH
    assert "btn-danger" in shown  # the button of DELETE
    export = client.get("/api/v1/me/export", headers={"accept": "text/html"})
    assert "Content-Disposition" not in export
    assert "Content-Disposition" in client.get("/api/v1/me/export")
    root = client.get("/api/v1/").json()
    assert client.get(root["schema"])["Content-Type"] == "application/json"


def test_hot_path_answers_in_the_documented_shape():
    answer = SuggestionList(
        suggestions=(
            Suggestion(
                song_id="a/t",
                title="T",
                artist="A",
                year=1991,
                video_id="v1",
                score=0.5,
                stage="content",
                because=(Cause("c/c", "C", 1.0),),
            ),
            Suggestion(song_id="b/u", title="U", artist="B", score=0.25, stage="popular"),
        ),
        unresolved=("x",),
        notices=("n",),
    )
    assert describe_suggestions(answer) == SuggestionListSerializer(answer).data


def test_document_is_served_and_made_once(client, monkeypatch):
    response = client.get("/api/v1/schema/")
    assert response.status_code == 200
    assert yaml.safe_load(response.content)["info"]["title"] == "TuneTrace API"
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)
    assert client.get("/api/v1/schema/").content == response.content


def test_swagger_page_needs_no_other_site(client):
    response = client.get("/api/v1/docs/")
    assert response.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', response.content.decode())
    assert len(loaded) >= 3
    assert [address for address in loaded if "//" in address] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "suggestions", "songs?query=a", "genres"])
def test_browsable_api_bears_the_name_of_the_site(client, address):
    response = client.get(f"/api/v1/{address}", headers={"accept": "text/html"})
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "<title>" in response.content.decode()
    assert "TuneTrace API" in response.content.decode()
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', response.content.decode())
    assert [address for address in loaded if re.match(r"(https?:)?//(?!testserver)", address)] == []
