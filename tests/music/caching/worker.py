"""A worker process of its own: does what it is told on standard input, one JSON line a command.

``["fetch", seed, file, seconds]`` fetches a suggestion list whose computation takes ``seconds``
and adds a line to ``file``; ``["likes", pk, file]`` reads what a listener likes from ``file``;
``["invalidate", pk]`` says that it has changed.
"""

import json
import os
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tunetrace_site.settings"
django.setup()

from music.caching import keys, liked_songs, parts, stack  # noqa: E402
from tunetrace_site.machine.files import state_path  # noqa: E402
from tunetrace_site.machine.locks import is_locked  # noqa: E402


def fetch(seed: str, path: str, seconds: float) -> object:
    def compute() -> dict[str, int]:
        with Path(path).open("a") as log:
            log.write(f"{os.getpid()}\n")
        time.sleep(seconds)
        return {"computed_by": os.getpid()}

    return stack.suggestions.fetch(keys.suggestions_key(seeds=[seed]), compute)


def likes(pk: int, path: str) -> str:
    return liked_songs.fetch(pk, Path(path).read_text)


def invalidate(pk: int) -> None:
    liked_songs.invalidate(pk)


def is_listening() -> bool:
    parts.broadcast.listen()
    path = state_path("listener")
    return path.exists() and is_locked(path)


COMMANDS = {f.__name__: f for f in (fetch, likes, invalidate, is_listening)}
for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(COMMANDS[name](*arguments)), flush=True)
