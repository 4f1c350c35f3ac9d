"""The server against the discovery document that the client library ships, and itself."""

import gzip
import json
import time
from functools import cache
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from jsonschema import Draft202012Validator

from tests.servers.youtube import TEST_KEY, running_server
from tests.servers.youtube_api import handler
from tests.servers.youtube_api.discovery import get_method, load_document
from tests.servers.youtube_api.endpoints import ENDPOINTS
from tests.servers.youtube_api.partial import parse_fields
from tests.servers.youtube_world.synthetic import RIGHT_KINDS, build_synthetic_world
from tests.servers.youtube_world.world import make_video_id

WORLD, SONGS = build_synthetic_world(n_artists=40, n_songs=400)
VIDEO_ID = next(iter(WORLD.videos))
CHANNEL = max(WORLD.channels.values(), key=lambda channel: len(channel.uploads))
UPLOADS = "UU" + CHANNEL.id[2:]
VALID_CALLS = [
    ("search", {"part": "snippet", "q": SONGS[0].title, "type": "video", "maxResults": 50}),
    ("search", {"part": "snippet", "q": CHANNEL.title}),
    ("videos", {"part": "snippet,contentDetails,statistics,status,topicDetails", "id": VIDEO_ID}),
    ("videos", {"part": "snippet", "chart": "mostPopular", "regionCode": "US"}),
    ("playlistItems", {"part": "snippet,contentDetails,status", "playlistId": UPLOADS}),
    ("channels", {"part": "snippet,contentDetails,statistics", "id": CHANNEL.id}),
    ("channels", {"part": "id", "forHandle": CHANNEL.handle}),
]


@pytest.fixture(scope="module")
def process():
    with running_server() as server:
        yield server


@pytest.fixture
def server(process):
    process.reset()
    process.configure(daily_searches=100, daily_units=10_000, latency_seconds=0)
    return process


def ask(server, resource, parameters, *, method="GET", headers=None, timeout=10):
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=timeout)
    query = urlencode({"key": TEST_KEY, **parameters})
    connection.request(method, f"/youtube/v3/{resource}?{query}", headers=headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def get(server, resource, **parameters):
    answer, content = ask(server, resource, parameters)
    return answer.status, json.loads(content)


@cache
def body_schema(name):
    """JSON Schema of a schema of the document, in which nothing unknown may appear."""
    definitions = {key: _closed(schema) for key, schema in load_document()["schemas"].items()}
    text = json.dumps({"$ref": f"#/$defs/{name}", "$defs": definitions})
    return json.loads(text)


def _closed(schema):
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    closed = {key: schema[key] for key in ("type", "enum") if key in schema}
    if closed.get("type") == "any":
        del closed["type"]
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    if "properties" in schema:
        closed["properties"] = {k: _closed(v) for k, v in schema["properties"].items()}
        closed["additionalProperties"] = False
    elif "additionalProperties" in schema:
        closed["additionalProperties"] = _closed(schema["additionalProperties"])
    return closed


@pytest.mark.parametrize(("resource", "parameters"), VALID_CALLS)
def test_answers_fit_the_discovery_document(server, resource, parameters):
    status, body = get(server, resource, **parameters)
    assert status == 200
    assert body["items"]
    validator = Draft202012Validator(body_schema(get_method(resource)["response"]["$ref"]))
    assert [error.message for error in validator.iter_errors(body)] == []


def test_body_check_can_fail():
    validator = Draft202012Validator(body_schema("VideoListResponse"))
    assert not validator.is_valid({"items": [{"snippet": {"tilte": "x"}}]})
    assert not validator.is_valid({"items": [{"statistics": {"viewCount": 3}}]})


def test_paths_are_those_of_the_document():
    paths = {f"/{get_method(resource)['path']}": resource for resource, _ in ENDPOINTS.values()}
    assert paths == {path: resource for path, (resource, _) in ENDPOINTS.items()}


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        ("search", {"relatedToVideoId": VIDEO_ID}),
        ("search", {"maxResult": 5}),
        ("search", {"maxResults": 51}),
        ("search", {"maxResults": "many"}),
        ("search", {"order": "best"}),
        ("search", {"part": "contentDetails"}),
        ("search", {"pageToken": "not-a-token"}),
        ("search", {"fields": "items(titel)"}),
        ("search", {"fields": "items(id"}),
        ("videos", {"chart": "mostPopular"}),
        ("videos", {"id": ",".join([VIDEO_ID] * 51)}),
        ("playlistItems", {"maxResults": 500}),
        ("channels", {"mine": "perhaps"}),
    ],
)
def test_parameters_that_google_refuses_are_refused(server, resource, change):
    parameters = next(given for name, given in VALID_CALLS[2:] + VALID_CALLS if name == resource)
    status, body = get(server, resource, **{**parameters, **change})
    assert status == 400
    assert body["error"]["code"] == 400
    assert body["error"]["errors"][0]["reason"]


