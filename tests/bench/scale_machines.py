"""Three machines without SQLite against one, on the same cores: warm ``POST /suggestions``.

The one has three workers, the three have one each; PostgreSQL, Redis and the load generator share
the cores with them. Asked anonymously, and with a listener's token, for which what is kept of the
listener is compared with Redis at each request. In turns; the ratio of requests a second is of
medians. Rates are worth something on a quiet machine only. Needs ``wrk`` (apt install wrk).

Run: .venv/bin/python -m tests.bench.scale_machines
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from tests.bench.cache_site import BODY, find_wrk, prepare, read_processor_seconds, serving_process
from tests.bench.cache_warm import make_callers, write_script
from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer

N_ROUNDS = 5
ROUND_SECONDS = 4
N_CONNECTIONS = 15

Machines = list[tuple[str, int]]


def load(wrk: str, machines: Machines, script: Path) -> tuple[float, float]:
    """Load all ``machines`` at once; requests a second, and processor milliseconds a request."""
    began = [read_processor_seconds(pid) for _, pid in machines]
    command = [
        wrk,
        "-t1",
        f"-c{N_CONNECTIONS // len(machines)}",
        f"-d{ROUND_SECONDS}s",
        "-s",
        script,
    ]
    running = [
        subprocess.Popen([*command, f"{url}/suggestions"], stdout=subprocess.PIPE, text=True)
        for url, _ in machines
    ]
    reports = [process.communicate()[0] for process in running]
    assert not any("Non-2xx" in report for report in reports), reports
    used = sum(read_processor_seconds(pid) for _, pid in machines) - sum(began)
    n_requests = sum(int(re.search(r"(\d+) requests in", report)[1]) for report in reports)
    return n_requests / ROUND_SECONDS, 1000 * used / n_requests


def main() -> None:
    wrk = find_wrk()
    if wrk is None:
        sys.exit("This needs wrk: apt install wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(running_postgres())
        postgres.create_database("bench")
        extra = {
            "SQLITE_MIRROR": "none",
            "POSTGRES_DATABASE_URL": postgres.url("bench"),
            "REDIS_URL": stack.enter_context(RedisServer()).url,
        }
        environment = prepare(folder, extra)
        token, _ = make_callers(environment)
        named = json.dumps({**json.loads(BODY), "user_id": "warm"}).encode()
        scripts = {
            "anonymous": write_script(folder / "anonymous.lua", BODY, None),
            "listener": write_script(folder / "listener.lua", named, token),
        }

        def start(name: str, n_workers: int) -> tuple[str, int]:
            own = {"STATE_DIR": str(folder / name), "WEB_WORKERS": str(n_workers)}
            log = folder / f"{name}.log"
            return stack.enter_context(serving_process({**environment, **own}, log))

        ways = {
            "one": [start("one", 3)],
            "three": [start(name, 1) for name in ("first", "second", "third")],
        }
        rounds = defaultdict(list)
        for _ in range(N_ROUNDS):
            for caller, script in scripts.items():
                for way, machines in ways.items():
                    rounds[caller, way].append(load(wrk, machines, script))
    for caller in scripts:
        rates = {way: statistics.median(r for r, _ in rounds[caller, way]) for way in ways}
        costs = {way: min(c for _, c in rounds[caller, way]) for way in ways}
        print(
            f"{caller:<10} one {rates['one']:6.0f}/s {costs['one']:.2f} ms   "
            f"three {rates['three']:6.0f}/s {costs['three']:.2f} ms   "
            f"ratio {rates['three'] / rates['one']:.2f}"
        )


if __name__ == "__main__":
    main()
