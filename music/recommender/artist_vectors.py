"""Artist vectors: artists are near by whom their listeners also love, and by common traits.

Random walks start at each artist of the graph, and the frequency with which they pass another
artist is an entry of the vector. Two artists whose walks meet are near, though neither names the
other.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

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
    _, _, weighed = weigh_traits(names, traits)
    steps = DAMPING * (_balanced(graph) + _join_alike(weighed, graph))
    reached = walk = steps
    for _ in range(STEPS - 1):
        reached = (reached @ steps).tocsr()
        walk = (walk + reached).tocsr()
    return {name: _read_vector(walk, row, names) for name, row in row_of.items()}


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


def weigh_traits(
    names: Sequence[str], traits: Mapping[str, Mapping[str, float]]
) -> tuple[list[str], np.ndarray, sparse.csr_array]:
    """Return the traits, sorted, their rarity, and how much each says about each artist.

    The rarity, ``(n_traits,)``, is the inverse document frequency; rows of the matrix,
    ``(n_artists, n_traits)``, are those of ``names``, weighted by it and of length 1.
    """
    every = sorted({trait for name in names for trait in traits[name]})
    column_of = {trait: column for column, trait in enumerate(every)}
    cells = [
        (row, column_of[trait], held)
        for row, name in enumerate(names)
        for trait, held in traits[name].items()
    ]
    counted = _matrix(cells, (len(names), len(every)))
    rarity = _rarity_of(counted)
    return every, rarity, _scaled_rows(counted, rarity)


def _rarity_of(counted: sparse.csr_array) -> np.ndarray:
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
