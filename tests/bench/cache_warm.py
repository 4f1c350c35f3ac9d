"""Warm ``POST /suggestions`` against a bare Django view that returns the same bytes.

Same server, same workers, same settings; the two are loaded in turns and the medians compared.
Needs ``wrk`` (apt install wrk): a load generator in Python would be slower than the server.

Run: .venv/bin/python tests/bench/cache_warm.py
"""

import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.bench.cache_site import BODY, ask, find_wrk, prepare, serving
from tests.servers.redis import RedisServer

N_ROUNDS = 5
ROUND_SECONDS = 3
N_CONNECTIONS = 8


def load(wrk: str, url: str, script: Path) -> tuple[float, float]:
    """Requests a second and p99 in ms of one round."""
    report = subprocess.run(
        [wrk, "-t1", f"-c{N_CONNECTIONS}", f"-d{ROUND_SECONDS}s", "--latency", "-s", script, url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Non-2xx" not in report, report
    requests = float(re.search(r"Requests/sec:\s+([\d.]+)", report)[1])
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", report).groups()
    return requests, float(p99) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


def compare(wrk: str, url: str, script: Path) -> dict[str, list[tuple[float, float]]]:
    """Rounds of each, in turns."""
    rounds: dict[str, list[tuple[float, float]]] = {"bare": [], "suggestions": []}
    for _ in range(N_ROUNDS):
        for path, measured in rounds.items():
            measured.append(load(wrk, f"{url}/{path}", script))
    return rounds


def report(label: str, rounds: dict[str, list[tuple[float, float]]]) -> None:
    medians = {path: [statistics.median(column) for column in zip(*measured, strict=True)]
               for path, measured in rounds.items()}  # fmt: skip
    ratios = [s[0] / b[0] for s, b in zip(rounds["suggestions"], rounds["bare"], strict=True)]
    (bare, bare_p99), (ours, our_p99) = medians["bare"], medians["suggestions"]
    print(
        f"{label:<34}{bare:>8.0f}{ours:>8.0f}{statistics.median(ratios):>8.0%}"
        f"{bare_p99:>13.1f}{our_p99:>13.1f}"
    )


def main() -> None:
    wrk = find_wrk()
    if wrk is None:
        sys.exit("This needs wrk: apt install wrk")
    with RedisServer() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "post.lua"
        script.write_text(
            f"wrk.method='POST'\nwrk.body='{BODY.decode()}'\n"
            "wrk.headers['Content-Type']='application/json'\n"
        )
        environment = {**prepare(folder), "REDIS_URL": server.url}
        print(f"{'':<34}{'bare':>8}{'POST':>8}{'ratio':>8}{'p99 bare ms':>13}{'p99 POST ms':>13}")
        with serving(environment, folder / "site.log") as url:
            (folder / "body.json").write_bytes(ask(f"{url}/suggestions"))
            assert ask(f"{url}/bare") == ask(f"{url}/suggestions")
            report("requests/s, the same middleware", compare(wrk, url, script))
    print("\nto reach: at least 60%")


if __name__ == "__main__":
    main()
