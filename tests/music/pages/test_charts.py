from music.pages.charts import build_bars, fill_decades


def test_bars_are_relative_to_the_longest():
    bars = build_bars([("a", 4), ("b", 1)])
    assert [bar.length for bar in bars] == [100.0, 25.0]


def test_no_counts_are_no_bars():
    assert build_bars([]) == []
    assert fill_decades([]) == []


def test_missing_decades_are_filled():
    assert fill_decades([("1950s", 1), ("1970s", 2)]) == [("1950s", 1), ("1960s", 0), ("1970s", 2)]


def test_what_is_older_than_eight_decades_is_one_count():
    counts = [("1720s", 1), ("1800s", 2), ("1950s", 3), ("2020s", 4)]
    filled = fill_decades(counts)
    assert filled[:2] == [("before 1950", 3), ("1950s", 3)]
    assert (filled[-1], len(filled)) == (("2020s", 4), 9)
