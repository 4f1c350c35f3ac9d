"""Starting and stopping the site as a user does: one command, SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.faults.nemeses import small_disk
from tests.servers.site import FIRST_ANSWER, JSON_HEADERS, ROOT, SERVE, running_site, variables_of

pytestmark = pytest.mark.timeout(240)


def read_json(url: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, JSON_HEADERS)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def folder(make_site_folder) -> Path:
    return make_site_folder()


def test_fresh_folder_serves_suggestions_while_the_index_is_built(folder):
    """The folder is what a first start in an empty one has left (``tests/servers/site.py``)."""
    answer = json.loads((folder / FIRST_ANSWER).read_text())
    assert len(answer["suggestions"]) == 10
    assert answer["unresolved"] == []
    output = (folder / "site.log").read_text()
    assert "SQLite: applying migrations" in output
    assert "The index is being built in the background" in output


def test_second_start_prepares_nothing_again(folder):
    with running_site(folder, WEB_WORKERS="1") as site:
        output = site.log.read_text().split("TuneTrace plays from")[-2]
    assert "The catalogue is up to date." in output
    assert "The index is up to date." in output


def test_prepare_only_prepares_and_serves_nothing(folder):
    command = [*SERVE, "--prepare-only"]
    environment = variables_of(folder)
    prepared = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200
    )
    assert prepared.returncode == 0, prepared.stderr
    assert "The catalogue is up to date." in prepared.stdout
    assert prepared.stdout.endswith("The index is up to date.\n")


def test_sigterm_finishes_the_request_in_hand(folder):
    """The body arrives in two halves with the signal between them."""
    with running_site(folder, WEB_WORKERS="1") as site:
        body = json.dumps({"songs": ["Yesterday"]}).encode()
        connection = HalfRequest(site.url, body)
        connection.send_first_half()
        site.process.send_signal(signal.SIGTERM)
        answer = connection.send_second_half()
        assert answer.startswith(b"HTTP/1.1 200")
        assert site.process.wait(timeout=40) == 0


def test_sigterm_to_make_run_stops_the_server(folder):
    command = ("make", "--old-file=.venv/.run-ready", f"BIN={Path(sys.executable).parent}", "run")
    with running_site(folder, command, WEB_WORKERS="1") as site:
        host, port = site.url.removeprefix("http://").split(":")
        site.process.send_signal(signal.SIGTERM)
        site.process.wait(timeout=40)
        deadline = time.monotonic() + 20
        while can_connect(host, int(port)):
            assert time.monotonic() < deadline, "the server still listens"
            time.sleep(0.1)


def can_connect(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_wrong_value_stops_the_start_with_one_line():
    stopped = start_in_vain(POSTGRES_DATABASE_URL="mysql://u:secret@h/db")
    assert stopped == (
        "POSTGRES_DATABASE_URL='mysql://…' is not valid: "
        "use a URL that starts with postgres:// or postgresql://.\n"
    )


def test_taken_port_is_said_before_anything_is_prepared(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stopped = start_in_vain(DEBUG="true", PORT=str(port), STATE_DIR=str(tmp_path / "state"))
    assert f"HOST=127.0.0.1, PORT={port} cannot be listened on (Address already" in stopped
    assert list((tmp_path / "state").glob("*.digest")) == []


def test_published_secret_key_is_not_served_with(tmp_path):
    stopped = start_in_vain(STATE_DIR=str(tmp_path))
    assert stopped.startswith("CommandError: SECRET_KEY is not set")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("abc", "has 3 characters"),
        pytest.param("ab" * 20, "has 2 different characters", marks=pytest.mark.slow),
    ],
)
def test_secret_key_that_can_be_guessed_is_not_served_with(tmp_path, key, problem):
    stopped = start_in_vain(STATE_DIR=str(tmp_path), SECRET_KEY=key)
    assert stopped.startswith(f"CommandError: SECRET_KEY {problem}")
    assert key not in stopped


@pytest.mark.parametrize(
    ("environment", "way"),
    [
        ({"HOST": "0.0.0.0"}, "HOST=0.0.0.0"),
        pytest.param({"HOST": "::"}, "HOST=::", marks=pytest.mark.slow),
        ({"ALLOWED_HOSTS": "localhost,music.example.org"}, "ALLOWED_HOSTS=music.example.org"),
    ],
)
def test_debug_where_others_can_reach_the_site_must_be_confirmed(tmp_path, environment, way):
    stopped = start_in_vain(DEBUG="true", STATE_DIR=str(tmp_path), **environment)
    assert f"others can reach the site ({way})" in stopped


def test_confirmed_debug_is_served_to_others(folder):
    with running_site(folder, WEB_WORKERS="1", HOST="0.0.0.0", ALLOW_PUBLIC_DEBUG="true") as site:
        assert read_json(f"{site.url}/health") == {"status": "healthy"}


def test_folders_that_cannot_be_written_are_named():
    stopped = start_in_vain(
        DEBUG="true", STATE_DIR="/proc/state", SQLITE_DATABASE_URL="sqlite:////proc/nowhere/app.db"
    )
    assert "STATE_DIR=/proc/state cannot be written" in stopped
    assert "SQLITE_DATABASE_URL: /proc/nowhere is not a folder" in stopped


@pytest.fixture
def small(tmp_path):
    """A disk of 24 MB and a function that leaves some bytes of it free."""
    try:
        with small_disk(tmp_path / "small") as disk:

            def leave(n_bytes):
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                (disk / "filler").write_bytes(bytes(free - n_bytes))

            yield disk, leave
    except PermissionError as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(
    "postgres",
    [None, pytest.param("postgres://nobody@localhost:1/nowhere", marks=pytest.mark.slow)],
)
def test_first_start_without_room_for_the_state_says_so(small, tmp_path, postgres):
    disk, leave = small
    leave(0)
    stopped = start_in_vain(
        DEBUG="true",
        STATE_DIR=str(disk / "state"),
        SQLITE_DATABASE_URL=f"sqlite:///{tmp_path / 'app.db'}",
        **({"POSTGRES_DATABASE_URL": postgres} if postgres else {}),
    )
    assert "Traceback" not in stopped
    assert f"STATE_DIR={disk / 'state'} cannot be written (No space left on device)" in stopped


@pytest.mark.parametrize(
    ("command", "n_bytes", "said"),
    [("serve", 100_000, "SQLITE_DATABASE_URL: "), ("init_db", 100_000, "There is no room left")],
)
def test_first_start_without_room_for_the_database_says_so(small, tmp_path, command, n_bytes, said):
    """Also where there is room for the beginning only."""
    disk, leave = small
    leave(n_bytes)
    stopped = start_in_vain(
        command,
        DEBUG="true",
        STATE_DIR=str(tmp_path / "state"),
        SQLITE_DATABASE_URL=f"sqlite:///{disk / 'app.db'}",
    )
    assert "Traceback" not in stopped
    assert said in stopped


def start_in_vain(command: str = "serve", **environment: str) -> str:
    """What a start that must fail says on standard error."""
    started = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert started.returncode == 1
    return started.stderr


class HalfRequest:
    """A POST whose body is sent in two parts, the second when a worker has it in hand."""

    def __init__(self, url: str, body: bytes) -> None:
        self.host = url.removeprefix("http://")
        self.body = body
        self.half = len(body) // 2

    def send_first_half(self) -> None:
        host, port = self.host.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=40)
        head = (
            f"POST /suggestions HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        self.socket.sendall(head.encode() + self.body[: self.half])
        assert self.socket.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"

    def send_second_half(self) -> bytes:
        self.socket.sendall(self.body[self.half :])
        received = b""
        while part := self.socket.recv(65536):
            received += part
        self.socket.close()
        return received
