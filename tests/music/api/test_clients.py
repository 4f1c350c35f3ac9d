"""Programs that other people write: a client generated from the document, and the one in docs/."""

import importlib
import importlib.util
import json
import subprocess
import sys
import sysconfig
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from accounts.models import ServiceKey, User
from music.models import Song
from tests.factories import PASSWORD, ListenerFactory, SongFactory, VideoFactory
from tests.work import finish_import

EXAMPLE = Path(__file__).parents[3] / "docs/examples/tunetrace_client.py"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """What openapi-python-client makes of the document, importable."""
    folder = tmp_path_factory.mktemp("client")
    document = SchemaGenerator().get_schema(public=True)
    (folder / "openapi.json").write_text(json.dumps(document, default=str))
    (folder / "config.yml").write_text("post_hooks: []\npackage_name_override: made_client\n")
    made = subprocess.run(
        [
            Path(sysconfig.get_path("scripts")) / "openapi-python-client",
            *("generate", "--path", "openapi.json", "--config", "config.yml"),
            *("--meta", "none", "--output-path", "made_client", "--fail-on-warning"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield "made_client"
    sys.path.remove(str(folder))


@pytest.fixture
def world(live_server, own_index):
    """A site with songs, of which one has the video that is returned."""
    Song.objects.bulk_create(SongFactory.build_batch(12))
    return live_server.url, VideoFactory(song=Song.objects.earliest("id"))


def sign_in() -> dict[str, str]:
    """The cookies of a browser in which a new listener has just signed in."""
    browser = Client()
    form = {"login": ListenerFactory().email, "password": PASSWORD}
    assert browser.post("/accounts/login/", form).status_code == 302
    return {"sessionid": browser.cookies["sessionid"].value, "csrftoken": "c" * 32}


def test_generated_client_does_the_whole_round(generated, world):
    url, video = world
    clients = importlib.import_module(f"{generated}.client")
    models = importlib.import_module(f"{generated}.models")
    cookies = sign_in()
    session = clients.Client(
        url,
        cookies=cookies,
        headers={"X-CSRFToken": cookies["csrftoken"]},
        raise_on_unexpected_status=True,
    )

    def call(tag: str, operation: str, *args, client=session, **kwargs):
        module = importlib.import_module(f"{generated}.api.{tag}.{operation}")
        return module.sync_detailed(*args, client=client, **kwargs)

    asked = models.TokenRequest(name="program", expires_in_days=1)
    token = call("me", "make_token", body=asked).parsed
    assert [listed.id for listed in call("me", "list_tokens").parsed] == [token.id]
    call = partial(call, client=clients.AuthenticatedClient(url, token.token))
    use(call, models, video)
    refused = call("me", "delete_me")
    assert (refused.status_code, refused.parsed.code) == (403, "password_needed")
    assert call("me", "revoke_token", int(token.id), client=session).status_code == 204
    assert call("me", "get_me").status_code == 401
    assert call("me", "delete_me", client=session).status_code == 204
    assert not User.objects.exists()


def use(call, models, video) -> None:
    """What a listener does who has a token."""
    song = Song.objects.exclude(pk=video.song_id).first()
    by_name = call("likes", "like_song", body=models.LikeRequest(song_name=str(song)))
    assert (by_name.status_code, by_name.parsed.song_id) == (201, song.address)
    by_video = call("likes", "like_song", body=models.LikeRequest(video_id=video.video_id))
    assert by_video.parsed.song_id == video.song.address
    many = call("likes", "like_songs", body=models.ManyLikesRequest(songs=["Not Known Here"]))
    assert [like.song_id for like in many.parsed] == [None]
    listed = call("likes", "list_likes", limit=2)
    assert [like.song_name for like in listed.parsed] == [
        "Not Known Here",
        by_video.parsed.song_name,
    ]
    assert listed.headers["X-Total-Count"] == "3"
    assert call("likes", "get_like", int(by_name.parsed.id)).parsed == by_name.parsed

    asked = models.SuggestionRequest(songs=[str(song)], limit=3)
    suggested = call("suggestions", "suggest", body=asked).parsed.suggestions
    assert len(suggested) == 3
    own = call("suggestions", "suggest_for_me", limit=2).parsed.suggestions
    assert len(own) == 2
    dismissed = call("dismissals", "dismiss_song", body=models.SongRequest(song_id=own[0].id))
    assert dismissed.parsed.song_id == own[0].id
    assert call("songs", "get_song", own[0].id).parsed.title == own[0].title

    shared = call("shares", "share", body=models.ShareRequest.from_dict({"kind": "likes"})).parsed
    seen = call("shares", "get_shared", shared.token).parsed
    assert [item.song.id for item in seen.songs] == [
        like.song_id for like in call("likes", "list_likes").parsed if like.song_id
    ]
    assert call("shares", "end_sharing", shared.token).status_code == 204
    assert call("shares", "get_shared", shared.token).status_code == 404

    wanted = models.ImportRequest(songs=[str(s) for s in Song.objects.all()])
    begun = call("imports", "start_import", body=wanted, idempotency_key="once")
    assert begun.status_code == 202
    finish_import(begun.parsed.token)
    assert call("imports", "get_import", begun.parsed.token).parsed.state == "done"
    assert call("likes", "unlike_song", int(by_name.parsed.id)).status_code == 204
    exported = call("me", "export_me").parsed.to_dict()
    assert exported["liked_songs"][0]["created_at"].endswith("Z")
    refused = call("likes", "like_song", body=models.LikeRequest())
    assert (refused.status_code, refused.parsed.code) == (400, "invalid_input")
    me = call("me", "get_me").parsed
    assert me.email == User.objects.get(user_id=me.user_id).email


def test_example_client_does_the_whole_round(world):
    specification = importlib.util.spec_from_file_location("tunetrace_client", EXAMPLE)
    example = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(example)
    key, secret = ServiceKey.issue(name="front end")
    key.save()
    tunetrace = example.TuneTrace(world[0], token=secret, user_id="jo@example.org")
    songs = [str(song) for song in Song.objects.order_by("id")]

    like = tunetrace.like(songs[0])
    assert tunetrace.like(songs[0]) == like
    assert len(tunetrace.like_many(songs[1:3])) == 2
    assert [liked["song_name"] for liked in tunetrace.likes(part=2)][-1] == songs[0]
    suggested = tunetrace.suggest(limit=3)
    assert len(suggested) == 3
    tunetrace.dismiss(suggested[0]["id"])
    assert suggested[0] not in tunetrace.suggest(limit=3)
    tunetrace.unlike(like["id"])
    begun = tunetrace.import_songs(songs[3:5])
    finish_import(begun["token"])
    assert tunetrace.find_import(begun["token"])["state"] == "done"
    assert len(list(tunetrace.likes())) == 4
    assert tunetrace.export()["listener"]["user_id"] == "jo@example.org"
    with pytest.raises(example.TuneTraceError, match="order") as refused:
        tunetrace._ask("GET", "liked-songs", {"order": "loudest"})
    assert (refused.value.status, refused.value.code) == (400, "invalid_input")
