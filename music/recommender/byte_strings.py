"""Many texts as one sorted array of UTF-8 byte strings, which can be mapped from a file."""

from collections.abc import Sequence

import numpy as np


def byte_strings(texts: Sequence[str]) -> np.ndarray:
    """Return ``texts`` as a numpy array of UTF-8 byte strings."""
    return np.array([text.encode("utf-8", "surrogatepass") for text in texts], dtype="S")


def find_sorted(held: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Return the index of each of ``texts`` in ``held`` (sorted byte strings); -1 if missing."""
    if held.size == 0 or not texts:
        return np.full(len(texts), -1, np.int64)
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    sought = np.array(encoded, dtype=f"S{max(held.itemsize, *map(len, encoded))}")
    at = np.minimum(np.searchsorted(held, sought), held.size - 1)
    return np.where(held[at] == sought, at, -1)
