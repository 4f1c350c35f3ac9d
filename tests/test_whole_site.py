"""The site with PostgreSQL and Redis, while both are killed under a listener who goes on; then
without SQLite.
"""

import re
import sqlite3
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.factories import PASSWORD
from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer
from tests.servers.site import ROOT, running_site

pytestmark = pytest.mark.timeout(300)

PATIENCE_SECONDS = 60  # the index is being built beside the first pages; what is fast is not tested
SONGS = [
    "catalogue:nirvana/come-as-you-are",
    "catalogue:metallica/master-of-puppets",
    "catalogue:the-beatles/yesterday",
    "catalogue:the-beatles/let-it-be",
]


class Browser:
    """A listener's browser: cookies, and forms with their CSRF token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        with self._opener.open(self.url + path, timeout=PATIENCE_SECONDS) as answer:
            return answer.read().decode()

    def post(self, path: str, form_path: str, **fields: str) -> str:
        """Send a form as the page ``form_path`` would."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(form_path))
        assert token is not None
        body = urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        headers = {"Referer": self.url + form_path}
        request = Request(self.url + path, body, headers)
        with self._opener.open(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.read().decode()

    def like(self, song: str) -> None:
        self.post("/likes/song/", "/search/?q=yesterday", song=song)


def count_likes(postgres, folder: Path) -> tuple[int, int]:
    """Likes in PostgreSQL and in SQLite."""
    statement = "SELECT count(*) FROM music_userlikedsong"
    with sqlite3.connect(folder / "app.db") as connection:
        in_sqlite = connection.execute(statement).fetchone()[0]
    return postgres.execute(statement, database="tunetrace")[0][0], in_sqlite


def wait_until_equal(postgres, folder: Path, n: int) -> None:
    deadline = time.monotonic() + 60
    while count_likes(postgres, folder) != (n, n):
        assert time.monotonic() < deadline, count_likes(postgres, folder)
        time.sleep(0.2)


def reconcile(folder: Path, postgres_url: str) -> str:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DEBUG": "true",
        "STATE_DIR": str(folder / "state"),
        "SQLITE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "POSTGRES_DATABASE_URL": postgres_url,
    }
    command = [sys.executable, "manage.py", "reconcile"]
    compared = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    return compared.stdout


def test_listener_stays_signed_in_and_loses_nothing_while_servers_die_or_leave(make_site_folder):
    folder = make_site_folder()
    with running_postgres() as postgres, RedisServer() as redis:
        postgres.create_database("tunetrace")
        environment = {
            "POSTGRES_DATABASE_URL": postgres.url("tunetrace"),
            "REDIS_URL": redis.url,
        }
        with running_site(folder, **environment) as site:
            browser = Browser(site.url)
            browser.like(SONGS[0])
            browser.post(
                "/accounts/signup/",
                "/accounts/signup/",
                email="ann@example.org",
                password1=PASSWORD,
            )
            assert "Come As You Are" in browser.get("/likes/")
            assert count_likes(postgres, folder) == (1, 1)

            postgres.kill()
            redis.kill()
            browser.like(SONGS[1])
            liked = browser.get("/likes/")
            assert "Come As You Are" in liked
            assert "Master of Puppets" in liked
            assert "Because you like" in browser.get("/for-you/")
            assert "ann@example.org" in browser.get("/account/")

            postgres.start()
            redis.start()
            wait_until_equal(postgres, folder, 2)
            browser.like(SONGS[2])
            assert count_likes(postgres, folder) == (3, 3)
        reconcile(folder, environment["POSTGRES_DATABASE_URL"])
        with running_site(folder, **environment, SQLITE_MIRROR="none", WEB_WORKERS="1") as site:
            browser.url = site.url
            assert "Master of Puppets" in browser.get("/likes/")
            browser.like(SONGS[3])
            assert "/the-beatles/let-it-be" in browser.get("/likes/")
        statement = "SELECT count(*) FROM music_userlikedsong"
        assert postgres.execute(statement, database="tunetrace") == [(4,)]
        assert not (folder / "app.db").exists()