def test_missing_part_and_missing_filter_are_refused(server):
    assert get(server, "search", q="x")[0] == 400
    assert get(server, "videos", part="id")[0] == 400
    assert get(server, "playlistItems", part="id")[0] == 400
    assert get(server, "search", part="snippet", videoCategoryId="10")[0] == 400


def test_video_category_without_chart_is_not_found(server):
    chart = {"part": "id", "chart": "mostPopular", "videoCategoryId": "22"}
    status, body = get(server, "videos", **chart)
    assert (status, body["error"]["errors"][0]["reason"]) == (404, "videoChartNotFound")


def test_unknown_playlist_is_404_in_the_recorded_shape(server):
    status, body = get(server, "playlistItems", part="id", playlistId="PLnothing")
    assert (status, body["error"]["errors"][0]["reason"]) == (404, "playlistNotFound")


def test_searches_and_units_have_their_own_buckets(server):
    server.configure(daily_searches=2, daily_units=1)
    search = {"part": "snippet", "q": "x"}
    assert [get(server, "search", **search)[0] for _ in range(3)] == [200, 200, 429]
    assert get(server, "videos", part="id", id=VIDEO_ID)[0] == 200
    status, body = get(server, "videos", part="id", id=VIDEO_ID)
    assert (status, body["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")
    assert server.report() == {
        "searches": 2,
        "units": 1,
        "refused": 2,
        "requests": 5,
        "probes": 0,
        "by_resource": {"search": 3, "videos": 2},
    }


def test_refused_search_says_which_quota(server):
    server.configure(daily_searches=0)
    status, body = get(server, "search", part="snippet", q="x")
    assert status == 429
    assert body["error"]["message"].startswith(
        "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day'"
    )


def test_invalid_calls_cost_too_and_calls_without_key_do_not(server):
    assert get(server, "videos", part="nonsense")[0] == 400
    assert get(server, "videos", part="id", id=VIDEO_ID, key="wrong")[0] == 400
    assert get(server, "videos", part="id", id=VIDEO_ID, key="")[0] == 403
    assert server.report()["units"] == 1


@pytest.mark.parametrize("mode", handler.REFUSALS)
def test_refusals_have_googles_shape(server, mode):
    server.fail(mode, times=1)
    status, body = get(server, "videos", part="id", id=VIDEO_ID)
    error = body["error"]
    assert status == error["code"] >= 400
    assert {"message", "domain", "reason"} == set(error["errors"][0])
    assert get(server, "videos", part="id", id=VIDEO_ID)[0] == 200


def test_fault_of_one_resource_leaves_the_others_alone(server):
    server.fail("backendError", resource="search")
    assert get(server, "search", part="snippet", q="x")[0] == 500
    assert get(server, "videos", part="id", id=VIDEO_ID)[0] == 200


def test_slow_answer_and_latency_take_their_time(server):
    server.configure(latency_seconds=0.1)
    server.fail("slow", times=1, seconds=0.2)
    started = time.perf_counter()
    assert get(server, "videos", part="id", id=VIDEO_ID)[0] == 200
    assert time.perf_counter() - started >= 0.3


def test_pages_cover_everything_once(server):
    given = {"part": "contentDetails", "playlistId": UPLOADS, "maxResults": 7}
    seen, token = [], {}
    while True:
        _, page = get(server, "playlistItems", **given, **token)
        seen += [item["contentDetails"]["videoId"] for item in page["items"]]
        if "nextPageToken" not in page:
            break
        token = {"pageToken": page["nextPageToken"]}
    assert seen == CHANNEL.uploads


def test_private_and_deleted_videos_keep_their_place_in_a_playlist_only(server):
    private, deleted = CHANNEL.uploads[:2]
    server.configure(videos={private: {"privacy": "private"}, deleted: {"upload": "deleted"}})
    _, videos = get(server, "videos", part="id", id=f"{private},{deleted}")
    _, items = get(server, "playlistItems", part="snippet,contentDetails", playlistId=UPLOADS)
    server.configure(videos={private: {"privacy": "public"}, deleted: {"upload": "processed"}})
    assert videos["items"] == []
    assert [item["snippet"]["title"] for item in items["items"][:2]] == ["Private video"] * 2
    assert "videoPublishedAt" not in items["items"][0]["contentDetails"]
    assert "videoOwnerChannelId" not in items["items"][0]["snippet"]


def test_titles_are_escaped_in_searches_only(server):
    server.configure(videos={VIDEO_ID: {"title": "Rock'n'Roll & \"More\""}})
    _, videos = get(server, "videos", part="snippet", id=VIDEO_ID)
    assert videos["items"][0]["snippet"]["title"] == "Rock'n'Roll & \"More\""
    video = WORLD.videos[VIDEO_ID]
    _, found = get(server, "search", part="snippet", q=video.title, type="video", maxResults=50)
    titles = {item["id"]["videoId"]: item["snippet"]["title"] for item in found["items"]}
    server.configure(videos={VIDEO_ID: {"title": video.title}})
    assert titles[VIDEO_ID] == "Rock&#39;n&#39;Roll &amp; &quot;More&quot;"


def test_search_without_type_returns_channels_too(server):
    _, body = get(server, "search", part="snippet", q=CHANNEL.title)
    assert body["items"][0]["id"] == {"kind": "youtube#channel", "channelId": CHANNEL.id}
    assert body["pageInfo"]["totalResults"] == 1_000_000


def test_partial_response_has_only_what_was_asked_for(server):
    fields = "items(id,snippet/title),pageInfo/totalResults"
    _, body = get(server, "videos", part="snippet,status", id=VIDEO_ID, fields=fields)
    title = WORLD.videos[VIDEO_ID].title
    assert body == {
        "items": [{"id": VIDEO_ID, "snippet": {"title": title}}],
        "pageInfo": {"totalResults": 1},
    }


def test_field_selections_nest():
    assert parse_fields("a,b(c,d/e),f/g(h)") == {
        "a": {},
        "b": {"c": {}, "d": {"e": {}}},
        "f": {"g": {"h": {}}},
    }


def test_answers_are_gzipped_for_who_accepts_it(server):
    given = {"part": "id", "id": VIDEO_ID}
    answer, content = ask(server, "videos", given, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(content))["items"][0]["id"] == VIDEO_ID


def test_long_get_may_come_as_post(server):
    override = {"X-HTTP-Method-Override": "GET"}
    given = {"part": "id", "id": VIDEO_ID}
    assert ask(server, "videos", given, method="POST", headers=override)[0].status == 200
    assert ask(server, "videos", given, method="POST")[0].status == 405


def test_synthetic_world_is_the_same_every_time_and_has_a_truth():
    again, songs = build_synthetic_world(n_artists=40, n_songs=400)
    assert list(again.videos) == list(WORLD.videos)
    assert len(songs) == len({(song.artist, song.title) for song in songs}) == 400
    assert all(song.right_ids for song in songs)
    for video in WORLD.videos.values():
        assert (video.id in SONGS[video.song].right_ids) == (video.kind in RIGHT_KINDS)


def test_real_world_answers_with_real_videos():
    with running_server(world="real") as server:
        _, body = get(server, "search", part="snippet", type="video", q="Led Zeppelin D'yer Mak'er")
        assert body["items"][0]["id"]["videoId"] == "SBmBhZB0x3k"


def test_ids_have_the_form_of_youtubes():
    assert len(make_video_id("x")) == 11
    assert len(CHANNEL.id) == 24
