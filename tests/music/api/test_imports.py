"""Many songs at once by API."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from music.libraries.writing import FORMATS
from music.models import PlaylistImport
from tests.factories import LikeFactory, SongFactory
from tests.work import finish_import

SAMPLES = Path(__file__).parent.parent.parent / "data" / "import_samples"


def test_list_of_songs_becomes_likes_whoever_asks(listener_api, listener, songs):
    names = [str(song) for song in songs]
    started = listener_api.send("POST", "/api/v1/imports", {"songs": names})
    assert started.status_code == 202
    assert (started.json()["state"], started.json()["n_total"]) == ("waiting", 15)
    address = started["Location"].removeprefix("http://testserver")
    assert listener_api.send("GET", address).json()["n_done"] == 0
    finish_import(started.json()["token"])
    progress = listener_api.send("GET", address).json()
    assert (progress["state"], progress["n_done"]) == ("done", 15)
    assert listener.liked_songs.count() == 15


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "playlist"),
        ({"playlist": "x", "songs": ["y"]}, "playlist"),
        ({"playlist": "https://example.org/"}, "playlist"),
        ({"playlist": 5}, "playlist"),
        ({"songs": []}, "songs"),
        ({"songs": ["a"] * 1001}, "songs"),
        ({"songs": ["Yesterday", "?"]}, "songs"),
        ({"songs": [{"name": "Yesterday"}]}, "songs"),
    ],
)
def test_bad_import_is_refused_and_nothing_is_begun(listener_api, body, field):
    response = listener_api.send("POST", "/api/v1/imports", body)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]
    assert PlaylistImport.objects.count() == 0


def test_import_under_a_key_begins_once(listener_api, service_api):
    def ask(client, songs, key, **more):
        body = json.dumps({"songs": songs, **more})
        headers = {"Idempotency-Key": key}
        return client.post("/api/v1/imports", body, "application/json", headers=headers)

    first = ask(listener_api, ["Yesterday"], "k1")
    again = ask(listener_api, ["Yesterday"], "k1")
    assert first.status_code == again.status_code == 202
    assert first.json()["token"] == again.json()["token"]
    other = ask(listener_api, ["Tomorrow"], "k1")
    assert (other.status_code, other.json()["code"]) == (409, "key_used")
    assert ask(listener_api, ["Yesterday"], "k2").status_code == 202
    assert ask(service_api, ["Yesterday"], "k1", user_id="somebody").status_code == 202
    assert PlaylistImport.objects.count() == 3
    too_long = ask(listener_api, ["Yesterday"], "k" * 256)
    assert (too_long.status_code, list(too_long.json()["fields"])) == (400, ["Idempotency-Key"])


def test_file_under_a_key_is_taken_once(listener_api):
    data, headers = b"title,artist\nPlain Tune,Clear Band\n", {"Idempotency-Key": "k"}
    answers = [
        listener_api.post(
            "/api/v1/imports", {"file": SimpleUploadedFile("a.csv", data)}, headers=headers
        )
        for _ in range(2)
    ]
    assert answers[0].json()["token"] == answers[1].json()["token"]
    assert PlaylistImport.objects.count() == 1


def send_file(client, data: bytes, name: str = "Gym.csv", **fields: str):
    form = {"file": SimpleUploadedFile(name, data), **fields}
    return client.post("/api/v1/imports", form)


def test_file_is_reviewed_row_by_row(listener_api, listener):
    names = [("Clear Band", "Plain Tune"), ("Third Choir", "Evening")]
    songs = [SongFactory(artist=artist, title=title) for artist, title in names]
    rows = f"{songs[0].title},{songs[0].artist}\nZzyzx,Nobody\n"
    started = send_file(listener_api, f"title,artist\n{rows}".encode())
    assert started.status_code == 202
    told = started.json()
    assert (told["state"], told["label"], told["source"]) == ("waiting", "Gym", "a table")
    assert (told["is_reviewed"], told["rows"]) == (True, {"waiting": 2})
    finish_import(told["token"])
    address = f"/api/v1/imports/{told['token']}"
    state = listener_api.send("GET", address).json()
    assert (state["state"], state["rows"]) == ("review", {"sure": 1, "missing": 1})
    listed = listener_api.send("GET", f"{address}/rows").json()
    assert [row["state"] for row in listed] == ["sure", "missing"]
    assert listed[0]["song_id"] == songs[0].address
    missing = listener_api.send("GET", f"{address}/rows?state=missing&limit=5").json()
    assert [row["name"] for row in missing] == ["Nobody - Zzyzx"]
    assert listener.liked_songs.count() == 0
    body = {"action": "like", "pile": "sure"}
    assert listener_api.send("POST", f"{address}/actions", body).json()["state"] == "waiting"
    finish_import(told["token"])
    body = {"action": "choose", "number": 2, "song_id": songs[1].address}
    assert listener_api.send("POST", f"{address}/actions", body).json()["state"] == "done"
    liked = listener.liked_songs.values_list("song", flat=True)
    assert set(liked) == {songs[0].pk, songs[1].pk}


def test_file_is_liked_at_once_where_no_review_is_wanted(listener_api, listener, songs):
    data = "\n".join(str(song) for song in songs).encode()
    started = send_file(listener_api, data, "list.txt", review="false")
    assert finish_import(started.json()["token"]).state == "done"
    assert listener.liked_songs.count() == len(songs)


def test_list_of_songs_is_reviewed_where_it_is_asked_for(listener_api, listener, songs):
    started = listener_api.send("POST", "/api/v1/imports", {"songs": ["x"], "review": True})
    assert finish_import(started.json()["token"]).state == "review"
    assert listener.liked_songs.count() == 0


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
def test_every_sample_is_taken(listener_api, name):
    if name != "README.md":
        response = send_file(listener_api, (SAMPLES / name).read_bytes(), name)
        assert response.status_code == 202, response.json()


@pytest.mark.parametrize(
    ("data", "fields", "field"),
    [
        (b"", {}, "file"),
        (b"title,artist\n" + b"," * 1_000_000, {}, "file"),
        (b"\x00" * 100, {}, "file"),
        (b"Song", {"review": "perhaps"}, "review"),
        (b"Song", {"other": "x"}, "other"),
        (b"Song", {"user_id": "a\x00b"}, "user_id"),
    ],
)
def test_bad_file_is_refused_and_nothing_is_begun(listener_api, data, fields, field):
    response = send_file(listener_api, data, **fields)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]
    assert PlaylistImport.objects.count() == 0


def test_form_without_a_file_or_with_two_is_refused(listener_api):
    files = [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")]
    for form in ({"review": "true"}, {"file": files}, {"file": "text"}, {"other": files[0]}):
        response = listener_api.post("/api/v1/imports", form)
        assert response.status_code == 400
        assert response.json()["fields"] == {"file": ["Send one file in the field file."]}


def test_file_that_is_too_long_is_413(listener_api):
    response = send_file(listener_api, b"x" * (21 * 2**20))
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_form_with_a_file_is_short_everywhere_else(listener_api):
    form = {"file": SimpleUploadedFile("a.txt", b"x" * 300_000)}
    assert listener_api.post("/api/v1/liked-songs", form).status_code == 413


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "dance"}, "action"),
        ({"action": "like"}, "pile"),
        ({"action": "choose", "number": 1}, "song_id"),
        ({"action": "leave"}, "number"),
        ({"action": "reword", "number": 1}, "words"),
        ({"action": "leave", "number": 0}, "number"),
        ({"action": "finish", "x": 1}, "x"),
    ],
)
def test_bad_action_is_refused_naming_the_field(listener_api, body, field):
    token = send_file(listener_api, b"title,artist\nSong,Band\n").json()["token"]
    response = listener_api.send("POST", f"/api/v1/imports/{token}/actions", body)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]


@pytest.mark.parametrize("kind", FORMATS)
def test_likes_are_exported_in_every_format(listener_api, listener, songs, kind):
    LikeFactory(user=listener, song=songs[0])
    for accept in ("*/*", "application/json", "text/html"):
        response = listener_api.get(
            f"/api/v1/liked-songs/export?format={kind}", headers={"Accept": accept}
        )
        assert response.status_code == 200
        assert response["Content-Type"] == f"{FORMATS[kind].content_type}; charset=utf-8"
    assert kind == "youtube" or songs[0].title in response.text


def test_suggestions_are_exported(listener_api, songs):
    answer = listener_api.get("/api/v1/me/suggestions/export?format=txt&limit=7")
    assert len(answer.text.splitlines()) == 7


def test_unknown_format_is_400_naming_it(listener_api):
    for address in ("liked-songs/export", "me/suggestions/export"):
        response = listener_api.get(f"/api/v1/{address}?format=exe")
        assert response.status_code == 400
        assert list(response.json()["fields"]) == ["format"]
