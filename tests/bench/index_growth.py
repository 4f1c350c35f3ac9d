"""How time, memory and files of a build grow with the songs, and what requests cost afterwards.

    OPENBLAS_NUM_THREADS=1 nice -n 5 .venv/bin/python -m tests.bench.index_growth 10000 100000
    nice -n 5 .venv/bin/python -m tests.bench.index_growth --names 1000000

Each size is a site of its own in a SQLite file, with ten likes a song (``large_catalogue.py``),
built by ``manage.py build_index`` in a process of its own: first from nothing, then again without a
change, and after the likes of fifty listeners have gone. Then the index is published to a folder
and fetched from it, fifty likes are asked for, and names are searched; with ``--names`` that alone.
"""

import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIKES_A_SONG = 10
N_SEARCHES = 200
AGAIN_UP_TO = 30_000
"""Larger sites are built once: building again differs in what is read alone."""


def main() -> None:
    names_alone = "--names" in sys.argv
    sizes = [int(text) for text in sys.argv[1:] if text.isdigit()] or [10_000, 100_000]
    for n_songs in sizes:
        with tempfile.TemporaryDirectory(prefix="index-growth-") as name:
            if names_alone:
                measure_names(Path(name), n_songs)
            else:
                measure(Path(name), n_songs)


def measure_names(folder: Path, n_songs: int) -> None:
    """Write the file of song names, search it, and print what that took."""
    print(f"{n_songs:,} songs", flush=True)
    run(folder, "manage.py", "migrate", "--verbosity", "0")
    run(folder, "-m", "tests.bench.index_growth", "--fill", "--no-likes", str(n_songs))
    run(folder, "-m", "tests.bench.index_growth", "--search", "--write")
    run(folder, "-m", "tests.bench.index_growth", "--search")


def measure(folder: Path, n_songs: int) -> None:
    """Build, and print the table of one size."""
    print(f"{n_songs:,} songs, {LIKES_A_SONG * n_songs:,} likes", flush=True)
    began = time.perf_counter()
    run(folder, "manage.py", "migrate", "--verbosity", "0")
    run(folder, "-m", "tests.bench.index_growth", "--fill", str(n_songs))
    size = (folder / "app.db").stat().st_size
    show("the database, and making it", f"{size / 1e9:.2f} GB", time.perf_counter() - began)
    watch_build(folder, "from nothing")
    if n_songs <= AGAIN_UP_TO:
        watch_build(folder, "again, nothing changed")
        forget_likes(folder)
        watch_build(folder, "again, 1,000 likes fewer")
    for ask_for in (("--ask",), ("--search", "--write"), ("--search",)):
        run(folder, "-m", "tests.bench.index_growth", *ask_for)


def watch_build(folder: Path, what: str) -> None:
    """Build the index and print what it took, and how long each part of it."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "manage.py", "build_index", "--quiet"]
    parts: dict[str, float] = {}
    private = peak = 0
    with subprocess.Popen(command, cwd=ROOT, env=environment(folder)) as child:
        while child.poll() is None:
            time.sleep(0.25)
            doing = read_doing(folder)
            parts[doing] = parts.get(doing, 0.0) + 0.25
            for kind, n_bytes in read_memory(child.pid):
                private = max(private, n_bytes) if kind == "RssAnon" else private
                peak = max(peak, n_bytes) if kind == "VmHWM" else peak
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = time.perf_counter() - began
    show(f"build, {what}", f"{cpu:.0f} s of processor", seconds)
    show("  memory: private; with mapped files", f"{private / 2**30:.2f}; {peak / 2**30:.2f} GiB")
    print("    " + ", ".join(f"{part} {n:.0f} s" for part, n in parts.items()), flush=True)
    index = sum(file.stat().st_size for file in newest_index(folder).iterdir())
    show("  index", f"{index / 1e6:,.0f} MB")


def read_doing(folder: Path) -> str:
    """Return what the build is at, or that it starts or ends."""
    try:
        text = (folder / "state" / "index_build.json").read_text()
        return text.partition('"what": "')[2].partition('"')[0]
    except OSError:
        return "start"


def read_memory(pid: int) -> Iterator[tuple[str, int]]:
    """Yield what the kernel says of a process's memory, in bytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        kind, _, rest = line.partition(":")
        if kind in ("RssAnon", "VmHWM"):
            yield kind, int(rest.split()[0]) * 1024


def newest_index(folder: Path) -> Path:
    index = folder / "state" / "index"
    return index / (index / "CURRENT").read_text()


def forget_likes(folder: Path) -> None:
    """Delete the likes of the first fifty listeners."""
    with sqlite3.connect(folder / "app.db") as database:
        database.execute("DELETE FROM music_userlikedsong WHERE user_id <= 50")


def run(folder: Path, *command: str) -> None:
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment(folder), check=True)


def environment(folder: Path) -> dict[str, str]:
    told = {
        "SQLITE_DATABASE_URL": f"sqlite:///{folder}/app.db",
        "STATE_DIR": f"{folder}/state",
        "INDEX_STORE_URL": "",
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
    }
    return os.environ | told


