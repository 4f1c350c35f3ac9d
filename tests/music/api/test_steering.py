"""Steering suggestions by API, and lists that go on."""

from music.models import Song, Steering
from tests.factories import VideoFactory

OWN = "/api/v1/me/suggestions"


def ids(response) -> list[str]:
    return [song["id"] for song in response.json()["suggestions"]]


def test_an_artist_is_hidden_listed_and_shown_again(listener_api, listener, songs):
    body = {"kind": "artist", "song_id": songs[0].address}
    answer = listener_api.send("POST", "/api/v1/steering", body)
    made = answer.json()
    assert answer.status_code == 201
    assert listener_api.send("GET", answer["Location"]).json() == made
    assert (made["kind"], made["name"]) == ("artist", songs[0].artist)
    assert songs[0].address not in ids(listener_api.send("GET", f"{OWN}?limit=50"))
    [listed] = listener_api.send("GET", "/api/v1/steering").json()
    assert listed == made
    address = f"/api/v1/steering/artist/{made['key']}"
    assert listener_api.send("DELETE", address).status_code == 204
    assert listener_api.send("DELETE", address).status_code == 204
    assert songs[0].address in ids(listener_api.send("GET", f"{OWN}?limit=50"))


def test_a_song_counts_less_until_that_is_taken_back(listener_api, listener, songs):
    body = {"kind": "less", "song_id": songs[0].address}
    for _ in range(2):
        assert listener_api.send("POST", "/api/v1/steering", body).status_code in {200, 201}
    assert [row.key for row in Steering.objects.all()] == [songs[0].address]
    assert (
        listener_api.send("DELETE", f"/api/v1/steering/less/{songs[0].address}").status_code == 204
    )
    assert Steering.objects.count() == 0


def test_bad_steering_is_refused(listener_api, songs):
    for body in ({"kind": "x", "song_id": "a/b"}, {"kind": "artist"}, {}):
        assert listener_api.send("POST", "/api/v1/steering", body).status_code == 400
    missing = {"kind": "artist", "song_id": "no/song"}
    assert listener_api.send("POST", "/api/v1/steering", missing).status_code == 404


def test_a_list_goes_on_without_what_came(listener_api, songs):
    first = ids(listener_api.send("GET", f"{OWN}?limit=5"))
    second = ids(listener_api.send("POST", OWN, {"limit": 50, "without": first}))
    assert set(first) & set(second) == set()
    assert {*first, *second} == {song.address for song in songs}
    by_address = ids(listener_api.send("GET", f"{OWN}?limit=50&without={'%20'.join(first)}"))
    assert by_address == second


def test_own_suggestions_are_filtered(listener_api, songs):
    Song.objects.filter(pk=songs[2].pk).update(year=1991, language="fr", tags=["dreamy"])
    VideoFactory(song=songs[3])
    for query in ("decade=1990", "language=fr", "mood=dreamy"):
        assert ids(listener_api.send("GET", f"{OWN}?{query}")) == [songs[2].address]
    assert ids(listener_api.send("POST", OWN, {"plays": True})) == [songs[3].address]
    assert songs[0].address not in ids(listener_api.send("GET", f"{OWN}?like={songs[0].address}"))


def test_impossible_filters_are_refused_naming_them(listener_api, songs):
    for name, value in (("decade", 1995), ("mood", "hangry"), ("without", ["x"] * 201)):
        response = listener_api.send("POST", OWN, {name: value})
        assert response.status_code == 400
        assert list(response.json()["fields"]) == [name]
