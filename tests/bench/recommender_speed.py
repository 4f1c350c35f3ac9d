"""How long the recommender takes, and how much it holds, at a given size; one core.

    .venv/bin/python tests/bench/recommender_speed.py [--songs 100000] [--likes 1000000]
    .venv/bin/python tests/bench/recommender_speed.py --songs 1000000 --random-lists

``--random-lists`` skips the fit and fills the neighbour lists at random, for sizes whose build
would take longer than a benchmark should: requests cost the same. Times are given as wall clock
and, since machines are shared, as processor time of the thread.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np  # noqa: E402

from music.recommender import (  # noqa: E402
    Query,
    Seed,
    Snapshot,
    build_snapshot,
    load_snapshot,
    recommend,
    save_snapshot,
)
from music.recommender.list_building import cold_list_length, list_length  # noqa: E402
from music.recommender.neighbours import NeighbourLists, RowSets  # noqa: E402
from tests.bench.recommender_world import make_documents, make_interactions  # noqa: E402

N_REQUESTS = 200
N_LIKES = 50


def main() -> None:
    arguments = parse_arguments()
    documents = make_documents(arguments.songs)
    likes = list(make_interactions(documents, arguments.likes))
    before = peak_bytes()
    began, cpu_began = time.perf_counter(), time.process_time()
    if arguments.random_lists:
        snapshot = with_random_lists(arguments.songs)
    else:
        snapshot = build_snapshot(documents, likes)
        print_row("build, wall", f"{time.perf_counter() - began:.1f} s")
        print_row("build, processor", f"{time.process_time() - cpu_began:.1f} s")
        print_row("build, memory above its input", f"{(peak_bytes() - before) / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        path = save_snapshot(snapshot, Path(folder))
        size = sum(file.stat().st_size for file in path.iterdir())
        print_row("index on disk", f"{size / 1e6:.0f} MB")
        began = time.perf_counter()
        loaded = load_snapshot(Path(folder))
        print_row("load, with checksums", f"{time.perf_counter() - began:.2f} s")
        measure_requests(loaded)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=100_000)
    parser.add_argument("--likes", type=int, default=1_000_000)
    parser.add_argument("--random-lists", action="store_true")
    return parser.parse_args()


def measure_requests(snapshot: Snapshot) -> None:
    queries = make_queries(snapshot)
    private = private_bytes()
    wall, processor = clock(lambda query: recommend(snapshot, query), queries)
    print_row(f"request, {N_LIKES} likes, wall median", f"{wall * 1e3:.2f} ms")
    print_row(f"request, {N_LIKES} likes, processor median", f"{processor * 1e3:.2f} ms")
    print_row("private memory added by requests", f"{(private_bytes() - private) / 1e6:.1f} MB")


def make_queries(snapshot: Snapshot) -> list[Query]:
    random = np.random.default_rng(3)
    rows = [np.sort(random.choice(snapshot.n_songs, N_LIKES, replace=False)) for _ in range(200)]
    return [Query([Seed(song) for song in snapshot.ids_of(chosen)]) for chosen in rows]


def clock(answer, queries: list[Query]) -> tuple[float, float]:
    """Return median wall clock and processor seconds per query, after one round to warm up."""
    for query in queries:
        answer(query)
    wall, processor = [], []
    for query in queries:
        began, cpu_began = time.perf_counter(), time.thread_time()
        answer(query)
        processor.append(time.thread_time() - cpu_began)
        wall.append(time.perf_counter() - began)
    return statistics.median(wall), statistics.median(processor)


def with_random_lists(n_songs: int) -> Snapshot:
    """Return a snapshot of ``n_songs`` whose lists have realistic lengths, but random content."""
    small = build_snapshot(make_documents(1_000), [])
    take = np.arange(n_songs) % small.n_songs
    lists = random_lists(n_songs)
    facts = small.facts.take(take)
    placing = replace(
        small.placing,
        song_factors=small.placing.song_factors[take],
        seed_weights=small.placing.seed_weights[take],
    )
    ids = np.array([f"{song:011d}".encode() for song in range(n_songs)])
    popular = np.arange(n_songs, dtype=np.int32)
    return replace(
        small,
        terms=small.terms[:0],
        song_ids=ids,
        facts=facts,
        neighbours=lists,
        likers=RowSets(np.zeros(n_songs, np.int64), small.likers.rows[:0]),
        placing=placing,
        popular=popular,
    )


def random_lists(n_songs: int) -> NeighbourLists:
    """Return a warm list of each song, followed by its cold one."""
    random = np.random.default_rng(4)
    lengths = (list_length(n_songs), cold_list_length(n_songs))
    songs = [
        np.sort(random.integers(0, n_songs, (n_songs, n), dtype=np.int32), axis=1).ravel()
        for n in lengths
    ]
    return NeighbourLists(
        np.concatenate([[0], np.cumsum(np.repeat(lengths, n_songs))]).astype(np.int64),
        np.concatenate(songs),
        random.integers(0, 32_767, sum(lengths) * n_songs, dtype=np.int16),
        np.full(2 * n_songs, 1 / 32_767, np.float32),
    )


def peak_bytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def private_bytes() -> float:
    """Return the memory of this process that no file backs."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024.0


def print_row(what: str, value: str) -> None:
    print(f"{what:<44}{value:>14}", flush=True)


if __name__ == "__main__":
    main()
