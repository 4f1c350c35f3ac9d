"""Figures worked out by hand."""

import math

import pytest

from music.recommender.metrics import score_lists


def test_score_lists_by_hand():
    lists = [["a", "x", "b"], ["y"], ["never asked"]]
    wanted = [{"a", "b", "c"}, {"z"}, set()]
    figures = score_lists(lists, wanted, n_songs=8)
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert figures["recall@10"] == pytest.approx((2 / 3 + 0) / 2)
    assert figures["ndcg@10"] == pytest.approx(((1 + 1 / 2) / ideal + 0) / 2)
    assert figures["hitrate@10"] == pytest.approx(1 / 2)
    assert figures["coverage@10"] == pytest.approx(4 / 8)


def test_score_lists_hit_at_place_eleven_counts_at_twenty_only():
    lists = [[*map(str, range(10)), "a"]]
    figures = score_lists(lists, [{"a"}], n_songs=11)
    assert figures["recall@10"] == 0.0
    assert figures["recall@20"] == 1.0
    assert figures["ndcg@20"] == pytest.approx(1 / math.log2(12))


def test_score_lists_nobody_gives_zeros():
    assert set(score_lists([], [], 0).values()) == {0.0}
