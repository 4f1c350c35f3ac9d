"""Mixes and reports of videos by the API."""

import pytest

from music.models import Mix, VideoReport
from tests.factories import LikeFactory, SongFactory, VideoFactory

MIXES = "/api/v1/mixes"


@pytest.fixture
def songs(db):
    return SongFactory.create_batch(3)


def test_mix_is_kept_listed_changed_exported_and_deleted(listener_api, listener, songs):
    ids = [song.address for song in songs]
    made = listener_api.send("POST", MIXES, {"name": "Morning", "song_ids": [*ids[:2], "no/song"]})
    assert made.status_code == 201
    token = made.json()["token"]
    assert made["Location"].endswith(f"{MIXES}/{token}")
    assert [song["id"] for song in made.json()["songs"]] == ids[:2]
    [listed] = listener_api.get(MIXES).json()
    assert (listed["name"], listed["n_songs"]) == ("Morning", 2)
    address = f"{MIXES}/{token}"
    changed = listener_api.send("PATCH", address, {"song_ids": [ids[2], ids[0]]}).json()
    assert [song["title"] for song in changed["songs"]] == [songs[2].title, songs[0].title]
    assert listener_api.send("PATCH", address, {"name": 'No\u00ebl "1"'}).json()["n_songs"] == 2
    file = listener_api.get(f"{address}/export?format=txt")
    assert file.content.decode().splitlines() == [
        f"{song.artist} - {song.title}" for song in (songs[2], songs[0])
    ]
    assert "No%C3%ABl" in file["Content-Disposition"]
    assert listener_api.send("DELETE", address).status_code == 204
    assert not Mix.objects.exists()


def test_mix_under_a_key_is_made_once(listener_api, songs):
    def ask(key, **body):
        body = {"name": "Morning", "song_ids": [songs[0].address], **body}
        headers = {"Idempotency-Key": key}
        return listener_api.post(MIXES, body, "application/json", headers=headers)

    made = ask("k")
    assert (ask("k").status_code, ask("k").json()) == (201, made.json())
    assert ask("k", name="Evening").status_code == 409
    assert ask("k" * 256).status_code == 400
    assert {ask("k2").status_code, ask("k3").status_code} == {201}
    assert Mix.objects.count() == 3
    listener_api.send("DELETE", f"{MIXES}/{made.json()['token']}")
    assert ask("k", name="Evening").status_code == 201


def test_mix_of_songs_that_nobody_knows_is_not_found(listener_api, songs):
    body = {"name": "A", "song_ids": ["no/song"]}
    assert listener_api.send("POST", MIXES, body).status_code == 404
    assert not Mix.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "A"},
        {"name": "A", "song_ids": []},
        {"name": "!", "song_ids": ["a/b"]},
        {"name": "x" * 101, "song_ids": ["a/b"]},
        {"name": 1, "song_ids": ["a/b"]},
        {"name": "A", "song_ids": "a/b"},
        {"name": "A", "song_ids": ["a/b"] * 201},
    ],
)
def test_mix_that_cannot_be_is_refused(listener_api, listener, songs, body):
    SongFactory(artist="a", title="b")
    assert listener_api.send("POST", MIXES, body).status_code == 400
    mix = Mix.objects.create(user=listener, name="Mine", song_ids=[songs[0].address])
    if "name" not in body or body.get("song_ids"):
        changed = listener_api.send("PATCH", f"{MIXES}/{mix.token}", body)
        assert changed.status_code == 400
    mix.refresh_from_db()
    assert (mix.name, mix.song_ids) == ("Mine", [songs[0].address])


def test_reported_video_is_swapped_in_every_list(listener_api, listener):
    song = SongFactory(is_bundled=True)
    first, second = (VideoFactory(song=song, view_count=n) for n in (9000, 10))
    LikeFactory(user=listener, song=song)
    mix = Mix.objects.create(user=listener, name="M", song_ids=[song.address])
    lists = {
        "/api/v1/liked-songs": lambda data: data[0],
        f"/api/v1/mixes/{mix.token}": lambda data: data["songs"][0],
        f"/api/v1/songs/{song.address}": lambda data: data,
        f"/api/v1/songs?query={song.title}": lambda data: data["songs"][0],
    }
    before = {find(listener_api.get(address).json())["video_id"] for address, find in lists.items()}
    assert before == {first.video_id}
    body = {"video_id": first.video_id, "code": 150}
    assert (
        listener_api.send("POST", "/api/v1/video-reports", body).json()["video_id"]
        == second.video_id
    )
    assert VideoReport.objects.get().user == listener
    after = {find(listener_api.get(address).json())["video_id"] for address, find in lists.items()}
    assert after == {second.video_id}
    for name in ("liked-songs", f"mixes/{mix.token}"):
        file = listener_api.get(f"/api/v1/{name}/export?format=m3u8").content.decode()
        assert (first.video_id in file, second.video_id in file) == (False, True)


def test_reported_video_is_swapped_in_suggestions_for_its_listener_alone(
    listener_api, listener, api
):
    liked = SongFactory(artist="Same", title="Liked")
    LikeFactory(user=listener, song=liked)
    song = SongFactory(artist="Same", title="Suggested")
    first, second = (VideoFactory(song=song, view_count=n) for n in (9000, 10))
    listener_api.send("POST", "/api/v1/video-reports", {"video_id": first.video_id, "code": 100})
    body = {"songs": ["Same Liked"], "limit": 5}
    asked = {
        "own": listener_api.get("/api/v1/me/suggestions").json()["suggestions"],
        "named": listener_api.send("POST", "/api/v1/suggestions", body).json()["suggestions"],
        "nobody's": api.send("POST", "/api/v1/suggestions", body).json()["suggestions"],
        "similar": listener_api.get(f"/api/v1/songs/{liked.address}/similar").json(),
    }
    told = {
        name: next(entry["video_id"] for entry in found if entry["id"] == song.address)
        for name, found in asked.items()
    }
    assert told == {
        "own": second.video_id,
        "named": second.video_id,
        "nobody's": first.video_id,
        "similar": second.video_id,
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"video_id": "x"},
        {"video_id": "x", "code": 5},
        {"video_id": "x", "code": 102},
        {"video_id": "x", "code": "150"},
        {"code": 150},
    ],
)
def test_report_of_another_error_is_refused(listener_api, body):
    assert listener_api.send("POST", "/api/v1/video-reports", body).status_code == 400


def test_report_of_an_unknown_video_is_not_found(listener_api):
    body = {"video_id": "unknown", "code": 150}
    assert listener_api.send("POST", "/api/v1/video-reports", body).status_code == 404
