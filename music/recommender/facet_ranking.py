"""Songs by their properties: those that fulfil most wishes, the best known first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from music.recommender.byte_strings import find_sorted
from music.recommender.facts import UNKNOWN
from music.recommender.pool import largest
from music.recommender.query import Query, Recommendation
from music.recommender.ranking import Ranker
from music.recommender.snapshot import Snapshot

_RARITY = 0.1
"""How much more a wish counts that hardly any song fulfils: it says more than a common one."""
_STEPS = 40.0
"""Fits closer than a fortieth are equal, and the better known song comes first."""
_SILENT, _QUITE_SILENT = 0.1, 1.0
"""How much a song without a video that plays here loses, on the scale of popularity, for listeners
and for clients that can show nothing else: there it comes after all that fit as well."""
_FIRST_LOOK = 4
_LOOK_FURTHER = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish about a song.

    The song should have one of ``terms``, whose values say how well that fits (up to 1), or be of
    the ``years``, both ends included; or, if denied, it must not. ``weight`` is its importance
    beside other wishes.
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    years: tuple[int, int] | None = None
    is_denied: bool = False
    weight: float = 1.0


def find_fitting(snapshot: Snapshot, query: Query, wishes: Sequence[Wish]) -> list[Recommendation]:
    """Return up to ``query.n`` songs that fulfil as many ``wishes`` as possible, and no denied one.

    Among songs that fulfil equally many, the best known come first; with seeds in the query, the
    closest to those. At most ``query.reranking.per_artist`` songs of an artist. The score is the
    share of the wishes that is fulfilled. Songs newer than the snapshot are not included.
    """
    ranker = Ranker(snapshot, query)
    fits = rate_fits(snapshot, wishes)
    rows = np.flatnonzero(fits > 0.0)
    fits = fits[rows]
    merits = _closeness(ranker, snapshot)[rows] if query.seeds else snapshot.facts.popularity[rows]
    keys = np.rint(fits * _STEPS) + _scaled(merits)
    looked_at = _FIRST_LOOK * query.n
    while True:
        order = largest(keys, rows, looked_at)
        usable = order[ranker.usable(rows[order])]
        chosen = _spread(ranker, snapshot, rows[usable], keys[usable], query)
        if chosen.size >= query.n or order.size < looked_at:
            break
        looked_at *= _LOOK_FURTHER
    places = usable[chosen[: query.n]]
    n_asked = max(sum(not wish.is_denied for wish in wishes), 1)
    scores = np.minimum(fits[places] / n_asked, 1.0)
    ids = snapshot.ids_of(rows[places])
    return [
        Recommendation(song_id, round(float(score), 6), (), "words")
        for song_id, score in zip(ids, scores.tolist(), strict=True)
    ]


def rate_fits(snapshot: Snapshot, wishes: Sequence[Wish]) -> np.ndarray:
    """Return how many wishes each song fulfils, ``(n_songs,)`` float32; rare ones count more.

    0 where none is fulfilled or a denied one is. With denied wishes alone all other songs have 1.
    """
    asked = [wish for wish in wishes if not wish.is_denied]
    fits = np.zeros(snapshot.n_songs, np.float32)
    if not asked:
        fits += 1.0
    for wish in asked:
        held = _rate_one(snapshot, wish)
        share = np.count_nonzero(held) / max(snapshot.n_songs, 1)
        fits += held * np.float32(wish.weight + _RARITY * (1.0 - share) ** 4)
    for wish in wishes:
        if wish.is_denied:
            fits[_rate_one(snapshot, wish) > 0.0] = 0.0
    return fits


def count_holders(snapshot: Snapshot, term: str) -> int:
    """Return how many songs have ``term``; 0 for a term that is not in the vocabulary."""
    [row] = find_sorted(snapshot.terms, [term]).tolist()
    return int(snapshot.holders.of(row).size) if row >= 0 else 0


def _rate_one(snapshot: Snapshot, wish: Wish) -> np.ndarray:
    held = np.zeros(snapshot.n_songs, np.float32)
    if wish.years is not None:
        first, last = wish.years
        year = snapshot.facts.year
        held[(year >= first) & (year <= last) & (year != UNKNOWN)] = 1.0
    rows = find_sorted(snapshot.terms, list(wish.terms)).tolist()
    for row, fit in zip(rows, wish.terms.values(), strict=True):
        if row >= 0:
            songs = snapshot.holders.of(row)
            held[songs] = np.maximum(held[songs], np.float32(fit))
    return held


def _closeness(ranker: Ranker, snapshot: Snapshot) -> np.ndarray:
    rows, scores = ranker.scored()
    close = np.zeros(snapshot.n_songs, np.float32)
    known = rows < snapshot.n_songs
    close[rows[known]] = scores[known]
    return close


def _scaled(merits: np.ndarray) -> np.ndarray:
    """Return ``merits`` scaled into [0, 1), so that they only decide between equal fits."""
    return 0.99 * np.maximum(merits, 0.0) / max(float(merits.max(initial=0.0)), 1e-9)


def _spread(
    ranker: Ranker, snapshot: Snapshot, rows: np.ndarray, keys: np.ndarray, query: Query
) -> np.ndarray:
    """Return positions in ``rows``, best first, with a limited number of songs per artist.

    Songs that can be played come before equal others.
    """
    plays = ranker.preferred(snapshot.ids_of(rows))
    if plays is not None:
        silent = _QUITE_SILENT if query.prefers_strongly else _SILENT
        keys = keys - np.where(plays, 0.0, silent)
    order = np.argsort(-keys, kind="stable")
    limit = query.reranking.per_artist
    if limit is None:
        return order
    artists = snapshot.facts.artist[rows]
    n_of: Counter[int] = Counter()
    chosen = []
    for position, artist in zip(order.tolist(), artists[order].tolist(), strict=True):
        n_of[artist] += 1
        if artist == UNKNOWN or n_of[artist] <= limit:
            chosen.append(position)
    return np.array(chosen, np.int64)
