"""What belongs to a listener's likes: their languages and times, and no artist they sent away."""

from collections.abc import Mapping

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts, name_code

OTHER_LANGUAGE = 0.5
"""What is left of the score of a song in a language that no like is in, nor another song of their
artists."""
FAR_YEARS = 20
FAR_TIME = 0.7
"""What is left of the score of a song further than that from the years of all likes."""
DISMISSED_ARTIST = 0.45
"""What is left of the score of the songs of an artist of whom one song was dismissed; of an artist
who is liked as well the root of it."""

_WORDLESS = name_code("zxx")
_NO_YEAR = -10_000


def rate_belonging(candidates: SongFacts, likes: SongFacts) -> np.ndarray:
    """What is left of the candidates' scores, ``(n_candidates,)`` float32: 1 where nothing is
    known, and for music without words whatever its language.
    """
    factors = np.ones(candidates.language.size, np.float32)
    languages = np.unique(likes.language[likes.language != UNKNOWN])
    if languages.size:
        # Whoever likes a song of BTS in English does not leave it by one in Korean.
        of_artists = np.isin(candidates.artist, likes.artist) & (candidates.artist != UNKNOWN)
        languages = np.union1d(languages, candidates.language[of_artists])
        theirs = candidates.language
        is_open = np.isin(theirs, [*languages.tolist(), UNKNOWN, _WORDLESS])
        factors[~is_open] *= OTHER_LANGUAGE
    years = np.unique(likes.year[likes.year != UNKNOWN])
    if years.size:
        bounded = np.concatenate([[_NO_YEAR], years, [-_NO_YEAR]])
        at = np.searchsorted(bounded, candidates.year)
        distance = np.minimum(candidates.year - bounded[at - 1], bounded[at] - candidates.year)
        factors[(distance > FAR_YEARS) & (candidates.year != UNKNOWN)] *= FAR_TIME
    return factors


def rate_artists(
    candidates: SongFacts, likes: SongFacts, dismissals: Mapping[int, float]
) -> np.ndarray | float:
    """What dismissals leave of the candidates' scores. ``dismissals`` says by artist code how many
    songs of the artist were dismissed, older ones counting less.
    """
    if not dismissals:
        return 1.0
    artists = np.array(sorted(dismissals), np.int32)
    counts = np.array([dismissals[artist] for artist in artists.tolist()], np.float32)
    counts[np.isin(artists, likes.artist)] *= 0.5
    at = np.minimum(np.searchsorted(artists, candidates.artist), artists.size - 1)
    sent_away = np.where(artists[at] == candidates.artist, counts[at], 0.0)
    return np.float32(DISMISSED_ARTIST) ** sent_away
