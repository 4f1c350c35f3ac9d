"""ListenBrainz' API for one listener: https://listenbrainz.readthedocs.io/.

Only background work uses it, one request after another, and stops at the first failure, so that
nothing waits twice for a server that is down.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

import requests
from django.conf import settings

from music.errors import KeyRejected, SourceRejected, SourceUnavailable
from tunetrace_site.version import VERSION

MAX_LISTENS = 100
"""The most plays sent at once; ListenBrainz takes up to 1,000."""
PAGE = 100
LOVED, NEUTRAL = 1, 0
RETRY_SECONDS = 300.0
MAX_BODY_BYTES = 4 * 1024 * 1024
NO_NAME = "ListenBrainz does not know what it is called."
_CHUNK_BYTES = 64 * 1024
_CLIENT = {
    "media_player": "TuneTrace",
    "submission_client": "TuneTrace",
    "submission_client_version": VERSION,
}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A song that was played, and when (seconds since 1970)."""

    artist: str
    title: str
    listened_at: int


@dataclass(frozen=True, slots=True)
class Loved:
    """A loved recording, and since when (UTC) where that is known; ``title`` may be its id.

    ``left_out`` says why it cannot become a like; empty where it can.
    """

    artist: str
    title: str
    loved_at: datetime | None
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class LovedPage:
    """A page of somebody's loved songs there, and how many entries there are in all."""

    songs: tuple[Loved, ...]
    n_read: int
    n_total: int


class ListenBrainz:
    """A client for one listener, with their token.

    Each method raises ``KeyRejected`` where the token is not (or no longer) valid,
    ``SourceRejected`` where the request is not accepted, and ``SourceUnavailable`` where no valid
    answer came in time, or too many requests.
    """

    def __init__(self, token: str) -> None:
        self._headers = {
            "Authorization": f"Token {token}",
            "User-Agent": f"TuneTrace/{VERSION}",
            "Accept": "application/json",
        }

    def check(self) -> str:
        """Return the name of the listener whose token this is."""
        answer = self._ask("GET", "1/validate-token")
        if answer.get("valid") is not True:
            raise KeyRejected("ListenBrainz does not know this token.")
        return _text(answer, "user_name")

    def send(self, heard: Sequence[Heard]) -> None:
        """Send at most ``MAX_LISTENS`` plays; sending one again changes nothing there."""
        payload = [
            {
                "listened_at": play.listened_at,
                "track_metadata": {
                    "artist_name": play.artist,
                    "track_name": play.title,
                    "additional_info": _CLIENT,
                },
            }
            for play in heard
        ]
        self._ask("POST", "1/submit-listens", body={"listen_type": "import", "payload": payload})

    def find_recording(self, artist: str, title: str) -> str:
        """Return MusicBrainz' id (MBID) of a song's recording; empty where none is known."""
        asked = {"artist_name": artist, "recording_name": title}
        return _text(self._ask("GET", "1/metadata/lookup/", query=asked), "recording_mbid")

    def set_love(self, recording_mbid: str, score: int) -> None:
        """Set a recording to ``LOVED`` or ``NEUTRAL``."""
        body = {"recording_mbid": recording_mbid, "score": score}
        self._ask("POST", "1/feedback/recording-feedback", body=body)

    def list_loved(self, user_name: str, offset: int) -> LovedPage:
        """Return the next loved recordings after ``offset``, last loved first."""
        name = requests.utils.quote(user_name, safe="")
        asked = {"score": LOVED, "count": PAGE, "offset": offset, "metadata": "true"}
        answer = self._ask("GET", f"1/feedback/user/{name}/get-feedback", query=asked)
        entries = answer.get("feedback")
        if not isinstance(entries, list):
            raise SourceUnavailable("ListenBrainz answered with no list of loved recordings.")
        n_total = answer.get("total_count")
        return LovedPage(
            tuple(_read_loved(entry) for entry in entries if isinstance(entry, dict)),
            len(entries),
            n_total if isinstance(n_total, int) else 0,
        )

    def _ask(
        self, method: str, path: str, *, query: Json | None = None, body: Json | None = None
    ) -> Json:
        address = f"{settings.LISTENBRAINZ_URL.rstrip('/')}/{path}"
        seconds = settings.LISTENBRAINZ_TIMEOUT_SECONDS
        try:
            with requests.request(
                method,
                address,
                params=query,
                json=body,
                headers=self._headers,
                timeout=seconds,
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = _read_body(answer, time.monotonic() + seconds)
        except requests.RequestException as error:
            # Only the kind of error: its text contains the address.
            raise _no_answer(type(error).__name__) from None
        _refuse(answer)
        return _parse(content)


def _read_body(answer: requests.Response, ends_at: float) -> bytes:
    chunks, n_bytes = [], 0
    for chunk in answer.iter_content(_CHUNK_BYTES):
        chunks.append(chunk)
        n_bytes += len(chunk)
        if n_bytes > MAX_BODY_BYTES:
            raise _no_answer("the answer is too long")
        if time.monotonic() > ends_at:
            raise _no_answer("the answer took too long")
    return b"".join(chunks)


def _no_answer(why: str, seconds: float = RETRY_SECONDS) -> SourceUnavailable:
    return SourceUnavailable(
        f"ListenBrainz did not answer as expected ({why}).", retry_after_seconds=seconds
    )


def _refuse(answer: requests.Response) -> None:
    """Raise the error for an answer that is a failure."""
    if answer.status_code == 401:
        raise KeyRejected("ListenBrainz refuses this token.")
    if answer.status_code == 429:
        seconds = answer.headers.get("X-RateLimit-Reset-In", "")
        wait = min(float(seconds), 3600.0) if seconds.isdecimal() else RETRY_SECONDS
        raise _no_answer("too many requests", wait)
    if answer.status_code in {400, 404, 413}:
        raise SourceRejected(f"ListenBrainz refuses this (status {answer.status_code}).")
    if answer.status_code != 200:
        raise _no_answer(f"status {answer.status_code}")


def _parse(content: bytes) -> Json:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        raise _no_answer("it is no JSON") from None
    if not isinstance(parsed, dict):
        raise _no_answer("it is not a JSON object")
    return parsed


def _read_loved(entry: Json) -> Loved:
    told, created = entry.get("track_metadata"), entry.get("created")
    at = datetime.fromtimestamp(created, UTC) if _is_time(created) else None
    title, artist = _text(told, "track_name"), _text(told, "artist_name")
    if title:
        return Loved(artist, title, at)
    return Loved("", _text(entry, "recording_mbid") or "?", at, NO_NAME)


def _is_time(value: object) -> TypeGuard[float]:
    """Return whether ``value`` is seconds since 1970 of a year that has four digits."""
    return isinstance(value, int | float) and value is not True and 0 < value < 2.5e11


def _text(holder: object, name: str) -> str:
    """Return a member that is text, without characters that no database stores."""
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, str):
        return ""
    plain = value.encode("utf-8", "ignore").decode()
    return "".join(c for c in plain if c.isprintable())[:255].strip()
