"""Collective EASE: likes and text in one closed form, at any size.

The rows of ``Z`` are the listeners' likes and, times ``sqrt(text_weight)``, the terms; its columns
are the songs. EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019) on
``Z`` gives the weight of song i for song j as ``z_i' A z_j / (1 - z_j' A z_j)`` with
``A = (ridge I + Z Z')^-1``. With few listeners the term rows decide; as listeners arrive their
rows outweigh them; a song nobody has liked has its term rows.

With ``Z = U S V'`` the numerator is ``V f(S) V'``, ``f(s) = s^2 / (s^2 + ridge)``. The strongest
``rank`` directions are taken so; in the others ``s^2`` is small beside the ridge, where ``f(s)`` is
close to ``c s^2`` with ``c = 1 / (ridge + s_rank^2 / 2)``, so that what is left of ``Z' Z`` is
added times ``c``: what two songs share in person, beyond what their factors say. Of that only the
*light* rows count (listeners and terms with few songs), since the factors know the heavy ones.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from music.recommender.broad_tastes import BroadTastes, find_broad_tastes, join_tastes
from music.recommender.competing_tastes import find_competing_tastes
from music.recommender.confident_tastes import find_confident_tastes
from music.recommender.decomposition import Step, decompose, show_nothing
from music.recommender.matrices import scale_rows, slice_rows, squares_of, stack_scaled

MAX_RANK = 1_024
MIN_RANK = 128
_FACTOR_BUDGET = 20_000_000
_PAIR_BUDGET = 60_000_000
_MAX_LEVERAGE = 0.95
_TEXT_RIDGE = 3.0
_DUE_EXPONENT = 1.3


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Tunable parameters, chosen on validation data and the same for every catalogue.

    ``ridge`` is that of likes alone; ``ridge_of`` says how text raises it. A term of n songs counts
    in proportion to ``n^-r``, where r is ``rarity_exponent`` times the share that likes have in all
    that is known: without likes, common terms such as languages and genres must tell which songs
    belong together. ``popularity_exponent`` p scales a song with n likes by ``(n + 1)^-p`` before
    fitting, since otherwise the squared error is spent on the few songs that everybody likes;
    ``activity_exponent`` does the same for listeners with many likes. A seed counts by its list's
    length (2-norm) to the power ``-seed_norm_exponent``, so that no seed drowns the others.
    ``cold_ridge_factor`` raises the ridge for listeners of whom little is known (``weigh_cold``).
    For them a song with n likes counts ``(n + 1)^cold_popularity_exponent`` times as much, and one
    seen n times ``(n + 1)^cold_views_exponent`` times: what many know is the safer guess.
    ``unseen_due`` raises the scores of songs that nobody has liked yet (``Factors.due``).

    ``broad_weight`` is the weight of the ``broad_rank`` strongest directions of the likes beside
    all the rest, where nothing is known but likes (``broad_tastes``); text tells the same, so it
    falls with the third power of the share that likes have in all that is known. For them a song
    with n likes is scaled by ``(n + 1)^-broad_exponent``. The weights and ranks of the factors of
    ``confident_tastes`` and ``competing_tastes`` follow; both weights fall with the share itself.
    """

    ridge: float = 150.0
    text_weight: float = 4.0
    rarity_exponent: float = 0.3
    popularity_exponent: float = 0.1
    activity_exponent: float = 0.25
    diagonal_exponent: float = 0.5
    seed_norm_exponent: float = 0.6
    cold_ridge_factor: float = 32.0
    cold_popularity_exponent: float = 0.2
    cold_views_exponent: float = 0.02
    unseen_due: float = 3.0
    broad_weight: float = 0.5
    broad_rank: int = 32
    broad_exponent: float = 0.25
    confident_weight: float = 0.5
    confident_rank: int = 96
    competing_weight: float = 1.2
    competing_rank: int = 64


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors of ``Z``, from which the weights for any ridge are computed.

    ``right`` ``(n_songs, rank)`` and ``strength`` ``(rank,)`` are ``V`` and ``S^2``; ``light`` and
    ``terms`` are scaled CSR matrices with a column per song; ``rarity`` ``(n_terms,)`` are the
    factors by which terms count more or less than others; ``source`` ``(n_songs,)`` is the weight
    of a song as a seed. ``ridge`` fits listeners with many likes. ``unseen_scale`` multiplies the
    terms of a song without likes, before ``rarity``.

    ``due`` ``(n_songs,)`` is what each song gets more than its score. The score of two songs has a
    part from likes that a song nobody has liked cannot have; it grows with the share that likes
    have in all that is known, so such a song gets ``unseen_due`` times the power ``_DUE_EXPONENT``
    of that share more (``unseen_lift`` times as much). ``popularity`` ``(n_songs,)`` is its likes
    over the mean, one for a song that nobody has liked. ``broad`` are the broad tastes, if any.
    """

    right: np.ndarray
    strength: np.ndarray
    light: sparse.csr_matrix
    terms: sparse.csr_matrix
    rarity: np.ndarray
    source: np.ndarray
    ridge: float
    diagonal_exponent: float
    unseen_scale: float
    unseen_lift: float
    due: np.ndarray
    popularity: np.ndarray
    broad: BroadTastes | None


@dataclass(frozen=True, slots=True)
class CollectiveModel:
    """The weights between songs, and of terms for songs, in factored form.

    Song i gives song j ``source[i] * (left[i] @ right[j] + shared * light[:, i] @ light[:, j]) *
    target[j]``, to which the broad tastes are added (``song_scores``); ``source``, ``right`` and
    ``light`` are the factors'. ``left`` is ``(n_songs, rank)``, float32. ``ridge`` is that of the
    weights.
    """

    factors: Factors
    left: np.ndarray
    target: np.ndarray
    shared: float
    ridge: float


@dataclass(frozen=True, slots=True)
class TermWeights:
    """The weights of terms for songs by one model, both ``(n_terms, rank)`` float32.

    Term t gives song j ``rarity[t] * (left[t] @ right[j] + shared * terms[t, j]) * target[j]``; by
    the factors alone it gives it ``factors[t] @ right[j]``.
    """

    left: np.ndarray
    factors: np.ndarray


def weigh_terms(model: CollectiveModel) -> TermWeights:
    """Return the weights of the terms by ``model``."""
    left = np.asarray(model.factors.terms @ model.factors.right)
    factors = (left / (model.ridge + model.factors.strength)).astype(np.float32, copy=False)
    left *= -model.shared
    left += factors
    return TermWeights(left, factors * model.factors.rarity[:, None])


def fit_collective(
    likes: sparse.csr_matrix, terms: sparse.csr_matrix, settings: ModelSettings
) -> CollectiveModel:
    """Fit a model of ``likes`` ``(n_listeners, n_songs)`` and ``terms`` ``(n_terms, n_songs)``."""
    factors = factorise(likes, terms, settings)
    return weigh(factors, factors.ridge)


def factorise(
    likes: sparse.csr_matrix,
    terms: sparse.csr_matrix,
    settings: ModelSettings,
    step: Step = show_nothing,
) -> Factors:
    """Scale the rows of likes and terms, and factorise them."""
    popularity, unseen = relative_popularity(likes)
    scale = popularity**-settings.popularity_exponent
    activity = activity_scale(likes, settings.activity_exponent)
    rows = stack_scaled(likes, terms, activity, math.sqrt(settings.text_weight), scale)
    of_likes = squares_of(slice_rows(rows, 0, likes.shape[0]))
    terms = slice_rows(rows, likes.shape[0], None)
    energies = float(of_likes.sum()), float(squares_of(terms).sum())
    likes_share = energies[0] / max(sum(energies), 1e-9)
    rarity = rarity_scale(terms, settings.rarity_exponent * likes_share)
    scale_rows(terms, rarity)
    right, singular = decompose(rows, rank_for(rows.shape[1]), step)
    unseen_lift = 1.0 + settings.unseen_due * likes_share**_DUE_EXPONENT
    return Factors(
        right=right,
        strength=singular**2,
        light=_float32(rows[_light_rows(rows)]),
        terms=terms,
        rarity=rarity.astype(np.float32),
        source=(scale**2).astype(np.float32),
        ridge=settings.ridge * ridge_of(*energies),
        diagonal_exponent=settings.diagonal_exponent,
        unseen_scale=unseen**-settings.popularity_exponent * math.sqrt(settings.text_weight),
        unseen_lift=unseen_lift,
        due=np.where(of_likes > 0.0, 1.0, unseen_lift).astype(np.float32),
        popularity=np.where(of_likes > 0.0, popularity, 1.0).astype(np.float32),
        broad=_find_tastes(likes, terms, activity, popularity, settings, likes_share),
    )


def _find_tastes(
    likes: sparse.csr_matrix,
    terms: sparse.csr_matrix,
    activity: np.ndarray,
    popularity: np.ndarray,
    settings: ModelSettings,
    share: float,
) -> BroadTastes | None:
    """Return the broad, confident and competing tastes; likes are ``share`` of what is known."""
    scale = popularity**-settings.broad_exponent
    weight = settings.broad_weight * share**3
    confident = settings.confident_weight * share
    competing = settings.competing_weight * share
    return join_tastes(
        [
            find_broad_tastes(likes, activity, scale, settings.broad_rank, weight),
            find_confident_tastes(likes, settings.confident_rank, confident),
            find_competing_tastes(likes, terms, settings.competing_rank, competing),
        ]
    )


def weigh(factors: Factors, ridge: float, renown: np.ndarray | float = 1.0) -> CollectiveModel:
    """Return the weights for a ``ridge``; what each song gets is multiplied by ``renown``.

    The model learns to complete whole lists of likes. A listener who gives three likes leaves most
    of theirs out: that is heavy dropout of the input, which is the same as a ridge many times
    larger (for EASE: Steck, "Autoencoders that don't overfit towards the Identity", NeurIPS 2020).
    """
    right, strength, light = factors.right, factors.strength, factors.light
    shared = 1.0 / (ridge + strength[-1] / 2.0) if strength.size else 0.0
    placed = np.asarray(light @ right)
    core = np.diag(strength / (strength + ridge)) - shared * (placed.T @ placed)
    left = right @ core.astype(np.float32)
    leverage = np.einsum("ij,ij->i", left, right) + shared * squares_of(light)
    kept = 1.0 - np.clip(leverage, 0.0, _MAX_LEVERAGE)
    return CollectiveModel(
        factors=factors,
        left=left,
        target=factors.due * renown * kept**-factors.diagonal_exponent,
        shared=float(shared),
        ridge=float(ridge),
    )


def weigh_cold(factors: Factors, views: np.ndarray, settings: ModelSettings) -> CollectiveModel:
    """Return the weights for listeners of whom little is known; songs were seen ``views`` times."""
    by_likes = factors.popularity**settings.cold_popularity_exponent
    by_views = (np.maximum(views, 0.0) + 1.0) ** settings.cold_views_exponent
    return weigh(factors, settings.cold_ridge_factor * factors.ridge, by_likes * by_views)


def ridge_of(likes_energy: float, text_energy: float) -> float:
    """Return the factor of the ridge: 1 with likes alone, ``1 + _TEXT_RIDGE`` with text alone.

    It grows with the square of the share of text. Energies are the sums of squares of the two kinds
    of rows.
    """
    share = float(text_energy) / max(float(likes_energy + text_energy), 1e-9)
    return 1.0 + _TEXT_RIDGE * share**2


def _light_rows(rows: sparse.csr_matrix) -> np.ndarray:
    """Return a mask of the shortest rows that together have ``_PAIR_BUDGET`` pairs of songs.

    In a small catalogue these are all rows. Rows of equal length stay together.
    """
    lengths = np.diff(rows.indptr).astype(np.int64)
    order = np.argsort(lengths, kind="stable")
    within = np.cumsum(lengths[order] ** 2) <= _PAIR_BUDGET
    if within.all():
        return np.ones(lengths.size, bool)
    return lengths < lengths[order][np.argmin(within)]


def rank_for(n_songs: int) -> int:
    """Return the number of factors: a tenth of the songs, within 80 MB, from 128 to 1,024."""
    return max(min(n_songs // 10, _FACTOR_BUDGET // max(n_songs, 1), MAX_RANK), MIN_RANK)


def rarity_scale(terms: sparse.csr_matrix, exponent: float) -> np.ndarray:
    """Return one factor per term, larger for terms of few songs.

    The mean of their squares over the terms of all songs is one, so that text keeps its weight.
    """
    counts = np.maximum(np.diff(terms.indptr), 1).astype(np.float64)
    factors = counts**-exponent
    return factors / math.sqrt(np.average(factors**2, weights=counts)) if counts.size else factors


def relative_popularity(likes: sparse.csr_matrix) -> tuple[np.ndarray, float]:
    """Return (likes + 1) of each song over those of the mean liked song; and of an unseen one."""
    popularity = np.asarray(likes.sum(axis=0)).ravel() + 1.0
    liked = popularity[popularity > 1.0]
    mean = float(liked.mean()) if liked.size else 1.0
    return popularity / mean, 1.0 / mean


def activity_scale(likes: sparse.csr_matrix, exponent: float) -> np.ndarray:
    """Return one factor per listener; it is one for the median number of likes."""
    counts = np.maximum(np.diff(likes.indptr), 1)
    return (counts / np.median(counts)) ** -exponent if counts.size else np.ones(0)


def _float32(matrix: sparse.sparray | sparse.spmatrix) -> sparse.csr_matrix:
    return sparse.csr_matrix(matrix, dtype=np.float32)
