"""Nobody spends the day's quota for all: shares of addresses, accounts and service keys."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from music.errors import QuotaExhausted
from music.models import QuotaUsage
from music.youtube import budgets, prepaid, quota
from music.youtube.budgets import Caller, identify_caller

MIDNIGHT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # the day begins in Los Angeles
NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 12:00 in Los Angeles


@pytest.fixture(autouse=True)
def _shares(settings):
    settings.YOUTUBE_DAILY_SEARCHES = 100
    settings.YOUTUBE_DAILY_UNITS = 1000
    settings.YOUTUBE_ADDRESS_SHARE = 0.25
    settings.YOUTUBE_SERVICE_KEY_SHARE = 0.5


def anonymous(address: str) -> Caller:
    return identify_caller("listener", address=address)


def spend_all(caller: str, bucket: str = "search") -> int:
    """How many calls ``caller`` is given, one at a time, before it is refused."""
    n = 0
    while True:
        try:
            quota.reserve(bucket, 1, caller)
        except QuotaExhausted:
            return n
        n += 1


def get_used(bucket: str = "search") -> int:
    return next(state.used for state in quota.get_state() if state.bucket == bucket)


def test_without_an_account_an_address_spends_a_tenth_of_what_is_left(db):
    assert [spend_all(anonymous(f"192.0.2.{n}")) for n in range(5)] == [10, 9, 8, 7, 6]
    assert spend_all(anonymous("192.0.2.0")) == 0


@pytest.mark.parametrize(("hours", "n_spent"), [(0, 91), (12, 96), (18, 98), (23.9, 100)])
def test_without_accounts_the_last_searches_are_spent_one_by_one_through_the_day(
    db, monkeypatch, hours, n_spent
):
    now = MIDNIGHT + timedelta(hours=hours)
    monkeypatch.setattr(timezone, "now", lambda: now)
    spent = [spend_all(anonymous(f"192.0.2.{n}")) for n in range(200)]
    assert (get_used(), sum(spent)) == (n_spent, n_spent)
    assert max(spent[spent.index(1) :]) == 1
    rest = spend_all(identify_caller("listener", address="198.51.100.1", account=1))
    assert rest == 100 - n_spent


def test_many_accounts_at_one_address_share_what_it_may_spend(db):
    spent = [
        spend_all(identify_caller("listener", address="192.0.2.1", account=n)) for n in range(5)
    ]
    assert spent == [25, 0, 0, 0, 0]


def test_account_at_many_addresses_has_one_share(db):
    spent = [
        spend_all(identify_caller("listener", address=f"192.0.2.{n}", account=7)) for n in range(5)
    ]
    assert spent == [25, 0, 0, 0, 0]


def test_address_spends_what_it_spent_without_an_account_too(db):
    assert spend_all(anonymous("192.0.2.1")) == 10
    assert spend_all(identify_caller("listener", address="192.0.2.1", account=7)) == 15


def test_service_key_has_its_own_share_whatever_its_address_spent(db):
    assert spend_all(anonymous("192.0.2.1")) == 10
    key = identify_caller("listener", address="192.0.2.1", service_key=3)
    assert spend_all(key) == 50
    assert spend_all(identify_caller("listener", address="192.0.2.1", service_key=4)) == 40


def test_work_of_the_site_itself_is_held_by_the_reserve_only(db):
    assert spend_all("harvest") == 50
    assert spend_all("listener") == 50


def test_units_have_budgets_of_their_own(db):
    assert spend_all(anonymous("192.0.2.1"), "units") == 100
    assert spend_all(anonymous("192.0.2.1"), "search") == 10


def test_refusal_says_whose_share_it_was(db):
    spend_all(anonymous("192.0.2.1"))
    with pytest.raises(QuotaExhausted, match="No YouTube searches of your share"):
        quota.reserve("search", 1, anonymous("192.0.2.1"))
    assert quota.find_spent_budget("search", anonymous("192.0.2.1"))
    assert quota.find_spent_budget("search", anonymous("192.0.2.2")) is None
    assert quota.find_spent_budget("search", "listener") is None


def test_what_is_given_back_may_be_spent_again(db):
    caller = anonymous("192.0.2.1")
    reservations = [quota.reserve("search", 1, caller) for _ in range(10)]
    quota.release(reservations[0])
    assert get_used() == 9
    assert spend_all(caller) == 1


def test_prepaid_calls_are_no_more_than_the_share(db):
    caller = anonymous("192.0.2.1")
    with prepaid.prepaid("search", 50, caller):
        assert get_used() == 10
        for _ in range(10):
            prepaid.reserve("search", 1, caller)
        with pytest.raises(QuotaExhausted):
            prepaid.reserve("search", 1, caller)
    assert get_used() == 10


def test_another_purpose_is_paid_by_the_same(db):
    caller = anonymous("192.0.2.1")
    spend_all(caller, "units")
    with pytest.raises(QuotaExhausted):
        quota.reserve("units", 1, Caller("import", *caller.payers))


def test_payers_are_not_listed_among_the_purposes(db):
    spend_all(anonymous("192.0.2.1"))
    state = next(state for state in quota.get_state() if state.bucket == "search")
    assert state.by_caller == {"listener": 10}
    assert quota.get_history(1)[0].by_caller == {"listener": 10}


def test_ledger_keeps_no_address_and_no_payer_of_another_day(db, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    spend_all(anonymous("192.0.2.1"))
    rows = QuotaUsage.objects.filter(caller__startswith="@")
    assert [len(row.caller) for row in rows] == [16]
    assert "192" not in rows[0].caller
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(days=1))
    assert spend_all(anonymous("192.0.2.1")) == 10
    assert {row.day.day for row in rows.all()} == {23}


@pytest.mark.django_db(transaction=True)
def test_equal_moments_give_no_address_more_than_its_share():
    def spend(_: int) -> int:
        try:
            return spend_all(anonymous("192.0.2.1"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, range(4))) == 10


def test_payers_are_told_to_work_that_goes_on_after_the_request():
    callers = [
        identify_caller("listener", address="192.0.2.1"),
        identify_caller("listener", address="192.0.2.1", account=5),
        identify_caller("listener", address="192.0.2.1", service_key=7, service_key_share=0.25),
    ]
    for caller in callers:
        told = json.loads(json.dumps(budgets.describe_payers(caller)))
        restored = budgets.restore_caller("import", told)
        assert restored == Caller("import", *caller.payers)
        assert restored.payers == caller.payers
    assert budgets.restore_caller("import", None).payers == ()
