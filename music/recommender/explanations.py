"""Explanations: which seeds caused a suggestion and how, true to the score.

A seed is named for its part of the score. The relation of the two songs is one that anybody can
check: one artist, an artist whom listeners of the other one also love, one scene, or enough
listeners who like both. Where only the likes of a few listeners connect them another seed is named;
where there is no other the strongest one is named, without saying that listeners like both.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts

MAX_CAUSES = 3
LOOKED_AT = 6
"""How many seeds of a suggestion are examined until enough may be named."""
SECOND_SHARE = 0.2
"""A seed after the strongest one is named if it has this share of the score."""
MIN_WITNESSES = 5
"""The least number of listeners who like both songs, where nothing else connects them."""

SAME_ARTIST, LOVED, SAME_SCENE = "artist", "loved", "scene"
TOGETHER, SAME_GENRE, NEAR = "together", "genre", "near"
HOWS = (SAME_ARTIST, LOVED, SAME_SCENE, TOGETHER, SAME_GENRE, NEAR)
Loved = Mapping[int, Collection[int]]
"""By the code of an artist the codes of those whom its listeners also love, by editorial facts."""
NOBODY: Loved = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Cause:
    """A seed that caused a suggestion, with its ``share`` of all positive parts of the score.

    ``how`` is the relation of the two songs: "artist", "loved" (listeners of the seed's artist also
    love the song's, by the catalogue's editorial facts), "scene" (genre and decade), "together"
    (liked by at least five listeners), "genre", or "near" (by the model alone).
    """

    seed_id: str
    share: float
    how: str


class CountTogether(Protocol):
    """Counts the listeners who like a suggested song and a seed, both given by position."""

    def __call__(self, song: int, seed: int) -> int: ...


def causes(
    contributions: np.ndarray,
    seed_ids: Sequence[str],
    songs: SongFacts,
    seeds: SongFacts,
    count_together: CountTogether,
    loved: Loved = NOBODY,
) -> list[tuple[Cause, ...]]:
    """Return for each song the seeds that raised its score most, each with its share of it.

    ``contributions`` is what each seed added to each song's score, ``(n_songs, n_seeds)``; a score
    is the sum of its row, so the shares are the score's own. The strongest seed with a relation
    that may be told comes first, or else the strongest as merely near; others need at least
    ``SECOND_SHARE``. ``songs`` and ``seeds`` are their facts; ``loved`` is by ``artist`` codes.
    """
    lifting = np.maximum(contributions, 0.0)
    totals = np.maximum(lifting.sum(axis=1, keepdims=True), 1e-12)
    order = np.argsort(-lifting, axis=1, kind="stable")[:, :LOOKED_AT]
    shares = lifting[np.arange(len(order))[:, None], order] / totals
    found = []
    for song, (best, parts) in enumerate(zip(order.tolist(), shares.tolist(), strict=True)):
        named: list[Cause] = []
        for seed, share in zip(best, parts, strict=True):
            if share <= 0.0 or len(named) == MAX_CAUSES or (named and share < SECOND_SHARE):
                break
            how = _how(songs, song, seeds, seed, count_together, loved)
            if how is not None:
                named.append(Cause(seed_ids[seed], share, how))
        if not named and parts and parts[0] > 0.0:
            named.append(Cause(seed_ids[best[0]], parts[0], NEAR))
        found.append(tuple(named))
    return found


def _how(
    songs: SongFacts,
    song: int,
    seeds: SongFacts,
    seed: int,
    count_together: CountTogether,
    loved: Loved,
) -> str | None:
    """Return the relation of song and seed; None where only a few listeners' likes show one."""
    if _is_same(songs.artist[song], seeds.artist[seed]):
        return SAME_ARTIST
    if int(songs.artist[song]) in loved.get(int(seeds.artist[seed]), ()):
        return LOVED
    is_same_genre = _is_same(songs.genre[song], seeds.genre[seed])
    if is_same_genre and _is_same(songs.decade(song), seeds.decade(seed)):
        return SAME_SCENE
    n_together = count_together(song, seed)
    if n_together >= MIN_WITNESSES:
        return TOGETHER
    if is_same_genre:
        return SAME_GENRE
    return None if n_together else NEAR


def _is_same(one: int, other: int) -> bool:
    return bool(one == other and one != UNKNOWN)
