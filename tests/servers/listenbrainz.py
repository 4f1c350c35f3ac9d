"""A server that speaks the part of ListenBrainz' API that TuneTrace uses, in a thread.

It refuses what the documented API refuses: tokens, fields, times and sizes.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

TOKEN = "c0ffee00-5e1f-4a2b-9d3c-0123456789ab"
NAME = "ada & co"
MINIMUM_TIME = 1033430400
MAX_LISTENS, MAX_LISTEN_BYTES = 1000, 10240
_FEEDBACK = re.compile(r"/1/feedback/user/([^/]+)/get-feedback")


def make_mbid(artist: str, title: str) -> str:
    """Return the id of a recording, the same each time."""
    return str(uuid5(NAMESPACE_URL, f"{artist}/{title}"))


@dataclass
class Brainz:
    """The server's data: listens, loved recordings (newest first), and known songs."""

    url: str = ""
    token: str = TOKEN
    listens: list[dict[str, Any]] = field(default_factory=list)
    loved: dict[str, int] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """The next answers that go wrong: a status, ``hang``, ``garbage``, ``list`` or ``close``."""
    refused_artists: set[str] = field(default_factory=set)

    def love(self, artist: str, title: str, created: int) -> None:
        """Love a recording, as from another client."""
        mbid = make_mbid(artist, title)
        self.names[mbid], self.loved[mbid] = (artist, title), created


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    brainz: Brainz

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._do(b"")

    def do_POST(self) -> None:
        self._do(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _do(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        self.brainz.asked.append(f"{self.command} {parts.path}")
        if self.brainz.faults and self._go_wrong(self.brainz.faults.pop(0)):
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self._send(*self._answer(parts.path, query, body))

    def _go_wrong(self, fault: str) -> bool:
        if fault == "close":
            self.close_connection = True
        elif fault == "hang":
            time.sleep(1)
            self.close_connection = True
        elif fault == "garbage":
            self._send(200, b"<html>")
        elif fault == "list":
            self._send(200, [1])
        else:
            self._send(int(fault), {"code": int(fault), "error": "no"})
        return True

    def _send(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-RateLimit-Limit", "30")
        self.send_header("X-RateLimit-Reset-In", "7")
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        is_theirs = self.headers.get("Authorization") == f"Token {self.brainz.token}"
        if path == "/1/validate-token":
            if not is_theirs:
                return 200, {"code": 200, "message": "Token invalid.", "valid": False}
            return 200, {
                "code": 200,
                "message": "Token valid.",
                "valid": True,
                "user_name": NAME,
            }
        if path == "/1/metadata/lookup/":
            return self._look_up(query)
        if found := _FEEDBACK.fullmatch(path):
            return self._list_loved(unquote(found[1]), query)
        if not is_theirs:
            return 401, {"code": 401, "error": "Invalid authorization token."}
        if path == "/1/submit-listens":
            return self._take_listens(json.loads(body))
        if path == "/1/feedback/recording-feedback":
            return self._take_love(json.loads(body))
        return 404, {"code": 404, "error": "Not found."}

    def _look_up(self, query: dict[str, str]) -> tuple[int, Any]:
        artist, title = query.get("artist_name", ""), query.get("recording_name", "")
        if not artist or not title:
            return 400, {"code": 400, "error": "recording_name is invalid or not present"}
        if title in self.brainz.unknown:
            return 200, {}
        mbid = make_mbid(artist, title)
        self.brainz.names[mbid] = (artist, title)
        return 200, {
            "artist_credit_name": artist,
            "artist_mbids": [make_mbid(artist, "")],
            "recording_mbid": mbid,
            "recording_name": title,
            "release_mbid": make_mbid(artist, "release"),
            "release_name": "A release",
        }

    def _list_loved(self, name: str, query: dict[str, str]) -> tuple[int, Any]:
        if name != NAME:
            return 404, {"code": 404, "error": f"Cannot find user: {name}"}
        offset, count = int(query.get("offset", 0)), min(int(query.get("count", 25)), 1000)
        every = sorted(self.brainz.loved.items(), key=lambda item: -item[1])
        some = [self._describe(*item) for item in every[offset : offset + count]]
        return 200, {
            "count": len(some),
            "feedback": some,
            "offset": offset,
            "total_count": len(every),
        }

    def _describe(self, mbid: str, created: int) -> dict[str, Any]:
        artist, title = self.brainz.names.get(mbid, ("", ""))
        told = {"artist_name": artist, "track_name": title, "release_name": "A release"}
        return {
            "created": created,
            "recording_mbid": mbid,
            "recording_msid": None,
            "score": 1,
            "track_metadata": told if title else None,
            "user_id": NAME,
        }

    def _take_listens(self, asked: dict[str, Any]) -> tuple[int, Any]:
        listens = asked["payload"]
        told = [listen["track_metadata"] for listen in listens]
        is_fine = (
            asked["listen_type"] in {"single", "import"}
            and 1 <= len(listens) <= MAX_LISTENS
            and all(type(listen["listened_at"]) is int for listen in listens)
            and all(listen["listened_at"] >= MINIMUM_TIME for listen in listens)
            and all(len(json.dumps(listen)) <= MAX_LISTEN_BYTES for listen in listens)
            and all(track["artist_name"] and track["track_name"] for track in told)
            and not any(track["artist_name"] in self.brainz.refused_artists for track in told)
        )
        if not is_fine:
            return 400, {"code": 400, "error": "Invalid JSON document submitted."}
        # The same play twice is one.
        self.brainz.listens += [listen for listen in listens if listen not in self.brainz.listens]
        return 200, {"status": "ok"}

    def _take_love(self, asked: dict[str, Any]) -> tuple[int, Any]:
        if set(asked) != {"recording_mbid", "score"} or asked["score"] not in {-1, 0, 1}:
            return 400, {"code": 400, "error": "JSON document may only contain ..."}
        if asked["score"] == 0:
            self.brainz.loved.pop(asked["recording_mbid"], None)
        else:
            self.brainz.loved[asked["recording_mbid"]] = int(time.time())
        return 200, {"status": "ok"}


@contextmanager
def running_listenbrainz() -> Iterator[Brainz]:
    """Start the server; yield its data, with its address."""
    brainz = Brainz()
    handler = type("Handler", (_Handler,), {"brainz": brainz})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    brainz.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield brainz
    finally:
        server.shutdown()
        server.server_close()
