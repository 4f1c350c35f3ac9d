"""A request from end to end: candidates, filtering, ranking, re-ranking, explanation."""

import numpy as np

from music.recommender.pool import Pool
from music.recommender.query import Query, Recommendation
from music.recommender.ranking import Ranker
from music.recommender.reranking import rerank
from music.recommender.snapshot import Snapshot

POOL_PER_SONG = 6
"""The number of candidates for re-ranking per song of the list, for one like or for many."""

FEW_POOL_PER_SONG = 20
"""The same for three to ten likes: with 6, a taste of one like among others had no candidates in
most lists."""

MAX_POOL = 600
"""The most candidates for a long list: each costs time for every like."""

_SCORE_SCALE = 0.25
_POPULAR_SCORE = 0.05


def recommend(snapshot: Snapshot, query: Query) -> list[Recommendation]:
    """Return up to ``query.n`` songs, best first; fewer only when the filters leave fewer.

    Deterministic: equal input gives an equal list, whatever the order of the seeds.
    """
    if query.n <= 0:
        return []
    ranker = Ranker(snapshot, query)
    per_song = pool_per_song(len(ranker.seed_ids))
    pool = ranker.best(min(per_song * query.n, max(MAX_POOL, 2 * query.n)), per_song)
    chosen = rerank(
        pool.scores,
        pool.shares,
        ranker.seed_weights,
        pool.facts,
        query.n,
        query.reranking,
        ranker.artist_limits(query.reranking),
        ranker.preferred(pool.song_ids),
        ranker.genre_limits,
        prefers_strongly=query.prefers_strongly,
    )
    found = _personal(ranker, pool.take(chosen))
    if len(found) < query.n:
        found += _popular(ranker, pool.take(chosen), query)
    return found


def pool_per_song(n_seeds: int) -> int:
    """Return how many candidates re-ranking gets per song of a list for ``n_seeds`` likes.

    The number grows over the first three likes, and falls again beyond the tenth, since each like
    then has less weight.
    """
    more = FEW_POOL_PER_SONG - POOL_PER_SONG
    first, later = more * max(n_seeds - 1, 0) // 2, more * 10 // max(n_seeds, 1)
    return POOL_PER_SONG + min(first, more, later)


def rank(snapshot: Snapshot, query: Query) -> list[str]:
    """Return the ids that ranking puts first, before re-ranking, filled up with popular songs.

    Offline scoring uses it.
    """
    ranker = Ranker(snapshot, query)
    pool = ranker.best(query.n)
    if len(pool.song_ids) == query.n:
        return pool.song_ids
    missing = query.n - len(pool.song_ids)
    return pool.song_ids + [song for song, _ in ranker.popular(pool, missing, query.reranking)]


def _personal(ranker: Ranker, chosen: Pool) -> list[Recommendation]:
    scores = 1.0 - np.exp(-chosen.raw_scores.astype(np.float64) / _SCORE_SCALE)
    because = ranker.explain(chosen)
    stages = np.where(chosen.collaborative, "collaborative", "content").tolist()
    columns = (chosen.song_ids, np.round(scores, 6).tolist(), because, stages)
    return [Recommendation(*row) for row in zip(*columns, strict=True)]


def _popular(ranker: Ranker, chosen: Pool, query: Query) -> list[Recommendation]:
    """Return the most popular songs that pass the same filters, to fill a list up."""
    filling = ranker.popular(chosen, query.n - len(chosen.song_ids), query.reranking)
    return [
        Recommendation(song_id, round(_POPULAR_SCORE * float(popularity), 6), (), "popular")
        for song_id, popularity in filling
    ]
