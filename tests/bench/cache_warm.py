"""Warm ``POST /suggestions`` against a bare Django view that returns the same bytes.

Same server, same workers, same settings, and the bare view runs no unit of work either. Asked
anonymously, with a listener's token, and with a service key that names a listener; with SQLite
alone, and with both databases and Redis. All are loaded in turns and the medians compared. Rates
are worth something on a quiet machine only; the workers' processor time a request is worth more.
Needs ``wrk`` (apt install wrk): a load generator in Python would be slower than the server.

Run: .venv/bin/python -m tests.bench.cache_warm
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
from typing import NamedTuple

from tests.bench.cache_site import (
    BODY,
    ROOT,
    ask,
    find_wrk,
    prepare,
    read_processor_seconds,
    serving_process,
)
from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer

N_ROUNDS = 5
ROUND_SECONDS = 3
N_CONNECTIONS = 16
MAKE_CALLERS = """
from accounts.models import AccessToken, ServiceKey, User
from tunetrace_site.replication.unit import run_unit
def make():
    user = User.objects.create(user_id="warm")
    token, secret = AccessToken.issue(user=user, name="bench")
    token.save()
    key, key_secret = ServiceKey.issue(name="bench")
    key.save()
    return secret, key_secret
print(*run_unit(make))
"""


class Round(NamedTuple):
    """One round of one kind of request: requests a second, p99, and the workers' processor time."""

    rate: float
    p99_ms: float
    processor_ms: float


def load(wrk: str, url: str, script: Path, pid: int) -> Round:
    """Load one address for some seconds."""
    began = read_processor_seconds(pid)
    report = subprocess.run(
        [wrk, "-t1", f"-c{N_CONNECTIONS}", f"-d{ROUND_SECONDS}s", "--latency", "-s", script, url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    used = read_processor_seconds(pid) - began
    assert "Non-2xx" not in report, report
    n_requests = int(re.search(r"(\d+) requests in", report)[1])
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", report).groups()
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", report)[1])
    p99_ms = float(p99) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]
    return Round(rate, p99_ms, 1000 * used / n_requests)


def write_script(path: Path, body: bytes, secret: str | None) -> Path:
    """Write the script that tells ``wrk`` what to send."""
    lines = ["wrk.method='POST'", f"wrk.body='{body.decode()}'"]
    lines.append("wrk.headers['Content-Type']='application/json'")
    if secret:
        lines.append(f"wrk.headers['Authorization']='Bearer {secret}'")
    path.write_text("\n".join(lines))
    return path


def make_callers(environment: dict[str, str]) -> tuple[str, str]:
    """Return the secrets of a listener's token and of a service key."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", MAKE_CALLERS]
    answer = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    token, key = answer.stdout.decode().split()
    return token, key


def measure(wrk: str, environment: dict[str, str], folder: Path) -> dict[str, list[Round]]:
    """Run rounds of each kind of request, in turns."""
    token, key = make_callers(environment)
    named = json.dumps({**json.loads(BODY), "user_id": "warm"}).encode()
    scripts = {
        "bare": write_script(folder / "bare.lua", BODY, None),
        "anonymous": write_script(folder / "anonymous.lua", BODY, None),
        "user_id": write_script(folder / "user_id.lua", named, token),
        "service key": write_script(folder / "key.lua", named, key),
    }
    rounds = defaultdict(list)
    with serving_process(environment, folder / "site.log") as (url, pid):
        (folder / "body.json").write_bytes(ask(f"{url}/suggestions"))
        assert ask(f"{url}/bare") == ask(f"{url}/suggestions")
        for _ in range(N_ROUNDS):
            for name, script in scripts.items():
                path = "bare" if name == "bare" else "suggestions"
                rounds[name].append(load(wrk, f"{url}/{path}", script, pid))
    return rounds


def report(label: str, rounds: dict[str, list[Round]]) -> None:
    """Print a line for each kind of request; the ratio is of rates, round by round."""
    for name, measured in rounds.items():
        rate, p99_ms, _ = (statistics.median(column) for column in zip(*measured, strict=True))
        ratios = [m.rate / b.rate for m, b in zip(measured, rounds["bare"], strict=True)]
        least = min(m.processor_ms for m in measured)
        print(
            f"{label:<10}{name:<14}{rate:>10.0f}{statistics.median(ratios):>8.0%}"
            f"{p99_ms:>10.1f}{least:>16.2f}"
        )


def main() -> None:
    wrk = find_wrk()
    if wrk is None:
        sys.exit("This needs wrk: apt install wrk")
    print(f"{'':<24}{'requests/s':>10}{'ratio':>8}{'p99 ms':>10}{'processor ms':>16}")
    for label in ("SQLite", "both"):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            extra = {}
            if label == "both":
                postgres = stack.enter_context(running_postgres())
                postgres.execute("CREATE DATABASE bench")
                extra["POSTGRES_DATABASE_URL"] = postgres.url("bench")
                extra["REDIS_URL"] = stack.enter_context(RedisServer()).url
            environment = prepare(folder, extra)
            report(label, measure(wrk, environment, folder))
    print("\nto reach: 75, 65, 60 % with SQLite; 75, 55, 50 % with both and Redis")


if __name__ == "__main__":
    main()
