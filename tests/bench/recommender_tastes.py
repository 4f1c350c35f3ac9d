"""Do several tastes stay several? Two real listeners made one, and whose held-back likes are found.

    .venv/bin/python tests/bench/recommender_tastes.py FOLDER [--pairs 300]

Each pair has fifteen likes of one listener and five of another with nothing in common. Printed is
how often the twenty suggestions hit held-back likes of the first, of the second, and of both.
"""

import argparse
import os
import sys
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np  # noqa: E402

from music.recommender import Query, Seed, build_snapshot, recommend  # noqa: E402
from music.recommender.filtering import SongFilter  # noqa: E402
from music.recommender.interactions import Interaction  # noqa: E402
from music.recommender.listening_files import ListeningSet, read_listening_folder  # noqa: E402
from music.recommender.offline_scoring import Task, baseline_lists  # noqa: E402
from music.recommender.reranking import Reranking  # noqa: E402

N_FIRST, N_SECOND, N_SHOWN = 15, 5, 20
ANY_SONG = SongFilter(0, 2**31 - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, default=300)
    arguments = parser.parse_args()
    data = read_listening_folder(arguments.folder)
    pairs = make_pairs(data, arguments.pairs)
    print(f"{'hit within 20':<28}{'first':>8}{'second':>8}{'both':>8}")
    for name, lists in all_lists(data, pairs).items():
        first = hits(data, [pair[0] for pair in pairs], lists)
        second = hits(data, [pair[1] for pair in pairs], lists)
        print(f"{name:<28}{first.mean():>8.3f}{second.mean():>8.3f}{(first & second).mean():>8.3f}")


def make_pairs(data: ListeningSet, n_pairs: int) -> list[tuple[str, str]]:
    """Listeners who share no training like and have something held back."""
    random = np.random.default_rng(0)
    able = [who for who in sorted(data.test) if len(data.train.get(who, ())) >= N_FIRST]
    pairs: list[tuple[str, str]] = []
    while len(pairs) < n_pairs:
        first, second = (str(who) for who in random.choice(able, 2, replace=False))
        if not set(data.train[first]) & set(data.train[second]):
            pairs.append((first, second))
    return pairs


def all_lists(data: ListeningSet, pairs: list[tuple[str, str]]) -> dict[str, list[list[str]]]:
    given = {f"{a}+{b}": (*data.train[a][:N_FIRST], *data.train[b][:N_SECOND]) for a, b in pairs}
    masked = {f"{a}+{b}": (*data.train[a], *data.train[b]) for a, b in pairs}
    snapshot = build_snapshot(
        data.documents, [Interaction(who, s) for who, songs in data.train.items() for s in songs]
    )

    def ours(balance: float) -> list[list[str]]:
        policy = Reranking(None, balance)
        return [
            [item.song_id for item in recommend(snapshot, query)]
            for who, songs in given.items()
            for query in [
                Query(
                    [Seed(song) for song in songs],
                    excluded=masked[who],
                    n=N_SHOWN,
                    song_filter=ANY_SONG,
                    reranking=policy,
                )
            ]
        ]

    task = Task(data.documents, data.train, given, {}, masked)
    return {
        "mean-tfidf (older rule)": baseline_lists("mean-tfidf", task, list(given)),
        "item-knn": baseline_lists("item-knn", task, list(given)),
        "tunetrace by score alone": ours(0.0),
        "tunetrace as served": ours(Reranking().balance),
    }


def hits(data: ListeningSet, listeners: list[str], lists: list[list[str]]) -> np.ndarray:
    """Whether each list holds a held-back like of its listener."""
    pairs = zip(listeners, lists, strict=True)
    return np.array([bool(set(data.test[who]) & set(songs)) for who, songs in pairs])


if __name__ == "__main__":
    main()
