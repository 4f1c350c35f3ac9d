"""The cost of a read of the near tier, compared with its parts and the other tiers.

Run: .venv/bin/python tests/bench/cache_hits.py
"""

import os
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.servers.redis import RedisServer

N_CALLS = 2000
N_ROUNDS = 30


def measure(action: Callable[[], object], n_calls: int = N_CALLS) -> tuple[float, float]:
    """Return microseconds of one call in the fastest round: wall clock, and processor time.

    Other work on the machine lengthens the first; only the second is the call's own.
    """
    fastest = (
        min(timeit.repeat(action, number=n_calls, repeat=N_ROUNDS, timer=timer)) / n_calls * 1e6
        for timer in (time.perf_counter, time.thread_time)
    )
    return next(fastest), next(fastest)


def main() -> None:
    with RedisServer() as server, tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "STATE_DIR": folder,
            "REDIS_URL": server.url,
            "REDIS_TIMEOUT_SECONDS": "1",
            "SQLITE_DATABASE_URL": f"sqlite:///{folder}/unused.db",
            "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
            "LOG_LEVEL": "error",
        }
        import django

        django.setup()
        report(server)


def report(server: RedisServer) -> None:
    from django.core.cache.backends.locmem import LocMemCache

    from music.caching import keys, parts, stack
    from music.records import Suggestion, SuggestionList

    value = SuggestionList(
        tuple(
            Suggestion(song_id=f"a/{n}", title="Title", artist="Artist", score=0.5, stage="content")
            for n in range(10)
        )
    )
    seeds = [f"song {n}" for n in range(10)]
    key = keys.suggestions_key(seeds=seeds)
    stack.suggestions.fetch(key, lambda: value)
    parts.machine.store(
        key, value, fresh_seconds=60, stale_seconds=0,
        generation=parts.generations.read(parts.generations.find_slots(key.scopes)),
    )  # fmt: skip
    django_s = LocMemCache("", {})
    django_s.set("song", value)
    plain = {key: value}
    slots = parts.generations.find_slots(key.scopes)
    rows = [
        ("dict", measure(lambda: plain[key])),
        ("freshness check alone (generations)", measure(lambda: parts.generations.read(slots))),
        (
            "near tier, with freshness check and count",
            measure(lambda: stack.suggestions.fetch(key, time.time)),
        ),
        ("Django LocMemCache", measure(lambda: django_s.get("song"))),
        ("machine tier (file)", measure(lambda: parts.machine.look(key), 200)),
        ("Redis tier", measure(lambda: parts.redis.look(key), 100)),
        ("making the key of 10 songs", measure(lambda: keys.suggestions_key(seeds=seeds), 200)),
    ]
    near = rows[2][1][1]
    print(f"{'one look at ten suggestions':<44}{'clock µs':>12}{'processor µs':>14}{'x near':>8}")
    for label, (clock, processor) in rows:
        print(f"{label:<44}{clock:>12.2f}{processor:>14.2f}{processor / near:>8.2f}")
    print(f"\nto reach: near tier under 5 µs of processor time: {'yes' if near < 5 else 'NO'}")


if __name__ == "__main__":
    main()
