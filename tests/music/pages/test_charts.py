from music.pages.charts import build_bars, fill_decades


def test_bars_are_relative_to_the_longest():
    bars = build_bars([("a", 4), ("b", 1)])
    assert [(bar.length, bar.rest) for bar in bars] == [(100.0, 0.0), (25.0, 75.0)]


def test_no_counts_are_no_bars():
    assert build_bars([]) == []
    assert fill_decades([]) == []


def test_missing_decades_are_filled():
    assert fill_decades([("1950s", 1), ("1970s", 2)]) == [("1950s", 1), ("1960s", 0), ("1970s", 2)]
