"""A guest who imports a large file into a running site, and the resulting rows."""

import csv
import io
import re
import sqlite3
import time
from pathlib import Path

import requests

from music.catalogue.bundled import SONGS_FILE

PATIENCE_SECONDS = 600


def make_file(n_rows: int) -> bytes:
    """Return a table of the first ``n_rows`` songs of the bundled catalogue, as from Exportify."""
    with SONGS_FILE.open(encoding="utf-8", newline="") as file:
        songs = [row for _, row in zip(range(n_rows), csv.DictReader(file), strict=False)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Track URI", "Track Name", "Artist Name(s)", "Added At"])
    for n, song in enumerate(songs):
        at = f"2024-{1 + n // 28 % 12:02}-{1 + n % 28:02}T00:00:00Z"
        writer.writerow([f"spotify:track:{n}", song["title"], song["artist"], at])
    return text.getvalue().encode()


class Guest:
    """A browser that imports; ``address`` is where its import is shown."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.token = ""

    def send(self, data: bytes) -> float:
        """Send a file as the page's form does; return how long the response took."""
        began = time.monotonic()
        answer = self._post("/import/", files={"file": ("Library.csv", data)})
        self.token = answer.url.rstrip("/").rpartition("/")[2]
        return time.monotonic() - began

    def like(self, pile: str) -> None:
        """Like all rows of a state by its button."""
        self._post(f"/import/{self.token}/change/", data={"action": "like", "pile": pile})

    def _post(self, path: str, **body: object) -> requests.Response:
        page = self.session.get(f"{self.url}/import/", timeout=60)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        headers = {"X-CSRFToken": token[1], "Referer": f"{self.url}/import/"}
        answer = self.session.post(f"{self.url}{path}", headers=headers, timeout=120, **body)
        assert answer.status_code == 200, answer.text[:500]
        return answer

    def ask(self) -> dict:
        """Return the state of the import from the API."""
        answer = self.session.get(f"{self.url}/api/v1/imports/{self.token}", timeout=60)
        assert answer.status_code == 200, answer.text[:500]
        return answer.json()

    def wait(self, *states: str, n_done: int = 0) -> dict:
        """Return the import once it is in one of ``states``, or has done this many rows."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            told = self.ask()
            if told["state"] in states or (n_done and told["n_done"] >= n_done):
                return told
            assert time.monotonic() < deadline, told
            time.sleep(0.1)


def read_rows(folder: Path) -> dict[str, int]:
    """Return how many rows are in each state in SQLite."""
    with sqlite3.connect(folder / "app.db") as connection:
        rows = connection.execute("SELECT state, count(*) FROM music_importrow GROUP BY state")
        return dict(rows.fetchall())


def count_likes(folder: Path) -> tuple[int, int]:
    """Return the number of likes, and of different songs among them."""
    statement = "SELECT count(*), count(DISTINCT song_id) FROM music_userlikedsong"
    with sqlite3.connect(folder / "app.db") as connection:
        return connection.execute(statement).fetchone()
