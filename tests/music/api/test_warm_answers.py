"""What was answered before is answered again, the same, and only while it is right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessToken, Scope, ServiceKey
from music.api import suggestions as view
from music.api import throttles
from music.caching.request_counts import RequestCounter
from music.domain.dismissals import dismiss_song
from music.domain.likes import like_song
from music.domain.privacy import delete_listener
from music.domain.reports import report_video
from music.models import Impression, UserLikedSong
from music.pages import throttle
from tests.factories import ListenerFactory, VideoFactory
from tests.music.caching.test_request_counts import Clock, alone
from tunetrace_site.replication.unit import run_unit

from .conftest import ApiClient

# Inside a transaction nothing is kept of a listener.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def songs(songs):
    """Songs of which one plays."""
    VideoFactory(song=songs[1])
    return songs


def used_now(credential):
    credential.last_used_at = timezone.now()
    credential.save()
    return credential


def make_callers():
    """A client for each kind of caller, what its bodies say besides songs, and its credential."""
    listener = ListenerFactory()
    token, secret = AccessToken.issue(user=listener, name="program")
    key, key_secret = ServiceKey.issue(name="front end")
    return {
        "anonymous": (ApiClient(), {}, None),
        "listener": (ApiClient(secret), {}, used_now(token)),
        "service": (ApiClient(key_secret), {"user_id": listener.user_id}, used_now(key)),
    }, listener


@pytest.fixture
def counted(monkeypatch):
    """Counts the requests that go the whole way."""
    read, seen = view.read_suggestion_request, []
    monkeypatch.setattr(view, "read_suggestion_request", lambda data: seen.append(1) or read(data))
    return seen


def describe(response):
    varying = {"X-Request-ID", "RateLimit-Remaining", "RateLimit-Reset"}
    headers = {name: value for name, value in response.headers.items() if name not in varying}
    return response.status_code, response.content, headers, sorted(response.headers)


@pytest.mark.parametrize(
    ("address", "more", "n_notices"),
    [
        ("/suggestions", {}, 0),
        ("/suggestions", {"genre": "any polkacore"}, 1),
        ("/api/v1/suggestions/", {}, 0),
    ],
)
def test_same_body_has_the_same_answer_without_the_whole_way(
    songs, counted, address, more, n_notices
):
    callers, listener = make_callers()
    for client, named, _ in callers.values():
        body = {"songs": [str(songs[0])], **named, **more}
        # A listener's first request makes a like, after which their taste is read once more.
        answers = [client.send("POST", address, body) for _ in range(5)]
        n_whole = len(counted)
        again = client.send("POST", address, body)
        assert len(counted) == n_whole <= 3, named
        counted.clear()
        assert describe(again) == describe(answers[1])
        assert again.json()["suggestions"]
        assert len(again.json().get("notices", ())) == n_notices
        if "RateLimit-Remaining" in again.headers:
            left = [int(a.headers["RateLimit-Remaining"]) for a in (answers[4], again)]
            assert left[0] > left[1]
    assert Impression.objects.filter(user=listener).exists()


def like_more(listener, songs):
    like_song(listener=listener, song_name=str(songs[2]))


def dismiss(listener, songs):
    dismiss_song(listener=listener, reference=songs[3].address)


def report(listener, songs):
    report_video(listener=listener, video_id=songs[1].takes.get().video_id, code=150)


@pytest.mark.parametrize("change", [like_more, dismiss, report])
@pytest.mark.parametrize("kind", ["listener", "service"])
def test_change_of_the_listener_shows_at_once(songs, kind, change):
    callers, listener = make_callers()
    client, named, _ = callers[kind]
    body = {"songs": [str(songs[0])], "limit": 14, **named}
    for _ in range(4):
        before = client.send("POST", "/api/v1/suggestions", body).json()
    change(listener, songs)
    after = client.send("POST", "/api/v1/suggestions", body)
    assert after.status_code == 200
    assert after.json() != before


def saving(**fields):
    """Returns what saves a row with other values."""

    def save(row):
        vars(row).update(fields)
        row.save()

    return save


def test_caller_who_may_not_any_more_is_refused_at_once(songs):
    ends = {
        "revoked": saving(revoked_at=timezone.now()),
        "expired": saving(expires_at=timezone.now() - timedelta(seconds=1)),
        "narrowed": saving(scopes=Scope.WRITE.value),
        "deleted": lambda row: row.delete(),
        "deleted with others": lambda row: type(row).objects.filter(pk=row.pk).delete(),
    }
    for kind in ("listener", "service"):
        for how, end in ends.items():
            callers, _ = make_callers()
            client, named, credential = callers[kind]
            body = {"songs": [str(songs[0])], **named}
            for _ in range(4):
                assert client.send("POST", "/suggestions", body).status_code == 200
            run_unit(lambda: end(credential))  # noqa: B023
            status = client.send("POST", "/suggestions", body).status_code
            assert (kind, how, status) == (kind, how, 403 if how == "narrowed" else 401)


def test_blocked_listener_has_no_list_any_more(songs):
    for kind, status in (("listener", 401), ("service", 403)):
        callers, listener = make_callers()
        client, named, _ = callers[kind]
        body = {"songs": [str(songs[0])], **named}
        for _ in range(4):
            assert client.send("POST", "/suggestions", body).status_code == 200
        listener.is_active = False
        run_unit(lambda: listener.save(update_fields=["is_active"]))  # noqa: B023
        assert client.send("POST", "/suggestions", body).status_code == status


def test_deleted_listener_has_no_list_any_more_and_who_is_named_anew_begins_anew(songs, counted):
    for kind in ("listener", "service"):
        callers, listener = make_callers()
        like_song(listener=listener, song_name=str(songs[2]))
        client, named, _ = callers[kind]
        body = {"songs": [str(songs[0])], "limit": 14, **named}
        for _ in range(4):
            before = client.send("POST", "/api/v1/suggestions", body)
        counted.clear()
        delete_listener(listener=listener)
        after = client.send("POST", "/api/v1/suggestions", body)
        if kind == "listener":
            assert after.status_code == 401
            continue
        # The front end has told of somebody, who is not the one that was deleted.
        assert (after.status_code, len(counted)) == (200, 1)
        assert after.json() != before.json()
        words = UserLikedSong.objects.values_list("song_name", flat=True)
        assert list(words) == [str(songs[0])]


def test_other_callers_get_other_lists(songs):
    callers, listener = make_callers()
    body = {"songs": [str(songs[0])], "limit": 14}
    dismiss_song(listener=listener, reference=songs[3].address)
    anonymous, own = callers["anonymous"][0], callers["listener"][0]
    for _ in range(4):
        lists = [c.send("POST", "/suggestions", body).json() for c in (anonymous, own)]
    assert lists[0] != lists[1]
    unnamed = callers["service"][0].send("POST", "/suggestions", body)
    assert unnamed.json() == lists[0]


def test_limit_of_requests_counts_what_is_answered_again(songs, settings, monkeypatch):
    counter = RequestCounter(alone, Clock())
    monkeypatch.setattr(throttles, "counter", counter)
    monkeypatch.setattr(throttle, "counter", counter)
    body, other = {"songs": [str(songs[0])]}, ApiClient()
    other.defaults["REMOTE_ADDR"] = "192.0.2.7"
    for _ in range(2):  # the first time costs more points
        other.send("POST", "/suggestions", body)
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 2
    answers = [ApiClient().send("POST", "/suggestions", body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]


def test_what_is_asked_otherwise_goes_the_whole_way(songs, counted):
    api, body = ApiClient(), {"songs": [str(songs[0])]}
    for _ in range(3):
        api.send("POST", "/suggestions", body)
    n_before = len(counted)
    assert api.send("GET", "/suggestions").status_code == 405
    text = api.generic("POST", "/suggestions", "{}", content_type="text/plain")
    assert text.status_code == 415
    page = api.post("/api/v1/suggestions", body, "application/json", HTTP_ACCEPT="text/html")
    assert page.headers["Content-Type"].startswith("text/html")
    assert api.send("POST", "/suggestions", {**body, "limit": 3}).status_code == 200
    assert len(counted) > n_before
    wrong = ApiClient("tts_none").send("POST", "/suggestions", body)
    assert wrong.status_code == 401
