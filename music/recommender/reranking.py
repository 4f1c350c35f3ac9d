"""Re-ranking: makes a varied list out of the best candidates."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts

_GOOD = 5
PAGE = 10
_FEW_LIKES = 20
_MAX_TRUST = 3.0
_PRIOR_LIKES = 8
_LONELY = 5.0
"""How much more the wish of a like counts whose songs no other like asks for."""
_LESS, _FAR_LESS = np.float32(0.55), np.float32(0.3)
"""The factors of a candidate that is not preferred (a song without a video that plays here), for
listeners and for clients that can show nothing else. Of ten suggestions for one song of the bundled
catalogue 7.9 and 8.3 play, and 1.8 % are of another family of genres: as many as where nothing is
preferred. With half as many videos, and only songs that play, 12.5 % were."""
NO_LIMITS: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reranking:
    """The settings of re-ranking.

    ``per_artist`` is the most songs of one artist (None: no limit), except for artists to whom
    ``artist_limits`` allows more because of many likes; ``balance`` in [0, 1] is the weight of a
    fair share for every taste against the mere score (0: order by score).
    """

    per_artist: int | None = 2
    balance: float = 0.88


def artist_limits(seed_artists: np.ndarray, n: int, policy: Reranking) -> dict[int, int]:
    """Return how many of ``n`` songs may be by each artist with more than ``per_artist`` due.

    ``seed_artists`` holds the artist code of each liked song. A listener who likes one band above
    all wants its songs: an artist may have its share of the likes, ``(k - 1) / (likes + 8)``, so
    that a few likes by one artist say nothing yet.
    """
    if policy.per_artist is None:
        return {}
    counts = Counter(seed_artists[seed_artists != UNKNOWN].tolist())
    size = seed_artists.size + _PRIOR_LIKES
    limits = {artist: n * (k - 1) // size for artist, k in counts.items() if k > 1}
    return {artist: limit for artist, limit in limits.items() if limit > policy.per_artist}


def genre_limits(seed_genres: np.ndarray, n: int) -> dict[int, int]:
    """Return how many of ``n`` songs may be of each genre of the likes.

    The entry ``UNKNOWN`` is the limit of every other genre; ``seed_genres`` holds the genre code of
    each liked song. A few likes that are close to each other add up to more than hundreds that are
    not, and would fill the list of a large library. A genre with k of the likes may have its share,
    ``(k + 8) / (likes + 8)``, and one song more: loose for a few likes, close for many.
    """
    known = seed_genres[seed_genres != UNKNOWN].tolist()
    size = len(known) + _PRIOR_LIKES
    counts = {**Counter(known), UNKNOWN: 0}
    return {genre: 1 + n * (k + _PRIOR_LIKES) // size for genre, k in counts.items()}


def within_limits(genres: np.ndarray, limits: Mapping[int, int], per_song: int) -> np.ndarray:
    """Return which candidates re-ranking can use, as a bool array.

    ``genres`` are their codes, best first. Of each genre it can use ``per_song`` candidates for
    each song that ``limits`` allow.
    """
    within = np.ones(genres.size, bool)
    for code, size in Counter(genres.tolist()).items():
        enough = per_song * limits.get(code, limits[UNKNOWN])
        if size > enough and code != UNKNOWN:
            within[np.flatnonzero(genres == code)[enough:]] = False
    return within


def rerank(
    scores: np.ndarray,
    shares: np.ndarray,
    seed_weights: np.ndarray,
    facts: SongFacts,
    n: int,
    policy: Reranking,
    limits: Mapping[int, int] = NO_LIMITS,
    preferred: np.ndarray | None = None,
    of_genre: Mapping[int, int] = NO_LIMITS,
    *,
    prefers_strongly: bool = False,
) -> np.ndarray:
    """Return positions of up to ``n`` of the candidates, in the order to show them.

    ``scores`` is ``(n_candidates,)``, ``shares`` ``(n_candidates, n_seeds)``: each seed's part.
    ``limits`` are those of ``artist_limits``, ``of_genre`` those of ``genre_limits`` (empty: none),
    which are ignored where nothing else is left. The score of a candidate that is not ``preferred``
    (bool, ``(n_candidates,)``) counts ``_LESS`` times as much (``_FAR_LESS`` if
    ``prefers_strongly``), and its shares ``_LESS`` times as much beside those of the same seed.
    ``_choose`` says how songs are chosen; every ten of them are then sorted by score.
    """
    less = _FAR_LESS if prefers_strongly else _LESS
    counts = np.where(True if preferred is None else preferred, np.float32(1.0), less)
    relevance = _relevance(scores, seed_weights.size, policy.balance) * counts
    # A like none of whose songs is preferred has its share nevertheless: its merits are among them.
    merits = _merits(np.maximum(shares, 0.0) * np.maximum(counts, _LESS)[..., None])
    wishes = seed_weights * _louder_alone(shares)
    wishes *= np.float32(policy.balance / max(float(wishes.sum()), 1e-9))
    rivals = _Rivals(facts, policy, limits, of_genre)
    chosen = _choose(relevance, merits, wishes, rivals, min(n, scores.size))
    return _best_first(np.array(chosen, np.int64), scores * counts)


def _choose(
    relevance: np.ndarray, merits: np.ndarray, wishes: np.ndarray, rivals: "_Rivals", n: int
) -> list[int]:
    """Return positions of up to ``n`` candidates, chosen one after another.

    Greedy for ``trust * (1 - balance) * score / best score + balance * gain``. The gain is that of
    proportional fairness between the seeds, ``sum over seeds of seed weight * log(1 + merit / (1 +
    merits so far))``, where a song's merit for a seed is its share from that seed over the seed's
    fifth best share, at most 1. A tenth of the seeds so gets a tenth of the list, or more where it
    stands alone (``_louder_alone``). ``trust`` in the score grows from 1 at twenty likes to 3 at
    sixty: of many likes the sum tells more than each one. Ties go to the candidate that comes
    first.
    """
    asked = relevance.copy()
    heard = np.ones(merits.shape[1], np.float32)
    levels = np.empty_like(merits)
    chosen: list[int] = []
    while len(chosen) < n:
        # log(heard) is the same for all candidates, so the order is that of log(heard + merit).
        np.log(np.add(merits, heard, out=levels), out=levels)
        pick = int((relevance + levels @ wishes).argmax())
        if relevance[pick] == -np.inf:
            held_back = rivals.give_way()
            if not held_back.any():
                break
            relevance[held_back] = asked[held_back]
            continue
        chosen.append(pick)
        heard += merits[pick]
        relevance[rivals.rule_out(pick)] = -np.inf
    return chosen


def _louder_alone(shares: np.ndarray) -> np.ndarray:
    """Return by what each seed's wish is multiplied, from 1 to ``1 + _LONELY``, ``(n_seeds,)``.

    The less the songs that a seed asks for (its ``shares``) are those that all others ask for
    together, by cosine, the more its wish counts: those of a large taste support each other.
    """
    together = shares @ np.ones(shares.shape[1], np.float32)
    own, common = np.einsum("ij,ij->j", shares, shares), together @ shares
    of_others = np.maximum(float(together @ together) - 2.0 * common + own, 0.0)
    lengths = np.sqrt(own * of_others)
    agreement = np.ones(shares.shape[1])  # of a seed without candidates, and of the only one
    np.divide(common - own, lengths, agreement, where=lengths > 1e-6 * common)
    return (1.0 + _LONELY * (1.0 - np.clip(agreement, 0.0, 1.0))).astype(np.float32)


def _best_first(chosen: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return ``chosen`` with every ten of them sorted by their ``scores``.

    By then fairness between the tastes is settled, and the score best predicts what is liked.
    """
    tens = np.arange(chosen.size) // PAGE
    return chosen[np.lexsort((chosen, -scores[chosen], tens))]


