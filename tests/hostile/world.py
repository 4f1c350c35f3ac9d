"""The world in which the table of access is true, and how its callers call."""

import json
import secrets
from types import SimpleNamespace

from django.test import Client

from accounts.guests import GUEST_SESSION_KEY
from accounts.models import AccessToken, ServiceKey, User
from music.models import Mix, PlaylistImport, Share, Song
from tests.factories import (
    DismissalFactory,
    GuestFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
    VideoFactory,
)

from .table import Row


def make_world() -> SimpleNamespace:
    """The first listener with one of everything, and songs for everybody."""
    songs = SongFactory.build_batch(12)
    other = SongFactory.build(artist="Other", title="Song")
    Song.objects.bulk_create([*songs, other])
    VideoFactory(video_id="video", song=other)
    key, key_secret = ServiceKey.issue(name="front end")
    key.save()
    return make_first_listener(songs, key_secret)


def make_first_listener(songs: list[Song], key_secret: str) -> SimpleNamespace:
    """A listener with one of everything, in a world that has the songs and the service key."""
    listener = ListenerFactory()
    token, secret = AccessToken.issue(user=listener, name="program")
    token.save()
    job = PlaylistImport.objects.create(
        user=listener, token=secrets.token_hex(8), pasted_songs=["Artist 1 Song 1"], n_total=1
    )
    return SimpleNamespace(
        songs=songs,
        listener=listener,
        secrets={"token": secret, "service": key_secret},
        ids={
            "like": LikeFactory(user=listener, song=songs[0]).pk,
            "reference": DismissalFactory(user=listener, song=songs[1]).song.address,
            "token": token.pk,
            "import": job.token,
            "mix": Mix.objects.create(user=listener, name="Mix", song_ids=["other/song"]).token,
            "share": Share.objects.create(
                user=listener, kind="likes", token=secrets.token_urlsafe(24)
            ).token,
        },
    )


def call(world: SimpleNamespace, row: Row, caller: str):
    """The answer to one row's request, made by one caller."""
    return send(make_client(world, caller), world, row, caller)


def send(client: Client, world: SimpleNamespace, row: Row, caller: str):
    """The answer to one row's request, made by the client of one caller."""
    address, body = row.address.format(**world.ids), dict(row.body or {})
    if row.kind == "page":
        return client.get(address) if row.method == "GET" else client.post(address, body)
    if row.kind == "named" and caller in {"other", "service"}:
        if row.method in {"GET", "DELETE"}:
            address += f"?user_id={world.listener.user_id}"
        else:
            body["user_id"] = world.listener.user_id
    text = json.dumps(body) if body else ""
    return client.generic(row.method, address, data=text, content_type="application/json")


def make_client(world: SimpleNamespace, caller: str) -> Client:
    """A browser or program of this caller."""
    client = Client()
    if caller in world.secrets:
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {world.secrets[caller]}"
    elif caller == "guest":
        session = client.session
        session[GUEST_SESSION_KEY] = GuestFactory().pk
        session.save()
        client.cookies["sessionid"] = session.session_key
    elif caller != "anonymous":
        client.force_login(make_account(world, caller), "django.contrib.auth.backends.ModelBackend")
    return client


def make_account(world: SimpleNamespace, caller: str) -> User:
    """The listener whom this caller signs in as."""
    if caller == "listener":
        return world.listener
    powers = {"staff": {"is_staff": True}, "superuser": {"is_staff": True, "is_superuser": True}}
    return ListenerFactory(**powers.get(caller, {}))
