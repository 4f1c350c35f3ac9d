"""The known artists, who is near to each of them, and who may be near to an unknown one.

Building takes seconds and much memory (``artist_vectors``), so it is done once a machine: the
result is a handful of arrays in a folder, which all processes map.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from uuid import uuid4

import numpy as np

from music.recommender.artist_vectors import (
    MAX_ENTRIES,
    N_ALIKE,
    Vector,
    build_artist_vectors,
    weigh_traits,
)
from tunetrace_site.machine.array_files import (
    SnapshotCorrupt,
    SnapshotMissing,
    load_arrays,
    save_arrays,
)

FORMAT = 1
"""Increased whenever the arrays change their meaning; other formats are not used."""


class NearArtists:
    """The known artists by ``names``, sorted, with their vectors and their ``traits``, sorted.

    ``arrays`` are those of ``build_near_artists``: the artists and weights of one vector after the
    other (the vector of ``names[n]`` ends where ``vector_ends[n]`` says), the artists that have one
    trait after the other with how much it says about each, and the rarity of each trait.
    """

    def __init__(
        self, names: Sequence[str], traits: Sequence[str], arrays: Mapping[str, np.ndarray]
    ) -> None:
        self.names = names
        self.traits = traits
        self.arrays = arrays
        self._place_of = {name: place for place, name in enumerate(names)}
        self._trait_of = {trait: place for place, trait in enumerate(traits)}

    def list_near(self, artist: str) -> Vector:
        """Return the vector of ``artist``, a key; empty for an unknown one."""
        place = self._place_of.get(artist)
        if place is None:
            return ()
        artists, weights = self._read_row("vector", place)
        return self._name(artists, weights)

    def guess(self, traits: Sequence[str]) -> Vector:
        """Return the mean vector, of length 1, of the ``N_ALIKE`` artists nearest by ``traits``.

        It is weighted by the similarity; empty where no artist shares any trait.
        """
        known = sorted({self._trait_of[trait] for trait in traits if trait in self._trait_of})
        rarity = self.arrays["rarity"][known]
        length = float(np.linalg.norm(rarity))
        if length == 0.0:
            return ()
        total = np.zeros(len(self.names))
        for place, likeness in self._find_alike(known, rarity / length):
            artists, weights = self._read_row("vector", place)
            total[artists] += likeness * weights
        held = np.flatnonzero(total)
        # Names are sorted: of equally near artists the first by name comes first.
        nearest = held[np.argsort(-total[held], kind="stable")[:MAX_ENTRIES]]
        return self._name(nearest, np.round(total[nearest] / np.linalg.norm(total[nearest]), 4))

    def _find_alike(self, traits: Sequence[int], weights: np.ndarray) -> list[tuple[int, float]]:
        """Return the ``N_ALIKE`` artists nearest by traits with their likeness, nearest first."""
        likeness = np.zeros(len(self.names))
        for trait, weight in zip(traits, weights.tolist(), strict=True):
            artists, held = self._read_row("trait", trait)
            likeness[artists] += held * weight
        places = np.flatnonzero(likeness > 0.0)
        if places.size > N_ALIKE:
            least = np.partition(likeness[places], -N_ALIKE)[-N_ALIKE]
            places = places[likeness[places] >= least]
        places = places[np.argsort(-likeness[places], kind="stable")[:N_ALIKE]]
        return list(zip(places.tolist(), likeness[places].tolist(), strict=True))

    def _read_row(self, kind: str, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the artists of one vector or trait, and their weights."""
        ends = self.arrays[f"{kind}_ends"]
        span = slice(int(ends[place - 1]) if place else 0, int(ends[place]))
        return self.arrays[f"{kind}_artists"][span], self.arrays[f"{kind}_weights"][span]

    def _name(self, artists: np.ndarray, weights: np.ndarray) -> Vector:
        named = zip(artists.tolist(), weights.tolist(), strict=True)
        return tuple((self.names[artist], weight) for artist, weight in named)


def build_near_artists(
    traits: Mapping[str, Mapping[str, float]], loved: Mapping[str, Sequence[str]]
) -> NearArtists:
    """Return the artists of ``traits``; both arguments as ``build_artist_vectors`` takes them."""
    names = sorted(traits)
    place_of = {name: place for place, name in enumerate(names)}
    vectors = build_artist_vectors(traits, loved)
    entries = [entry for name in names for entry in vectors[name]]
    trait_names, rarity, weighed = weigh_traits(names, traits)
    held = weighed.tocsc()
    arrays = {
        "vector_ends": np.array(list(accumulate(len(vectors[name]) for name in names)), np.int32),
        "vector_artists": np.array([place_of[artist] for artist, _ in entries], np.int32),
        "vector_weights": np.array([weight for _, weight in entries], np.float64),
        "trait_ends": held.indptr[1:].astype(np.int32),
        "trait_artists": held.indices.astype(np.int32),
        "trait_weights": held.data,
        "rarity": rarity,
    }
    return NearArtists(names, trait_names, arrays)


def save_near_artists(near: NearArtists, folder: Path) -> None:
    """Write ``near`` under ``folder``. Raises ``OSError`` if the disk is full."""
    facts = {"names": near.names, "traits": near.traits}
    save_arrays(folder, uuid4().hex, near.arrays, facts=facts, format_number=FORMAT)


def load_near_artists(folder: Path) -> NearArtists | None:
    """Return what is in ``folder``, its arrays mapped; None where that cannot be used."""
    try:
        stored = load_arrays(folder, format_number=FORMAT)
        return NearArtists(stored.facts["names"], stored.facts["traits"], stored.arrays)
    except (SnapshotMissing, SnapshotCorrupt, KeyError):
        return None
