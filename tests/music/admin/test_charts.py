"""Bars as figures."""

from music.admin.charts import GAP, HEIGHT, WIDTH, place_bars


def test_no_values_are_no_bars():
    assert place_bars([], ceiling=100) == []


def test_bars_share_the_width_and_reach_the_ceiling():
    bars = place_bars([("a", 0), ("b", 50), ("c", 100)], ceiling=100)
    assert [bar.height for bar in bars] == [0, HEIGHT / 2, HEIGHT]
    assert [bar.y for bar in bars] == [HEIGHT, HEIGHT / 2, 0]
    assert [bar.x for bar in bars] == [0, WIDTH / 3, WIDTH * 2 / 3]
    assert {bar.width for bar in bars} == {WIDTH / 3 - GAP}


def test_value_over_the_ceiling_stays_inside():
    assert place_bars([("a", 200), ("b", 100)], ceiling=100)[0].height == HEIGHT
    assert place_bars([("a", 200), ("b", 100)], ceiling=100)[1].height == HEIGHT / 2


def test_nothing_used_of_nothing_is_drawn():
    assert place_bars([("a", 0)], ceiling=0)[0].height == 0