def show(what: str, figure: str, seconds: float | None = None) -> None:
    print(f"  {what:<50}{figure:>24}{f'{seconds:9.0f} s' if seconds else ''}", flush=True)


def fill(n_songs: int) -> None:
    """Fill the database of the environment."""
    import django

    django.setup()
    from django.conf import settings

    from tests.bench.large_catalogue import fill as fill_database

    n_likes = 0 if "--no-likes" in sys.argv else LIKES_A_SONG * n_songs
    fill_database(Path(settings.SQLITE_FILE), n_songs, n_likes)


def ask() -> None:
    """Publish and fetch the index of the environment, and ask it."""
    import django

    django.setup()
    measure_fetch()
    measure_requests()


def measure_fetch() -> None:
    from django.conf import settings
    from django.test import override_settings

    from music.domain import index_store

    with (
        tempfile.TemporaryDirectory(dir=settings.STATE_DIR) as name,
        override_settings(INDEX_STORE_URL=f"file://{name}/store"),
    ):
        began = time.perf_counter()
        index_store.publish()
        show("publishing the index to a folder", "", time.perf_counter() - began)
        with override_settings(INDEX_DIR=Path(name) / "index"):
            began = time.perf_counter()
            index_store.fetch(whatever_is_here=True)
            show("fetching it from there, with checksums", "", time.perf_counter() - began)


def measure_requests() -> None:
    from django.conf import settings

    from music.recommender import load_snapshot, recommend
    from tests.bench.recommender_speed import clock, make_queries, private_bytes

    began = time.perf_counter()
    snapshot = load_snapshot(settings.INDEX_DIR)
    show("loading the index, with checksums", "", time.perf_counter() - began)
    queries, private = make_queries(snapshot), private_bytes()
    wall, processor = clock(lambda query: recommend(snapshot, query), queries)
    show("a request, 50 likes, median", f"{wall * 1e3:.1f} ms; {processor * 1e3:.1f} of processor")
    show("private memory that requests add", f"{(private_bytes() - private) / 1e6:.0f} MB")


def search() -> None:
    """Search the names of the environment's songs, in a process that did nothing else."""
    import django

    django.setup()
    import numpy as np

    from music.catalogue import name_keeping, song_index
    from music.models import Song
    from tests.bench.recommender_speed import private_bytes

    if "--write" in sys.argv:
        began = time.perf_counter()
        name_keeping.bring_up_to_date()
        show("writing the file of song names", "", time.perf_counter() - began)
        return
    pks = np.random.default_rng(5).integers(0, 2**63, N_SEARCHES)
    songs = [Song.objects.filter(pk__gte=int(pk)).order_by("pk").first() for pk in pks]
    names = [f"{song.artist} {song.title}" for song in songs if song]
    wrong = [name[:5] + name[6:] for name in names]
    private = private_bytes()
    song_index.songs.refresh()
    find, contain = song_index.songs.find, song_index.songs.find_containing
    for what, look, asked in (
        ("a name", find, names),
        ("a name with a typing error", find, wrong),
        ("what contains a title", contain, [name.partition(" ")[2] for name in names]),
    ):
        measure_waits(f"search of {what}, median", lambda name, look=look: look(name, 20), asked)
    show("private memory of a worker's searches", f"{(private_bytes() - private) / 1e6:.0f} MB")


def measure_waits(what: str, look: Callable[[str], object], asked: list[str]) -> None:
    """Print the time that passes, and what of it is work, waiting for a core, or a page of disk.

    The first call of each is left out: it maps pages that later ones find.
    """
    for name in asked:
        look(name)
    taken = []
    for name in asked:
        before = read_clocks()
        look(name)
        taken.append([after - n for after, n in zip(read_clocks(), before, strict=True)])
    columns = zip(*taken, strict=True)
    wall, processor, queued, mapped, read = (statistics.median(column) for column in columns)
    show(what, f"{wall * 1e3:.1f} ms; {processor * 1e3:.1f} of processor")
    waits = f"{queued * 1e3:.1f} ms for a core, {mapped:.0f} pages mapped, {read:.0f} from disk"
    print(f"    of it waiting: {waits}", flush=True)


def read_clocks() -> tuple[float, float, float, int, int]:
    """Return this thread's clocks: wall, processor, waiting for a core (seconds); and page faults
    served from memory, and from disk.
    """
    _, queued, _ = Path("/proc/thread-self/schedstat").read_text().split()
    used = resource.getrusage(resource.RUSAGE_THREAD)
    clocks = (time.perf_counter(), time.thread_time(), int(queued) / 1e9)
    return (*clocks, used.ru_minflt, used.ru_majflt)


if __name__ == "__main__":
    if "--fill" in sys.argv:
        fill(int(sys.argv[-1]))
    elif "--ask" in sys.argv:
        ask()
    elif "--search" in sys.argv:
        search()
    else:
        main()
