"""Quota counted in one go, and given back when it is not used."""

import contextvars
import threading

import pytest

from music.errors import QuotaExhausted
from music.models import QuotaUsage
from music.youtube import quota
from music.youtube.prepaid import prepaid, reserve


@pytest.fixture(autouse=True)
def ten_searches(settings, db):
    settings.YOUTUBE_DAILY_SEARCHES = 10


def used():
    return next(state.used for state in quota.get_state() if state.bucket == "search")


def test_calls_inside_are_counted_once_and_the_rest_is_given_back(django_assert_num_queries):
    with prepaid("search", 6, "listener"):
        assert used() == 6
        with django_assert_num_queries(0):
            reservations = [reserve("search", 1, "listener") for _ in range(4)]
    assert used() == 4
    assert [r.cost_units for r in reservations] == [1, 1, 1, 1]


def test_calls_beyond_what_was_prepaid_are_counted_one_by_one():
    with prepaid("search", 2, "listener"):
        for _ in range(5):
            reserve("search", 1, "listener")
    assert used() == 5


def test_where_too_little_is_left_each_call_asks_for_itself():
    quota.reserve("search", 7, "listener")
    n_granted = 0
    with prepaid("search", 5, "listener"), pytest.raises(QuotaExhausted):
        while True:
            reserve("search", 1, "listener")
            n_granted += 1
    assert (n_granted, used()) == (3, 10)


def test_other_callers_and_buckets_do_not_draw_on_it():
    with prepaid("search", 3, "listener"):
        reserve("units", 1, "listener")
        reserve("search", 1, "import")
    rows = QuotaUsage.objects.exclude(caller="").values_list("bucket", "caller", "used")
    assert sorted(rows) == [
        ("search", "import", 1),
        ("search", "listener", 0),
        ("units", "listener", 1),
    ]


def test_threads_of_the_context_share_it():
    granted = []
    with prepaid("search", 8, "listener"):
        contexts = [contextvars.copy_context() for _ in range(8)]
        threads = [
            threading.Thread(
                target=c.run, args=(lambda: granted.append(reserve("search", 1, "listener")),)
            )
            for c in contexts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(granted), used()) == (8, 8)


def test_released_part_goes_back_to_the_ledger():
    with prepaid("search", 3, "listener"):
        quota.release(reserve("search", 1, "listener"))
        reserve("search", 1, "listener")
    assert used() == 1


def test_what_is_left_is_counted_when_it_is_less():
    quota.reserve("search", 7, "listener")
    with prepaid("search", 5, "listener"):
        assert used() == 10
        assert [reserve("search", 1, "listener").cost_units for _ in range(2)] == [1, 1]
    assert used() == 9


def test_nothing_left_is_said_without_another_look(django_assert_num_queries):
    quota.reserve("search", 10, "listener")
    with (
        prepaid("search", 3, "listener"),
        django_assert_num_queries(0),
        pytest.raises(QuotaExhausted),
    ):
        reserve("search", 1, "listener")
    assert used() == 10


def test_two_buckets_can_be_prepaid_for_the_same_calls(django_assert_num_queries):
    with (
        prepaid("search", 1, "listener"),
        prepaid("units", 1, "listener"),
        django_assert_num_queries(0),
    ):
        taken = [reserve(bucket, 1, "listener").bucket for bucket in ("search", "units")]
    assert taken == ["search", "units"]


def test_background_callers_leave_the_reserve_also_when_they_prepay(settings):
    settings.YOUTUBE_LISTENER_RESERVE = 0.5
    with prepaid("search", 8, "harvest"):
        assert used() == 5
