"""An inverted index of character trigrams, which finds similar texts in about a millisecond.

It is built and queried with arrays only. A trigram of code points is packed into one 64-bit integer
(21 bits each), so that it works in every script without a table.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

COMMON = 25
"""A trigram is common when more than one text in this many has it."""
_CODE_POINT_BITS = 21


class TrigramIndex:
    """The trigrams of ``n`` texts, each weighted by how rare it is among them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.n_texts = len(texts)
        trigrams, self._texts = _text_trigrams(texts)
        self._trigrams, self._starts = np.unique(trigrams, return_index=True)
        counts = np.diff(np.append(self._starts, len(trigrams)))
        self._ends = self._starts + counts
        # Rare trigrams tell more: the inverse document frequency of retrieval, smoothed.
        self._weights = np.log1p(self.n_texts / np.maximum(counts, 1)).astype(np.float32)
        self._totals = np.bincount(
            self._texts, weights=np.repeat(self._weights, counts), minlength=self.n_texts
        )

    def find(self, text: str, n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ``n`` texts most like ``text`` and their similarity in [0, 1], best first.

        The similarity is Dice's coefficient of the weighted trigrams.
        """
        common, said = self._count(text)
        if not said:
            return np.empty(0, np.int64), np.empty(0)
        return _best(2 * common / (self._totals + said), n)

    def find_containing(self, text: str, n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ``n`` texts that contain most of ``text``, with the share, best first."""
        common, said = self._count(text)
        if not said:
            return np.empty(0, np.int64), np.empty(0)
        return _best(common / said, n)

    @property
    def n_bytes(self) -> int:
        """The memory of the arrays."""
        arrays = (
            self._texts,
            self._trigrams,
            self._starts,
            self._ends,
            self._weights,
            self._totals,
        )
        return sum(array.nbytes for array in arrays)

    def _count(self, text: str) -> tuple[NDArray[np.float64], float]:
        """Return the weight that each text shares with ``text``, and the weight of ``text``."""
        wanted = _text_trigrams([text])[0]
        places = np.searchsorted(self._trigrams, wanted)
        known = places < len(self._trigrams)
        known[known] = self._trigrams[places[known]] == wanted[known]
        places = places[known]
        unknown = (len(wanted) - len(places)) * np.log1p(max(self.n_texts, 1))
        if not len(places):
            return np.zeros(self.n_texts), 0.0
        counted = self._skip_common(places)
        found = [self._texts[self._starts[p] : self._ends[p]] for p in counted]
        weights = np.repeat(self._weights[counted], [len(texts) for texts in found])
        common = np.bincount(np.concatenate(found), weights=weights, minlength=self.n_texts)
        weight = float(self._weights[places].sum() + unknown)
        return common.astype(np.float64, copy=False), weight

    def _skip_common(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the trigrams that few texts have, when their weights suffice.

        Most of the time would go to the trigrams of many texts, which have little weight.
        """
        counts = self._ends[places] - self._starts[places]
        rare = places[counts <= max(self.n_texts // COMMON, 100)]
        enough = self._weights[rare].sum() >= 0.5 * self._weights[places].sum()
        return rare if enough else places


def _text_trigrams(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the trigrams of ``texts`` and the texts they are in, each pair once and sorted."""
    joined = "".join(f" {text} " for text in texts)
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    lengths = np.fromiter((len(text) + 2 for text in texts), np.int64, len(texts))
    owners = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
    within = owners[:-2] == owners[2:]  # no trigram spans two texts
    shift = _CODE_POINT_BITS
    trigrams = ((points[:-2] << 2 * shift) | (points[1:-1] << shift) | points[2:])[within]
    owners = owners[:-2][within]
    order = np.argsort(trigrams, kind="stable")  # keeps the order of texts
    trigrams, owners = trigrams[order], owners[order]
    fresh = np.ones(len(trigrams), bool)
    fresh[1:] = (trigrams[1:] != trigrams[:-1]) | (owners[1:] != owners[:-1])
    return trigrams[fresh], owners[fresh]


def _best(scores: NDArray[np.float64], n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the best ``n`` of those that are at least a third as good as the very best."""
    best = scores.max(initial=0.0)
    if not best:
        return np.empty(0, np.int64), np.empty(0)
    places = np.flatnonzero(scores >= best / 3)
    if len(places) > n:
        places = places[np.argpartition(scores[places], len(places) - n)[len(places) - n :]]
    places = places[np.lexsort((places, -scores[places]))]
    return places, scores[places]
