"""How often one cold key is computed when 100 requests ask for it at once, in 4 processes of one
machine, and of three.

Run: .venv/bin/python tests/bench/cache_stampede.py
"""

import multiprocessing
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.servers.redis import RedisServer

N_PROCESSES = 4
N_THREADS = 25
N_KEYS = 10
COMPUTE_SECONDS = 0.1


def ask(
    folder: str, redis_url: str, starts_at: float, log: str, waits: "multiprocessing.Queue"
) -> None:
    """Run one worker process, in which 25 threads request each key at the same moment."""
    os.environ |= {
        "STATE_DIR": folder,
        "REDIS_URL": redis_url,
        "REDIS_TIMEOUT_SECONDS": "1",
        "SQLITE_DATABASE_URL": f"sqlite:///{folder}/unused.db",
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
        "LOG_LEVEL": "error",
    }
    import django

    django.setup()
    from music.caching import keys, stack

    def compute(number: int) -> int:
        with open(log, "a") as file:
            file.write(f"{number}\n")
        time.sleep(COMPUTE_SECONDS)
        return number

    def request(number: int) -> None:
        began = time.monotonic()
        key = keys.suggestions_key(seeds=[str(number)])
        assert stack.suggestions.fetch(key, lambda: compute(number)) == number
        waits.put(time.monotonic() - began)

    time.sleep(max(0.0, starts_at - time.monotonic()))
    for number in range(N_KEYS):
        threads = [threading.Thread(target=request, args=(number,)) for _ in range(N_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def measure(redis_url: str, n_machines: int = 1) -> tuple[int, float]:
    """Return the computations of all keys together, and the longest wait of a request.

    The processes are those of one machine, or in turns those of several.
    """
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n_machines):
            Path(folder, str(number)).mkdir()
        waits, log = spawn.Queue(), os.path.join(folder, "computations")
        starts_at = time.monotonic() + 8
        processes = [
            spawn.Process(
                target=ask, args=(f"{folder}/{n % n_machines}", redis_url, starts_at, log, waits)
            )
            for n in range(N_PROCESSES)
        ]
        for process in processes:
            process.start()
        longest = max(waits.get(timeout=120) for _ in range(N_PROCESSES * N_THREADS * N_KEYS))
        for process in processes:
            process.join()
        return len(Path(log).read_text().split()), longest


def main() -> None:
    print(
        f"{N_KEYS} cold keys, {N_PROCESSES} processes x {N_THREADS} threads, "
        f"{COMPUTE_SECONDS} s to compute"
    )
    print(f"{'':<16}{'computations a key':>20}{'longest wait s':>16}")
    with RedisServer() as server:
        for label, *how in (
            ("without Redis", ""),
            ("with Redis", server.url),
            ("three machines", server.url, 3),
        ):
            server.connect().flushall()
            n_computations, longest = measure(*how)
            print(f"{label:<16}{n_computations / N_KEYS:>20.2f}{longest:>16.2f}")
    print("\nto reach: 1 computation a key")


if __name__ == "__main__":
    main()
