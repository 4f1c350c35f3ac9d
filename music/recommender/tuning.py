"""Chooses the ridge for a site when the index is built, by likes held back from the model.

How strong the ridge should be depends on how many likes the songs have: what is best for twenty
likes a song is far too weak for a hundred. So a fit of the best known songs, which have most of the
likes, tries a few. It takes seconds and gives the same for equal input.
"""

import logging
from dataclasses import replace

import numpy as np
from scipy import sparse

from music.recommender.collective_ease import CollectiveModel, ModelSettings, factorise, weigh
from music.recommender.confident_tastes import is_affordable
from music.recommender.list_building import Block, seed_weights, song_scores

logger = logging.getLogger(__name__)

RIDGE_FACTORS = (0.5, 1.0, 2.0, 4.0)
MIN_GAIN = 1.01
"""Another ridge must be better than the usual one by this share: smaller gains are chance."""

MIN_LISTENERS = 200
_MAX_LISTENERS = 1_000
_MAX_SONGS = 2_000
_MIN_LIKES = 5
_HELD_SHARE = 0.2
_TOP = 20


def with_best_ridge(
    likes: sparse.csr_matrix, terms: sparse.csr_matrix, settings: ModelSettings
) -> ModelSettings:
    """Return ``settings`` with the ridge that finds most of the likes held back.

    The ridges tried are those of ``RIDGE_FACTORS``. ``likes`` is ``(n_listeners, n_songs)``,
    ``terms`` ``(n_terms, n_songs)``. The ridge stays as it is while fewer than ``MIN_LISTENERS``
    listeners have five likes or more.
    """
    as_served = settings
    if not is_affordable(likes):
        # The likes of the best known songs alone might be few enough for what all are too many for.
        as_served = replace(settings, confident_weight=0.0, competing_weight=0.0)
    counts = np.diff(likes.tocsc().indptr)
    known = np.sort(np.argsort(-counts, kind="stable")[:_MAX_SONGS])
    likes, terms = likes[:, known].tocsr(), terms[:, known].tocsr()
    # A term of only one of these songs connects nothing, and there are a hundred thousand such
    # terms.
    terms = terms[np.diff(terms.indptr) > 1]
    listeners = _choose_listeners(likes)
    if listeners.size < MIN_LISTENERS:
        return settings
    train, held = _hold_back(likes, listeners)
    # With the tastes beside it: what they tell, the rest of the model need not smooth.
    factors = factorise(train, terms, as_served)
    given, wanted = train[listeners], held[listeners].toarray() > 0.0
    found = {
        factor: _ndcg(
            weigh(factors, factor * factors.ridge), given, wanted, settings.seed_norm_exponent
        )
        for factor in RIDGE_FACTORS
    }
    best = max(RIDGE_FACTORS, key=found.__getitem__)
    if found[best] < MIN_GAIN * found[1.0]:
        best = 1.0
    logger.info("ridge: %s times the usual one; NDCG@20 by factor: %s", best, found)
    return replace(settings, ridge=best * settings.ridge)


def _choose_listeners(likes: sparse.csr_matrix) -> np.ndarray:
    able = np.flatnonzero(np.diff(likes.indptr) >= _MIN_LIKES)
    return np.sort(np.random.default_rng(0).permutation(able)[:_MAX_LISTENERS])


def _hold_back(
    likes: sparse.csr_matrix, listeners: np.ndarray
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return ``likes`` without a fifth of those of ``listeners``, and that fifth."""
    random = np.random.default_rng(0)
    held = likes.copy()
    is_held = np.zeros(likes.nnz, bool)
    for listener in listeners.tolist():
        start, stop = likes.indptr[listener : listener + 2].tolist()
        is_held[start + random.permutation(stop - start)[: round(_HELD_SHARE * (stop - start))]] = 1
    held.data = np.where(is_held, likes.data, 0.0)
    train = likes - held
    held.eliminate_zeros()
    train.eliminate_zeros()
    return sparse.csr_matrix(train, dtype=np.float32), held


def _ndcg(
    model: CollectiveModel, given: sparse.csr_matrix, wanted: np.ndarray, exponent: float
) -> float:
    """Return the mean NDCG@20 of the model's lists for the likes ``given``."""
    everything = np.arange(wanted.shape[1])
    light = model.factors.light
    weights = song_scores(model, Block(everything, everything, (light.T @ light).tocsr()))
    seeds, _ = seed_weights(np.linalg.norm(weights, axis=1), model.factors.source, exponent)
    scores = given @ (weights * seeds[:, None])
    scores[given.nonzero()] = -np.inf
    top = np.argsort(-scores, axis=1, kind="stable")[:, :_TOP]
    hits = np.take_along_axis(wanted, top, axis=1)
    discounts = 1.0 / np.log2(np.arange(2, top.shape[1] + 2))
    ideal = np.cumsum(discounts)[np.minimum(wanted.sum(axis=1), top.shape[1]) - 1]
    return float((hits @ discounts / ideal).mean())
