"""Adjusts scores by how a song fits a listener's languages, times, genres and seasons.

Songs of artists whom the listener dismissed lose score as well.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts, name_code

OTHER_LANGUAGE = 0.25
"""The factor of a song in a language of no like; its square root where a liked artist sings in that
language too."""
FAR_YEARS = 20
FAR_TIME = 0.6
"""The factor of a song further than that from the years of all likes."""
OTHER_FAMILY = 0.25
"""The factor of a song whose family of genres occurs neither in the likes nor in other songs of
their artists. A family that half of those songs are of is as welcome as one of the likes, a rarer
one in proportion: one rock song among fifteen of a pop singer does not make rock theirs."""
_ENOUGH = 0.5
OTHER_SEASON = 0.25
"""The factor of a Christmas song where no like is one, and of any other song where all likes are
Christmas songs."""
DISMISSED_ARTIST = 0.45
"""The factor of the songs of an artist with one dismissed song; its square root for an artist who
is liked as well."""

_FEW = 16
_WORDLESS = name_code("zxx")
_NO_YEAR = -10_000


def rate_belonging(candidates: SongFacts, likes: SongFacts) -> np.ndarray:
    """Return factors for the candidates' scores, ``(n_candidates,)`` float32.

    The factor is 1 where nothing is known; music without words fits every language.
    """
    factors = np.ones(candidates.language.size, np.float32)
    # A listener who likes a song of BTS in English also wants BTS in Korean.
    is_theirs = _are_among(candidates.artist, likes.artist) & (candidates.artist != UNKNOWN)
    languages = _known(likes.language)
    if languages:
        is_far = ~_are_among(candidates.language, [*languages, UNKNOWN, _WORDLESS]) & ~is_theirs
        is_shared = _are_among(candidates.language, _known(candidates.language[is_theirs]))
        factors[is_far & is_shared] *= OTHER_LANGUAGE**0.5
        factors[is_far & ~is_shared] *= OTHER_LANGUAGE
    factors *= _rate_families(candidates.family, likes.family, candidates.family[is_theirs])
    if likes.season.size:
        factors[~_are_among(candidates.season, likes.season)] *= OTHER_SEASON
    years = _known(likes.year)
    if years:
        bounded = np.array([_NO_YEAR, *years, -_NO_YEAR])
        at = np.searchsorted(bounded, candidates.year)
        distance = np.minimum(candidates.year - bounded[at - 1], bounded[at] - candidates.year)
        factors[(distance > FAR_YEARS) & (candidates.year != UNKNOWN)] *= FAR_TIME
    return factors


def _rate_families(candidates: np.ndarray, liked: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the factors of the candidates' families, given those of the likes and their artists.

    All are family codes; ``theirs`` has one for each candidate by an artist of the likes.
    """
    of_likes = _known(liked)
    if not of_likes:
        return np.ones(candidates.size, np.float32)
    counts = Counter(theirs[theirs != UNKNOWN].tolist())
    openness = np.zeros(candidates.size, np.float32)
    for family, count in counts.items():
        openness[candidates == family] = min(count / (_ENOUGH * counts.total()), 1.0)
    openness[_are_among(candidates, [*of_likes, UNKNOWN])] = 1.0
    return np.float32(OTHER_FAMILY) ** (1.0 - openness)


def _are_among(values: np.ndarray, others: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return whether each of ``values`` is one of ``others``, a bool array.

    For a few others comparing with each takes a fifth of the time of ``np.isin``, which sorts.
    """
    if len(others) > _FEW:
        return np.isin(values, others)
    return np.any(np.asarray(others)[:, None] == values, axis=0)


def _known(values: np.ndarray) -> list[int]:
    """Return the different ``values`` except ``UNKNOWN``, ascending."""
    return sorted(set(values.tolist()) - {UNKNOWN})


def rate_artists(
    candidates: SongFacts, likes: SongFacts, dismissals: Mapping[int, float]
) -> np.ndarray | float:
    """Return factors for the candidates' scores that follow from dismissals.

    ``dismissals`` says by artist code how many songs of the artist were dismissed, older ones
    counting less.
    """
    if not dismissals:
        return 1.0
    artists = np.array(sorted(dismissals), np.int32)
    counts = np.array([dismissals[artist] for artist in artists.tolist()], np.float32)
    counts[np.isin(artists, likes.artist)] *= 0.5
    at = np.minimum(np.searchsorted(artists, candidates.artist), artists.size - 1)
    sent_away = np.where(artists[at] == candidates.artist, counts[at], 0.0)
    return np.float32(DISMISSED_ARTIST) ** sent_away
