"""Adjusts scores by how a song fits a listener's languages, times, genres and seasons.

Songs of artists whom the listener dismissed lose score as well.
"""

from collections.abc import Mapping

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts, name_code

OTHER_LANGUAGE = 0.35
"""The factor of a song in a language of no like; its square root where a liked artist sings in that
language too."""
FAR_YEARS = 20
FAR_TIME = 0.6
"""The factor of a song further than that from the years of all likes."""
OTHER_FAMILY = 0.4
"""The factor of a song whose family of genres occurs neither in the likes nor in other songs of
their artists."""
OTHER_SEASON = 0.25
"""The factor of a Christmas song where no like is one, and of any other song where all likes are
Christmas songs."""
DISMISSED_ARTIST = 0.45
"""The factor of the songs of an artist with one dismissed song; its square root for an artist who
is liked as well."""

_WORDLESS = name_code("zxx")
_NO_YEAR = -10_000


def rate_belonging(candidates: SongFacts, likes: SongFacts) -> np.ndarray:
    """Return factors for the candidates' scores, ``(n_candidates,)`` float32.

    The factor is 1 where nothing is known; music without words fits every language.
    """
    factors = np.ones(candidates.language.size, np.float32)
    # A listener who likes a song of BTS in English also wants BTS in Korean.
    is_theirs = np.isin(candidates.artist, likes.artist) & (candidates.artist != UNKNOWN)
    languages = _known(likes.language)
    if languages.size:
        is_far = ~np.isin(candidates.language, [*languages, UNKNOWN, _WORDLESS]) & ~is_theirs
        is_shared = np.isin(candidates.language, candidates.language[is_theirs])
        factors[is_far & is_shared] *= OTHER_LANGUAGE**0.5
        factors[is_far & ~is_shared] *= OTHER_LANGUAGE
    families = _known(likes.family)
    if families.size:
        open_to = [*families, *candidates.family[is_theirs], UNKNOWN]
        factors[~np.isin(candidates.family, open_to)] *= OTHER_FAMILY
    if likes.season.size:
        factors[~np.isin(candidates.season, likes.season)] *= OTHER_SEASON
    years = _known(likes.year)
    if years.size:
        bounded = np.concatenate([[_NO_YEAR], years, [-_NO_YEAR]])
        at = np.searchsorted(bounded, candidates.year)
        distance = np.minimum(candidates.year - bounded[at - 1], bounded[at] - candidates.year)
        factors[(distance > FAR_YEARS) & (candidates.year != UNKNOWN)] *= FAR_TIME
    return factors


def _known(values: np.ndarray) -> np.ndarray:
    """Return the different ``values`` except ``UNKNOWN``, ascending."""
    return np.unique(values[values != UNKNOWN])


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
