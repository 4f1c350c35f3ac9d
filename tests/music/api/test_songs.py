"""Songs by API: found by name, looked at, others like them, and the genres."""

import pytest

from music.models import Song
from tests.factories import SongFactory, VideoFactory


def test_song_is_found_by_its_name(api, songs):
    body = api.send("GET", f"/api/v1/songs?query={songs[3].title}&limit=3").json()
    assert set(body) == {"songs", "notices"}
    assert songs[3].address in {song["id"] for song in body["songs"]}


def test_search_that_finds_nothing_says_so(api, songs):
    body = api.send("GET", "/api/v1/songs?query=qwxz+vbnm+plokij").json()
    assert body["songs"] == []
    assert len(body["notices"]) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "query"),
        ("?query=", "query"),
        ("?query=%20", "query"),
        ("?query=%3F%21", "query"),
        ("?query=a%00b", "query"),
        ("?query=%07", "query"),
        (f"?query={'a' * 201}", "query"),
        ("?query=a&limit=0", "limit"),
        ("?query=a&limit=51", "limit"),
        ("?query=a&limit=many", "limit"),
    ],
)
def test_bad_search_is_refused_naming_the_field(api, songs, query, field):
    response = api.send("GET", f"/api/v1/songs{query}")
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]


def test_song_is_described(api, songs):
    song = songs[0]
    video = VideoFactory(song=song)
    described = {
        "id": song.address,
        "video_id": video.video_id,
        "take": "original",
        "title": song.title,
        "artist": song.artist,
        "genre": "Rock",
        "year": None,
        "language": "",
        "duration_seconds": 200,
        "video_title": str(video),
        "channel_title": song.artist,
        "url": f"https://www.youtube.com/watch?v={video.video_id}",
    }
    for reference in (song.address, video.video_id, f"catalogue:{song.address}"):
        assert api.send("GET", f"/api/v1/songs/{reference}").json() == described


def test_song_without_a_video_leads_to_a_search(api, songs):
    found = api.send("GET", f"/api/v1/songs/{songs[1].address}").json()
    assert (found["video_id"], found["take"], found["duration_seconds"]) == (None, None, None)
    assert found["url"].startswith("https://www.youtube.com/results?search_query=Artist+")


def test_song_with_only_a_live_take_says_so_wherever_it_is_named(api, listener_api, songs):
    video = VideoFactory(song=songs[0], take="live")
    answers = [
        api.send("GET", f"/api/v1/songs/{songs[0].address}").json(),
        api.send("GET", f"/api/v1/songs?query={songs[0].title}&limit=1").json()["songs"][0],
        listener_api.send("POST", "/api/v1/liked-songs", {"song_id": songs[0].address}).json(),
        listener_api.send("GET", "/api/v1/liked-songs").json()[0],
    ]
    similar = api.send("GET", f"/api/v1/songs/{songs[1].address}/similar?limit=50").json()
    answers.append(next(song for song in similar if song["id"] == songs[0].address))
    asked = api.send("POST", "/api/v1/suggestions", {"songs": [songs[1].title], "limit": 50}).json()
    answers.append(next(s for s in asked["suggestions"] if s["id"] == songs[0].address))
    assert {(song["video_id"], song["take"]) for song in answers} == {(video.video_id, "live")}


def test_song_called_similar_is_a_song_and_has_similar_ones(api, songs):
    song = SongFactory(artist="Low", title="Similar")
    assert api.send("GET", "/api/v1/songs/low/similar").json()["id"] == song.address
    assert len(api.send("GET", "/api/v1/songs/low/similar/similar?limit=3").json()) == 3


@pytest.mark.parametrize("video_id", ["unknown0000", "a" * 300, "%00", "%F0%9F%8E%B5", "a%0Ab"])
@pytest.mark.parametrize("address", ["/api/v1/songs/{}", "/api/v1/songs/{}/similar"])
def test_unknown_song_is_404(api, songs, address, video_id):
    response = api.send("GET", address.format(video_id))
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_similar_songs_are_others_with_a_reason(api, songs):
    found = api.send("GET", f"/api/v1/songs/{songs[0].address}/similar?limit=4").json()
    assert len(found) == 4
    assert songs[0].address not in {song["id"] for song in found}


def test_genres_are_counted(api, songs):
    assert api.send("GET", "/api/v1/genres").json() == [
        {"name": "Rock", "n_songs": 12},
        {"name": "K-Pop", "n_songs": 3},
    ]


def test_hidden_song_is_not_suggested(api, songs):
    Song.objects.filter(pk=songs[1].pk).update(is_bundled=False)
    body = api.send("POST", "/suggestions", {"songs": [str(songs[0])], "limit": 50}).json()
    suggested = {song["title"] for song in body["suggestions"]}
    assert songs[1].title not in suggested
    assert songs[2].title in suggested


def test_public_answers_may_be_kept_and_are_not_sent_twice(api, listener_api, songs):
    VideoFactory(song=songs[0])
    for address in ("genres", f"songs/{songs[0].address}", f"songs/{songs[0].address}/similar"):
        answer = api.send("GET", f"/api/v1/{address}")
        assert answer["Cache-Control"] == "public, max-age=60"
        headers = {"If-None-Match": answer["ETag"]}
        again = api.get(f"/api/v1/{address}", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        page = api.get(f"/api/v1/{address}", headers={"Accept": "text/html"})
        assert page["Cache-Control"] == "private, no-store"
    own = listener_api.send("GET", "/api/v1/liked-songs")
    assert own["Cache-Control"] == "private, no-store"
    assert "ETag" not in own
    missing = api.send("GET", "/api/v1/songs/no/such")
    assert missing["Cache-Control"] == "private, no-store"
