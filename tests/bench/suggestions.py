"""How fast a fresh clone answers: start to first answer, and ten suggestions for ten likes.

Run: .venv/bin/python tests/bench/suggestions.py
"""

import json
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from music.catalogue.bundled import load_songs
from tests.servers.site import Site, running_site

N_REQUESTS = 60
N_SONGS = 10


def ask(site: Site, names: list[str]) -> float:
    """Return the seconds that one request for ten suggestions took."""
    body = json.dumps({"songs": names}).encode()
    request = urllib.request.Request(
        f"{site.url}/suggestions", body, {"Content-Type": "application/json"}
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as answer:
        n_suggestions = len(json.load(answer)["suggestions"])
    seconds = time.perf_counter() - began
    assert n_suggestions == 10
    return seconds


def measure_bare(site: Site) -> float:
    """Return the seconds of a request that does nothing: the cost of server and client."""
    began = time.perf_counter()
    with urllib.request.urlopen(f"{site.url}/health", timeout=30) as answer:
        answer.read()
    return time.perf_counter() - began


def wait_for_index(folder: Path) -> None:
    """Wait until the index is built in the background, which would be measured too."""
    while not (folder / "state/index/summary.json").exists():
        time.sleep(0.2)


def describe(label: str, seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[int(0.95 * len(ordered))]
    return f"{label:<42} {statistics.median(ordered) * 1e3:9.1f} {p95 * 1e3:9.1f}"


def main() -> None:
    songs = load_songs()
    chance = random.Random(7)
    draws = [[song.title for song in chance.sample(songs, N_SONGS)] for _ in range(N_REQUESTS)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_site(folder) as site:
            first_start = site.seconds_to_first_answer
            wait_for_index(folder)
        with running_site(folder) as site:
            second_start = site.seconds_to_first_answer
            first = ask(site, draws[0])
            bare = [measure_bare(site) for _ in draws]
            cold = [ask(site, names) for names in draws[1:]]
            warm = [ask(site, names) for names in draws[1:]]
    print(f"{'':<42} {'median ms':>9} {'p95 ms':>9}")
    print(describe("GET /health", bare))
    print(describe(f"ten suggestions for {N_SONGS} songs, never asked before", cold))
    print(describe("the same again, from the caches", warm))
    print(f"\nfirst start (schema, {len(songs)} songs, index) to first answer: {first_start:.1f} s")
    print(
        f"second start to first answer: {second_start:.1f} s; its first suggestions: {first:.2f} s"
    )


if __name__ == "__main__":
    main()
