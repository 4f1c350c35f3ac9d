"""A small client of the TuneTrace API, to copy: the standard library and nothing else.

    from tunetrace_client import TuneTrace

    tunetrace = TuneTrace("https://music.example.org", token="ttu_…")
    tunetrace.like("Nirvana - Come As You Are")
    for song in tunetrace.suggest(limit=5):
        print(song["artist"], "–", song["title"], song["video_id"])

With a service key, ``user_id`` says for which listener it acts.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any, TypedDict


class Suggestion(TypedDict):
    """A suggested song; ``video_id`` is the YouTube id of a video that plays, or None."""

    id: str
    video_id: str | None
    title: str
    artist: str
    genre: str
    year: int | None
    score: float
    because: list[dict[str, str]]
    source: str


class Like(TypedDict):
    """A like in the listener's words; ``song_id`` is None until the song is found."""

    id: str
    song_name: str
    song_id: str | None
    video_id: str | None
    title: str
    artist: str
    created_at: str
    learn: bool


class TuneTraceError(Exception):
    """What the site refused: ``code`` tells programs why, ``fields`` which values were at fault."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail", f"status {status}"))
        self.status = status
        self.code: str = problem.get("code", "error")
        self.fields: dict[str, list[str]] = problem.get("fields", {})


class TuneTrace:
    """One listener's way to a TuneTrace site."""

    def __init__(
        self, site: str, *, token: str, user_id: str | None = None, timeout_seconds: float = 30
    ) -> None:
        self._base = f"{site.rstrip('/')}/api/v1/"
        self._token, self._user_id, self._timeout_seconds = token, user_id, timeout_seconds

    def like(self, song_name: str) -> Like:
        """Like a song by its name; liking it again changes nothing."""
        return self._ask("POST", "liked-songs", {"song_name": song_name})

    def like_many(self, song_names: list[str]) -> list[Like]:
        """Like up to 50 songs at once."""
        return self._ask("POST", "liked-songs/many", {"songs": song_names})

    def likes(self, *, part: int = 100) -> Iterator[Like]:
        """All likes, newest first, read ``part`` at a time."""
        offset = 0
        while found := self._ask("GET", "liked-songs", {"limit": part, "offset": offset}):
            yield from found
            offset += len(found)

    def unlike(self, like_id: str) -> None:
        """Take back a like."""
        self._ask("DELETE", f"liked-songs/{like_id}", {})

    def suggest(self, *, limit: int = 10, plays: bool = False) -> list[Suggestion]:
        """Songs for the listener, from all that they like; only with a video if it must play."""
        asked = {"limit": limit, "plays": plays}
        return self._ask("POST", "me/suggestions", asked)["suggestions"]

    def dismiss(self, song_id: str) -> None:
        """Never suggest a song to the listener again."""
        self._ask("POST", "dismissals", {"song_id": song_id})

    def import_songs(self, song_names: list[str]) -> dict[str, Any]:
        """Begin to like up to 1,000 songs; sent again after a failure it begins no second time."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        try:
            return self._ask("POST", "imports", {"songs": song_names}, headers)
        except (TimeoutError, urllib.error.URLError):
            return self._ask("POST", "imports", {"songs": song_names}, headers)

    def find_import(self, token: str) -> dict[str, Any]:
        """How far an import is; it is over when ``state`` is ``done`` or ``failed``."""
        return self._ask("GET", f"imports/{token}", {})

    def export(self) -> dict[str, Any]:
        """Everything that is kept of the listener."""
        return self._ask("GET", "me/export", {})

    def _ask(
        self, method: str, path: str, values: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Any:
        if self._user_id is not None:
            values = {**values, "user_id": self._user_id}
        body = json.dumps(values).encode() if method == "POST" else None
        query = f"?{urllib.parse.urlencode(values)}" if values and method != "POST" else ""
        request = urllib.request.Request(self._base + path + query, body, method=method)
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        for name, value in {**sent, **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_seconds) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise TuneTraceError(error.code, json.loads(error.read() or b"{}")) from None
        return json.loads(text) if text else None
