"""The small world, fitted once for all tests of this folder."""

import pytest

from .worlds import make_snapshot


@pytest.fixture(scope="session")
def small_world():
    return make_snapshot()
