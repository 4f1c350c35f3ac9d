"""Small sums of ranking."""

import numpy as np
import pytest

from music.recommender.pool import find_first


@pytest.mark.parametrize("divisor", [1, 2, 7, 1000])
def test_find_first_is_what_asking_about_all_finds_and_asks_about_few(divisor):
    places, asked = np.arange(1, 501), []

    def are_wanted(some):
        asked.append(some.size)
        return some % divisor == 0

    wanted = places[places % divisor == 0]
    assert find_first(places, are_wanted, 10).tolist() == wanted[:10].tolist()
    assert asked == {1: [12], 2: [12, 12], 7: [12, 96], 1000: [12, 96, 392]}[divisor]
