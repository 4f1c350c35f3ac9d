"""Old suggestions are summed up once, whichever database is away while that is done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from music.domain import suggestion_sums
from music.domain.suggestion_sums import sum_up_old_suggestions
from music.models import Impression, SuggestionSum
from tunetrace_site.replication import drain
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.marks import Mark, set_marks
from tunetrace_site.replication.unit import run_unit

from .rows import assert_equal_databases, change_only

N_ROWS = 12


@pytest.fixture
def listener(pair, sync, monkeypatch):
    """Somebody with twelve old suggestions, of which a unit of work takes five."""
    monkeypatch.setattr(suggestion_sums, "ROWS_A_UNIT", 5)

    def make():
        user = User.objects.create(user_id="ann")
        long_ago = timezone.now() - timedelta(days=100)
        Impression.objects.bulk_create(
            Impression.of_list(user_id=user.pk, request_id=f"{n}", songs=[(n, "content")],
                               created_at=long_ago + timedelta(minutes=n))
            for n in range(1, N_ROWS + 1)
        )  # fmt: skip
        return user

    user = run_unit(make)
    sync()
    return user


def assert_counted_once(listener):
    assert_equal_databases()
    for alias in (SQLITE, POSTGRES):
        assert not Impression.objects.using(alias).exists()
        total = SuggestionSum.objects.using(alias).get(user_id=listener.pk)
        assert total.by_stage == {"content": [N_ROWS, 0, 0]}


@pytest.mark.parametrize("away", [SQLITE, POSTGRES])
def test_sums_made_while_a_database_is_away_reach_it(listener, sync, away):
    set_marks(away, Mark.DOWN)
    assert sum_up_old_suggestions() == N_ROWS
    sync()
    assert_counted_once(listener)


@pytest.mark.parametrize("n_units", [1, 2, 3])
@pytest.mark.parametrize("stranded", [SQLITE, POSTGRES])
def test_sums_that_one_database_made_alone_are_not_counted_again(listener, sync, stranded, n_units):
    """It failed before the other one knew; that one counts the same rows, and more."""

    def count_alone():
        for _ in range(n_units):
            before = timezone.now() - timedelta(days=90)
            suggestion_sums._sum_up(listener.pk, before)

    change_only(stranded, count_alone)
    set_marks(stranded, Mark.DOWN)
    assert sum_up_old_suggestions() == N_ROWS
    sync()
    assert_counted_once(listener)


def test_sums_that_arrived_before_all_of_their_deletions_are_not_counted_again(
    listener, sync, monkeypatch
):
    def count_alone():
        suggestion_sums._sum_up(listener.pk, timezone.now() - timedelta(days=90))

    change_only(SQLITE, count_alone)
    with monkeypatch.context() as patch:
        patch.setattr(drain, "BATCH_ENTRIES", 4)
        n_batches, apply_and_tell = 0, drain.apply_and_tell

        def apply_once(*args):
            nonlocal n_batches
            n_batches += 1
            if n_batches > 1:
                raise Unavailable("the relay ends here")
            return apply_and_tell(*args)

        patch.setattr(drain, "apply_and_tell", apply_once)
        with pytest.raises(Unavailable):
            drain.drain(SQLITE, POSTGRES)
    n_left = Impression.objects.using(POSTGRES).count()
    assert N_ROWS - 5 < n_left < N_ROWS
    assert SuggestionSum.objects.using(POSTGRES).get().by_stage == {"content": [5, 0, 0]}
    assert sum_up_old_suggestions() == n_left
    sync()
    assert_counted_once(listener)
