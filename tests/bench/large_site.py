"""What one worker of a large site costs: the first requests of its process, and its memory.

    OPENBLAS_NUM_THREADS=1 nice -n 5 .venv/bin/python -m tests.bench.large_site 100000
        [--folder FOLDER]

The site is made up (``large_catalogue.py``) and its index built, which takes minutes; ``FOLDER``
keeps both for the next run. Then a server with one worker starts as users start it, a few times,
and is asked at once: no request of the process came before. What passes until the answer is
printed, and what of it the worker's processor did. At the end many different requests are sent,
and the worker's memory is read: private, and of mapped files, which all workers share.
"""

import argparse
import json
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from tests.servers.site import running_site

from .cache_site import read_processor_seconds
from .index_growth import run

N_STARTS = 3
N_REQUESTS = 200
N_NAMES = 1000
MEGABYTE = 2**20
Ask = Callable[[str], bytes]


def prepare(folder: Path, n_songs: int) -> None:
    """Fill ``folder`` with a site and its index, unless that was done before."""
    if (folder / "names.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    run(folder, "manage.py", "migrate", "--verbosity", "0")
    # As each site has it, and before the index: a server that starts would load it later.
    run(folder, "manage.py", "load_catalogue")
    run(folder, "-m", "tests.bench.index_growth", "--fill", str(n_songs))
    run(folder, "manage.py", "build_index", "--quiet")
    # What a first start does for minutes, such as writing the file of names, is not measured.
    run(folder, "manage.py", "serve", "--prepare-only")
    run(folder, "-m", "tests.bench.large_site", "--write-names", str(folder / "names.json"))


def write_names(path: Path) -> None:
    """Write names of songs of the environment's database to a file, from the best known down."""
    import django

    django.setup()
    from music.models import Song

    songs = Song.objects.best_known_first().values_list("artist", "title", "address")
    step = max(songs.count() // N_NAMES, 1)
    path.write_text(
        json.dumps([[f"{artist} - {title}", at] for artist, title, at in songs[::step]])
    )


def list_requests(names: list[tuple[str, str]]) -> Iterator[tuple[str, str, bytes | None]]:
    """Yield endless different requests: what it is, its address, its body."""
    for n in range(10**9):
        (name, address), others = names[n % len(names)], names[n % 97 :: 211]
        body = json.dumps({"songs": [name for name, _ in others[:5]]}).encode()
        yield "a list for 5 songs", "/suggestions", body
        yield "For you", "/for-you/", None
        yield "a search", f"/search/?q={quote(name)}", None
        yield "a song", f"/songs/{quote(address)}", None


def ask(url: str, body: bytes | None) -> bytes:
    """Send one request; raises ``HTTPError`` unless it is answered 200."""
    headers = {"Content-Type": "application/json"} if body else {}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        return answer.read()


def measure_first(folder: Path, requests: list[tuple[str, str, bytes | None]]) -> None:
    """Print what each of ``requests`` costs as the first one of a process, and as the second."""
    for what, address, body in requests:
        taken: list[list[float]] = []
        for _ in range(N_STARTS):
            with running_site(folder, WEB_WORKERS="1", INDEX_AUTO_BUILD="false") as site:
                times: list[float] = []
                for _again in range(2):
                    used, began = read_processor_seconds(site.process.pid), time.perf_counter()
                    ask(f"{site.url}{address}", body)
                    times.append(time.perf_counter() - began)
                    times.append(read_processor_seconds(site.process.pid) - used)
                taken.append([*times, site.seconds_to_first_answer])
        wall, processor, again, _, start = map(statistics.median, zip(*taken, strict=True))
        print(
            f"first request, {what:<20}{wall * 1e3:8.0f} ms ({processor * 1e3:.0f} of processor),"
            f" least {min(times[0] for times in taken) * 1e3:.0f}; then {again * 1e3:.0f} ms;"
            f" start {start:.1f} s",
            flush=True,
        )


def measure_memory(folder: Path, names: list[tuple[str, str]]) -> None:
    """Print the memory of a worker that has answered many different requests."""
    with running_site(folder, WEB_WORKERS="1", INDEX_AUTO_BUILD="false") as site:
        for n, (_, address, body) in enumerate(list_requests(names)):
            if n in (1, N_REQUESTS, 4 * N_REQUESTS):
                print(
                    f"memory after {n:4} requests: {describe_memory(site.process.pid)}", flush=True
                )
            if n == 4 * N_REQUESTS:
                return
            ask(f"{site.url}{address}", body)


def describe_memory(pid: int) -> str:
    """Return the memory of the worker of the server ``pid``, in megabytes."""
    [worker] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = (line.split() for line in Path(f"/proc/{worker}/status").read_text().splitlines())
    kilobytes = {line[0]: int(line[1]) for line in lines if line[0].startswith("Rss")}
    sizes = {kind: n * 1024 / MEGABYTE for kind, n in kilobytes.items()}
    mapped = sizes["RssFile:"] + sizes["RssShmem:"]
    return f"{sizes['RssAnon:']:.0f} MB private, {mapped:.0f} MB of mapped files"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_songs", type=int, nargs="?", default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write-names", type=Path)
    options = parser.parse_args()
    if options.write_names:
        write_names(options.write_names)
        return
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prepare(folder, options.n_songs)
        names = json.loads((folder / "names.json").read_text())
        requests = list_requests(names)
        measure_first(folder, [next(requests) for _ in range(4)])
        measure_memory(folder, names)


if __name__ == "__main__":
    main()