def _relevance(scores: np.ndarray, n_seeds: int, balance: float) -> np.ndarray:
    """Return the score part of the formula of ``_choose``, ``(n_candidates,)`` float32."""
    trust = min(max(n_seeds / _FEW_LIKES, 1.0), _MAX_TRUST)
    best = max(float(scores.max(initial=0.0)), 1e-9)
    return (trust * (1.0 - balance) * scores / best).astype(np.float32)


def _merits(shares: np.ndarray) -> np.ndarray:
    """Return shares over the ``_GOOD``-th best of each seed, at most 1.

    ``(n_candidates, n_seeds)``.
    """
    if shares.shape[0] > _GOOD:
        good = np.partition(shares, shares.shape[0] - _GOOD, axis=0)[shares.shape[0] - _GOOD]
    else:
        good = shares.max(axis=0, initial=0.0)
    good = np.where(good > 0.0, good, shares.max(axis=0, initial=0.0))
    return np.minimum(shares / np.maximum(good, 1e-9), 1.0)


class _Rivals:
    """Tracks which candidates each choice rules out: itself, and those of a full artist or genre.

    Those that only their genre's limit ruled out are held back, and may come in at the end.
    """

    def __init__(
        self,
        facts: SongFacts,
        policy: Reranking,
        limits: Mapping[int, int],
        of_genre: Mapping[int, int],
    ) -> None:
        self._facts = facts
        self._per_artist, self._limits, self._of_genre = policy.per_artist, limits, of_genre
        self._n_of_artist: Counter[int] = Counter()
        self._n_of_genre: Counter[int] = Counter()
        self._is_out = np.zeros(facts.artist.size, bool)
        self._is_held_back = np.zeros(facts.artist.size, bool)

    def rule_out(self, pick: int) -> np.ndarray:
        """Return which candidates must not follow ``pick``, at least for now, as a bool array."""
        artist, genre = int(self._facts.artist[pick]), int(self._facts.genre[pick])
        self._n_of_artist[artist] += 1
        self._n_of_genre[genre] += 1
        self._is_out[pick] = True
        limit = self._limits.get(artist, self._per_artist)
        if artist != UNKNOWN and self._n_of_artist[artist] == limit:
            self._is_out |= self._facts.artist == artist
        if self._of_genre and genre != UNKNOWN:
            enough = self._of_genre.get(genre, self._of_genre[UNKNOWN])
            if self._n_of_genre[genre] == enough:
                self._is_held_back |= self._facts.genre == genre
        return self._is_out | self._is_held_back

    def give_way(self) -> np.ndarray:
        """Return which candidates only genre limits held back; none at the next call."""
        back = self._is_held_back & ~self._is_out
        self._of_genre, self._is_held_back = NO_LIMITS, np.zeros_like(back)
        return back
