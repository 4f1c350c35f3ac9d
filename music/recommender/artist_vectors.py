"""Artist vectors: artists are near by whom their listeners also love, and by common traits.

Random walks start at each artist of the graph, and the frequency with which they pass another
artist is an entry of the vector. Two artists whose walks meet are near, though neither names the
other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from music.recommender.byte_strings import byte_strings, find_sorted

DAMPING = 0.7
"""The probability that the walk goes one step further."""
STEPS = 3
PLACE_DECAY = 0.1
"""The factor by which the second of the loved artists counts less than the first, and so on."""
ENOUGH_LOVED = 4
"""An artist with fewer neighbours in the graph is also joined to artists with similar traits."""
N_ALIKE = 6
MAX_ENTRIES = 32
OWN_WEIGHT = 2.0
"""The weight of an artist in its own vector, the nearest other one having 1. It must not drown the
others: songs of one artist have their artist in common anyway."""

Vector = tuple[tuple[str, float], ...]


def build_artist_vectors(
    traits: Mapping[str, Mapping[str, float]], loved: Mapping[str, Sequence[str]]
) -> dict[str, Vector]:
    """Return each artist's vector of length (2-norm) 1, with at most ``MAX_ENTRIES`` artists.

    The nearest artist of a vector is the artist itself. ``traits`` says how far each trait (a tag,
    a decade, a country) applies to an artist, up to 1; ``loved`` names the artists whom the
    listeners of an artist also love, the closest first, all of them in ``traits``. Nearness by
    ``loved`` is symmetric. An artist with few such neighbours gets those who share most and the
    rarest traits, by cosine, among those with enough.
    """
    names = sorted(traits)
    row_of = {name: row for row, name in enumerate(names)}
    graph = _join_loved(row_of, loved)
    steps = DAMPING * (_balanced(graph) + _join_alike(_trait_matrix(names, traits), graph))
    reached = walk = steps
    for _ in range(STEPS - 1):
        reached = (reached @ steps).tocsr()
        walk = (walk + reached).tocsr()
    return {name: _read_vector(walk, row, names) for name, row in row_of.items()}


@dataclass(frozen=True, slots=True)
class NearArtists:
    """The vectors of all known artists, and a guess for others, in arrays that may be mapped.

    ``artists`` and ``traits`` are sorted UTF-8 byte strings. The vector of artist i has the
    artists ``near[starts[i]:starts[i + 1]]``, by number, and their ``weights``. ``rarity`` is each
    trait's inverse document frequency; trait j is held by the artists
    ``holders[trait_starts[j]:trait_starts[j + 1]]``, in whose traits, of length 1, it has the
    ``shares``.
    """

    artists: np.ndarray
    starts: np.ndarray
    near: np.ndarray
    weights: np.ndarray
    traits: np.ndarray
    rarity: np.ndarray
    trait_starts: np.ndarray
    holders: np.ndarray
    shares: np.ndarray

    @staticmethod
    def of(
        traits: Mapping[str, Mapping[str, float]], vectors: Mapping[str, Vector]
    ) -> "NearArtists":
        """Return the arrays for what ``build_artist_vectors`` takes and returns."""
        names = sorted(traits)
        place_of = {name: place for place, name in enumerate(names)}
        near = [place_of[artist] for name in names for artist, _ in vectors[name]]
        weights = [weight for name in names for _, weight in vectors[name]]
        column_of = _number_traits(names, traits)
        shape = (len(names), len(column_of))
        counted = _matrix(_list_cells(names, traits, column_of), shape)
        rarity = _rarity_of(counted)
        held = _scaled_rows(counted, rarity).tocsc()
        return NearArtists(
            artists=byte_strings(names),
            starts=np.cumsum([0, *(len(vectors[name]) for name in names)]),
            near=np.array(near, np.int32),
            weights=np.array(weights, np.float64),
            traits=byte_strings(list(column_of)),
            rarity=rarity,
            trait_starts=held.indptr,
            holders=held.indices,
            shares=held.data,
        )

    def find(self, artist: str) -> Vector:
        """Return the vector of ``artist``; empty for one that is not known."""
        [place] = find_sorted(self.artists, [artist]).tolist()
        if place < 0:
            return ()
        span = slice(self.starts[place], self.starts[place + 1])
        return self._name(self.near[span], self.weights[span])

    def guess(self, traits: Sequence[str]) -> Vector:
        """Return the mean vector, of length 1, of the ``N_ALIKE`` artists nearest by traits.

        It is weighted by the similarity; empty where no artist shares any trait.
        """
        columns = find_sorted(self.traits, sorted(set(traits)))
        columns = columns[columns >= 0]
        rarity = self.rarity[columns]
        length = float(np.linalg.norm(rarity))
        if length == 0.0:
            return ()
        total = np.zeros(self.artists.size)
        for row, likeness in self._find_alike(columns.tolist(), rarity / length):
            span = slice(self.starts[row], self.starts[row + 1])
            total[self.near[span]] += likeness * self.weights[span]
        held = np.flatnonzero(total)
        # Names are sorted: of equally near artists the first by name comes first.
        nearest = held[np.argsort(-total[held], kind="stable")[:MAX_ENTRIES]]
        weights = total[nearest] / np.linalg.norm(total[nearest])
        return self._name(nearest, np.array([round(weight, 4) for weight in weights.tolist()]))

    def _name(self, places: np.ndarray, weights: np.ndarray) -> Vector:
        names = (name.decode() for name in self.artists[places].tolist())
        return tuple(zip(names, weights.tolist(), strict=True))

    def _find_alike(self, columns: Sequence[int], weights: np.ndarray) -> list[tuple[int, float]]:
        """Return the ``N_ALIKE`` artists nearest by traits with their likeness, nearest first."""
        likeness = np.zeros(self.artists.size)
        for column, weight in zip(columns, weights.tolist(), strict=True):
            span = slice(self.trait_starts[column], self.trait_starts[column + 1])
            likeness[self.holders[span]] += self.shares[span] * weight
        rows = np.flatnonzero(likeness > 0.0)
        if rows.size > N_ALIKE:
            least = np.partition(likeness[rows], -N_ALIKE)[-N_ALIKE]
            rows = rows[likeness[rows] >= least]
        rows = rows[np.argsort(-likeness[rows], kind="stable")[:N_ALIKE]]
        return list(zip(rows.tolist(), likeness[rows].tolist(), strict=True))


def _join_loved(row_of: Mapping[str, int], loved: Mapping[str, Sequence[str]]) -> sparse.csr_array:
    """Return the symmetric weights of the edges, ``(n_artists, n_artists)``."""
    edges = [
        (row_of[artist], row_of[other], 1.0 / (1.0 + PLACE_DECAY * place))
        for artist, others in loved.items()
        for place, other in enumerate(others)
    ]
    graph = _matrix(edges, (len(row_of), len(row_of)))
    return (graph + graph.T).tocsr()


def _balanced(graph: sparse.csr_array) -> sparse.csr_array:
    """Divide each edge by the root of the product of the sums of weights at both its ends.

    So an artist whom many name is not near to all of them.
    """
    sums = np.asarray(graph.sum(axis=1)).ravel()
    scale = sparse.diags_array(np.where(sums > 0.0, sums, 1.0) ** -0.5)
    return (scale @ graph @ scale).tocsr()


def _join_alike(traits: sparse.csr_array, graph: sparse.csr_array) -> sparse.csr_array:
    """Return edges from artists with few neighbours to those with enough who are most like them.

    The weights of an artist sum to its missing share of enough neighbours, at most 1.
    """
    n_loved = np.diff(graph.indptr)
    lonely, known = np.flatnonzero(n_loved < ENOUGH_LOVED), np.flatnonzero(n_loved >= ENOUGH_LOVED)
    edges = []
    likeness = (traits[lonely] @ traits[known].T).toarray()
    for artist, row in zip(lonely.tolist(), likeness, strict=True):
        nearest = np.argsort(-row, kind="stable")[:N_ALIKE]
        nearest = nearest[row[nearest] > 0.0]
        lacking = 1.0 - n_loved[artist] / ENOUGH_LOVED
        weights = lacking * row[nearest] / max(float(row[nearest].sum()), 1e-9)
        edges += [
            (artist, other, weight)
            for other, weight in zip(known[nearest].tolist(), weights.tolist(), strict=True)
        ]
    return _matrix(edges, graph.shape)


def _trait_matrix(
    names: Sequence[str], traits: Mapping[str, Mapping[str, float]]
) -> sparse.csr_array:
    """Return traits weighted by their rarity (inverse document frequency), in rows of length 1."""
    column_of = _number_traits(names, traits)
    cells = _list_cells(names, traits, column_of)
    counted = _matrix(cells, (len(names), len(column_of)))
    return _scaled_rows(counted, _rarity_of(counted))


def _number_traits(
    names: Sequence[str], traits: Mapping[str, Mapping[str, float]]
) -> dict[str, int]:
    every = sorted({trait for name in names for trait in traits[name]})
    return {trait: column for column, trait in enumerate(every)}


def _list_cells(
    names: Sequence[str],
    traits: Mapping[str, Mapping[str, float]],
    column_of: Mapping[str, int],
) -> list[tuple[int, int, float]]:
    return [
        (row, column_of[trait], held)
        for row, name in enumerate(names)
        for trait, held in traits[name].items()
    ]


def _rarity_of(counted: sparse.csr_array) -> np.ndarray:
    """Return the inverse document frequency of each trait, ``(n_traits,)``."""
    n_artists, n_traits = counted.shape
    n_holders = np.bincount(counted.indices, minlength=n_traits)
    return np.log(n_artists / np.maximum(n_holders, 1))


def _scaled_rows(counted: sparse.csr_array, rarity: np.ndarray) -> sparse.csr_array:
    matrix = (counted @ sparse.diags_array(rarity)).tocsr()
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sparse.diags_array(1.0 / np.maximum(lengths, 1e-9)) @ matrix).tocsr()


def _matrix(cells: Sequence[tuple[int, int, float]], shape: tuple[int, int]) -> sparse.csr_array:
    """Return the matrix with these (row, column, value) ``cells``; equal places are summed."""
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    places = np.array(rows, np.int32), np.array(columns, np.int32)
    return sparse.csr_array((np.array(values, np.float64), places), shape=shape)


def _read_vector(walk: sparse.csr_array, row: int, names: Sequence[str]) -> Vector:
    """Return the artist of ``row`` and the artists that the walk from it passes most often."""
    place = slice(walk.indptr[row], walk.indptr[row + 1])
    others = walk.indices[place] != row
    artists, weights = walk.indices[place][others], walk.data[place][others]
    nearest = np.lexsort((artists, -weights))[: MAX_ENTRIES - 1]
    artists, weights = artists[nearest], weights[nearest]
    own = OWN_WEIGHT * float(weights[0]) if weights.size else 1.0
    weights = np.concatenate([[own], weights])
    weights = np.round(weights / np.linalg.norm(weights), 4)
    return tuple(zip((names[i] for i in [row, *artists.tolist()]), weights.tolist(), strict=True))
