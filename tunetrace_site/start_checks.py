"""Checks before the site starts that find what would stop it or make it unsafe.

They run before the minutes of preparation, and touch no database. Each obstacle is a sentence with
the variable, its value and what to do.
"""

import os
import socket
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.db import connections

from .checks import list_public_hosts
from .replication.databases import SQLITE, has_sqlite, has_two_databases
from .replication.write_queue import FIRST_STATE_FILE

# The least that a first start writes: a database with the bundled catalogue, marks and locks.
_DATABASE_BYTES = 8 * 2**20
_STATE_BYTES = 2**20
_BLOCK_BYTES = 2**16

MIN_SECRET_LENGTH = 32
_MIN_DIFFERENT_SIGNS = 8


def find_obstacles_to_serving() -> Iterator[str]:
    """Return obstacles to the web server: a key that can be guessed, an address in use."""
    if not settings.DEBUG and (problem := _find_problem_of_secret(settings.SECRET_KEY)):
        yield (
            f"SECRET_KEY {problem}, so anybody could sign in as anybody: set it to the output of "
            "`openssl rand -base64 48` (or DEBUG=true to try TuneTrace on your own machine)."
        )
    if settings.DEBUG and not settings.ALLOW_PUBLIC_DEBUG and (ways := list(_list_ways_in())):
        yield (
            f"DEBUG=true shows settings and source code to whoever causes an error, and others can "
            f"reach the site ({', '.join(ways)}): set DEBUG=false and a SECRET_KEY, or confirm "
            "that it is meant with ALLOW_PUBLIC_DEBUG=true."
        )
    if problem := _find_problem_of_address():
        yield (
            f"HOST={settings.HOST}, PORT={settings.PORT} cannot be listened on ({problem}): "
            "choose another, as in `make run PORT=9000`."
        )


def find_obstacles_to_preparing() -> Iterator[str]:
    """Return obstacles to preparing: folders that cannot be written, disks too full for a start."""
    state = Path(settings.STATE_DIR)
    # A later start works on a full disk: files that must be written already have their full size.
    n_bytes = 0 if (state / FIRST_STATE_FILE).exists() else _STATE_BYTES
    if problem := _find_problem_of_folder(state) or _find_problem_of_disk(state, n_bytes):
        yield f"STATE_DIR={state} cannot be written ({problem}): make room, or name another folder."
    # With a second database the site can do without this one for a while.
    if has_two_databases() or not has_sqlite():
        return
    database = Path(connections.settings[SQLITE]["NAME"])
    if not os.access(database.parent, os.W_OK | os.X_OK):
        yield f"SQLITE_DATABASE_URL: {database.parent} is not a folder that can be written."
    elif problem := _find_problem_of_disk(
        database.parent, 0 if database.exists() else _DATABASE_BYTES
    ):
        yield (
            f"SQLITE_DATABASE_URL: {database.parent} cannot be written ({problem}): "
            "make room, or name another folder."
        )


def format_address() -> str:
    """Return the address where the server listens, as a browser takes it."""
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    return f"http://{host}:{settings.PORT}/"


def _find_problem_of_secret(secret: str) -> str | None:
    if secret == settings.DEVELOPMENT_SECRET_KEY:
        return "is not set"
    if len(secret) < MIN_SECRET_LENGTH:
        return f"has {len(secret)} characters, fewer than {MIN_SECRET_LENGTH}"
    if len(set(secret)) < _MIN_DIFFERENT_SIGNS:
        return f"has {len(set(secret))} different characters, fewer than {_MIN_DIFFERENT_SIGNS}"
    return None


def _list_ways_in() -> Iterator[str]:
    """Return the ways in which others than the users of this machine reach the site."""
    if not _is_loopback(settings.HOST):
        yield f"HOST={settings.HOST}"
    if hosts := list_public_hosts():
        yield f"ALLOWED_HOSTS={','.join(hosts)}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _find_problem_of_folder(folder: Path) -> str | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return error.strerror
    return None if os.access(folder, os.W_OK | os.X_OK) else "permission denied"


def _find_problem_of_disk(folder: Path, n_bytes: int) -> str | None:
    """Return why a file of ``n_bytes`` cannot be written; tried, since quotas limit space too."""
    if not n_bytes:
        return None
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            for _ in range(n_bytes // _BLOCK_BYTES):
                file.write(bytes(_BLOCK_BYTES))
            file.flush()
    except OSError as error:
        return error.strerror
    return None


def _find_problem_of_address() -> str | None:
    try:
        (family, *_, address), *_others = socket.getaddrinfo(
            settings.HOST, settings.PORT, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()
    except OSError as error:
        return error.strerror
    return None
