"""A request to the recommender beside the older TuneTrace's rule, on the text of real videos.

    .venv/bin/python tests/bench/recommender_old_rule.py [--rounds 5]

Both see the same thousand real videos of the large sets (title, channel, tags, description; those
with most text first) and the same 50 likes. The older rule fits TF-IDF on every request;
ours asks an index that was built before. They take turns, so that a busy machine slows both.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402

from music.recommender import Query, Seed, build_snapshot, recommend  # noqa: E402
from music.recommender.documents import SongDocument  # noqa: E402
from tests.bench.large_sets import SetMissingError  # noqa: E402
from tests.bench.real_videos import read_real_videos  # noqa: E402

N_CANDIDATES = 1_000
N_LIKES = 50
N_REQUESTS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    try:
        documents = real_documents()
    except SetMissingError as missing:
        return print(missing)
    text_of = {document.song_id: whole_text(document) for document in documents}
    n_characters = sum(map(len, text_of.values()))
    print(f"{len(documents)} videos, {n_characters / len(documents):.0f} characters each")
    snapshot = build_snapshot(documents, [])
    random, ids = np.random.default_rng(3), list(text_of)
    likes = [random.choice(ids, N_LIKES, replace=False).tolist() for _ in range(N_REQUESTS)]
    ours, old = [], []
    for _ in range(rounds):
        ours += [seconds(recommend, snapshot, Query([Seed(s) for s in liked])) for liked in likes]
        old += [seconds(old_rule, liked, text_of) for liked in likes]
    ours_median, old_median = statistics.median(ours), statistics.median(old)
    print(f"older rule, fit per request, median   {old_median * 1e3:8.2f} ms")
    print(f"TuneTrace, median                     {ours_median * 1e3:8.2f} ms")
    print(f"older rule / TuneTrace                {old_median / ours_median:8.0f} times")


def real_documents() -> list[SongDocument]:
    documents = [
        SongDocument(
            song_id=video.video_id,
            title=video.title,
            artist=video.channel_title,
            tags=video.tags,
            description=video.description,
            view_count=video.views,
        )
        for video in read_real_videos()
    ]
    documents.sort(key=lambda document: -len(whole_text(document)))
    return documents[:N_CANDIDATES]


def whole_text(document: SongDocument) -> str:
    return " ".join([document.title, document.artist, *document.tags, document.description])


def seconds(answer, *arguments) -> float:
    """Return the processor seconds of this thread for one answer."""
    began = time.thread_time()
    answer(*arguments)
    return time.thread_time() - began


def old_rule(liked: list[str], text_of: dict[str, str]) -> list[int]:
    """The older TuneTrace: fit TF-IDF over the candidates, cosine to the mean of the likes."""
    vectors = TfidfVectorizer().fit_transform([*(text_of[s] for s in liked), *text_of.values()])
    profile = np.asarray(vectors[: len(liked)].mean(axis=0)).ravel()
    return np.argsort(-(vectors[len(liked) :] @ profile))[:10].tolist()


if __name__ == "__main__":
    main()
