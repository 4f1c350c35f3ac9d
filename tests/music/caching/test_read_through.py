"""music/caching/read_through.py: the order of the tiers, one computation, stale answers."""

import threading
import time

import pytest

from music.caching import keys, parts, stack
from music.records import Cause, Suggestion, SuggestionList
from tests.waiting import wait_until

LIST = SuggestionList(
    (
        Suggestion(
            song_id="beyonce/halo",
            song_pk=7,
            title="Halo",
            artist="Beyoncé",
            genre="Pop",
            year=2008,
            video_id="v1",
            score=0.9,
            stage="content",
            because=(Cause("coldplay/yellow", "Yellow", 0.5),),
        ),
    )
)


class Computation:
    """Counts how often it is made; can be slow, fail, or be held up."""

    def __init__(self, value=None, error=None):
        self.value, self.error = value, error
        self.n_calls = 0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self):
        self.n_calls += 1
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error
        return {"n": self.n_calls} if self.value is None else self.value


def _key(name="song", **parts_):
    return keys.suggestions_key(seeds=[name], **parts_)


@pytest.fixture(params=["machine", "redis"])
def shared(request):
    """Each test runs without and with Redis."""
    if request.param == "redis":
        request.getfixturevalue("redis")
        return parts.redis
    return parts.machine


@pytest.mark.parametrize("value", [LIST, {"a": [1, {"b": None}]}, [], "text", 0, None])
def test_every_tier_gives_back_what_was_computed(shared, value):
    compute = Computation()
    compute.value, compute.n_calls = value, 0
    computed = stack.suggestions.fetch(_key(), lambda: value)
    near = stack.suggestions.fetch(_key(), compute)
    parts.near.clear()
    far = stack.suggestions.fetch(_key(), compute)
    assert [computed, near, far] == [value] * 3
    assert compute.n_calls == 0


def test_what_comes_back_does_not_depend_on_the_tier(shared):
    first = stack.suggestions.fetch(_key(), lambda: {"pair": (1, 2)})
    parts.near.clear()
    assert first == stack.suggestions.fetch(_key(), Computation()) == {"pair": [1, 2]}


def test_a_hundred_concurrent_cold_requests_make_one_computation(shared):
    compute = Computation()
    compute.gate.clear()
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(stack.suggestions.fetch(_key(), compute)))
        for _ in range(100)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    compute.gate.set()
    for thread in threads:
        thread.join(10)
    assert answers == [{"n": 1}] * 100
    assert compute.n_calls == 1


def test_an_error_reaches_everybody_who_waited_and_is_not_kept(shared):
    failing = Computation(error=LookupError("nothing known"))
    failing.gate.clear()
    raised = []

    def ask():
        try:
            stack.suggestions.fetch(_key(), failing)
        except LookupError as error:
            raised.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: failing.n_calls == 1, seconds=5)
    failing.gate.set()
    for thread in threads:
        thread.join(10)
    assert set(raised) == {"nothing known"}
    assert len(raised) == 8
    assert stack.suggestions.fetch(_key(), lambda: 1) == 1


def test_a_value_that_json_cannot_hold_is_refused_at_once(shared):
    with pytest.raises(TypeError):
        stack.suggestions.fetch(_key(), lambda: {"set": {1}})


def test_a_stale_answer_is_served_while_one_thread_refreshes_it(shared, settings):
    settings.REDIS_TTL_SECONDS = 0.1
    compute = Computation()
    assert stack.suggestions.fetch(_key(), compute) == {"n": 1}
    time.sleep(0.15)
    compute.gate.clear()
    started_at = time.monotonic()
    assert [stack.suggestions.fetch(_key(), compute) for _ in range(50)] == [{"n": 1}] * 50
    assert time.monotonic() - started_at < 1
    wait_until(lambda: compute.n_calls == 2, seconds=5)
    settings.REDIS_TTL_SECONDS = 60
    compute.gate.set()
    wait_until(lambda: stack.suggestions.fetch(_key(), compute) == {"n": 2}, seconds=5)
    assert compute.n_calls == 2


def test_a_stale_answer_in_the_shared_tier_is_served_and_refreshed(shared, settings):
    settings.REDIS_TTL_SECONDS = 0.1
    compute = Computation()
    stack.suggestions.fetch(_key(), compute)
    parts.near.clear()
    time.sleep(0.15)
    settings.REDIS_TTL_SECONDS = 60
    assert stack.suggestions.fetch(_key(), compute) == {"n": 1}
    wait_until(lambda: stack.suggestions.fetch(_key(), compute) == {"n": 2}, seconds=5)


def test_a_refresh_that_fails_leaves_the_stale_answer_and_is_not_repeated_at_once(shared, settings):
    settings.REDIS_TTL_SECONDS = 0.05
    stack.suggestions.fetch(_key(), lambda: "old")
    time.sleep(0.1)
    settings.REDIS_TTL_SECONDS = 60
    failing = Computation(error=OSError("source down"))
    assert stack.suggestions.fetch(_key(), failing) == "old"
    wait_until(lambda: failing.n_calls == 1, seconds=5)
    assert [stack.suggestions.fetch(_key(), failing) for _ in range(20)] == ["old"] * 20
    assert failing.n_calls == 1


def test_an_answer_with_something_missing_lives_briefly(shared, settings):
    whole, partial = SuggestionList(()), SuggestionList((), unresolved=("x",))
    stack.suggestions.fetch(_key("whole"), lambda: whole)
    stack.suggestions.fetch(_key("partial"), lambda: partial)
    lives = [
        parts.near.get(_key(name)).expires_at - time.monotonic() for name in ("whole", "partial")
    ]
    assert lives[0] > 3000
    assert 50 < lives[1] <= 66


def test_lifetimes_are_jittered(shared):
    for number in range(50):
        stack.suggestions.fetch(_key(str(number)), lambda: 1)
    until = [parts.near.get(_key(str(number))).fresh_until for number in range(50)]
    assert max(until) - min(until) > 100


def test_a_change_during_the_computation_makes_its_answer_worthless(shared):
    key = _key(listener_pk=7)

    def compute():
        stack.invalidate_listener(7)
        return "read before the change"

    assert stack.suggestions.fetch(key, compute) == "read before the change"
    assert stack.suggestions.fetch(key, lambda: "after") == "after"
    parts.near.clear()
    assert stack.suggestions.fetch(key, lambda: "never") == "after"


def test_invalidating_a_listener_leaves_the_others(shared):
    for pk in (1, 2):
        stack.suggestions.fetch(_key(listener_pk=pk), lambda: "old")
    stack.invalidate_listener(1)
    assert [stack.suggestions.fetch(_key(listener_pk=pk), lambda: "new") for pk in (1, 2)] == [
        "new",
        "old",
    ]


def test_invalidating_a_key_leaves_the_others(shared):
    for name in ("a", "b"):
        stack.suggestions.fetch(_key(name), lambda: "old")
    stack.invalidate_key(_key("a"))
    assert [stack.suggestions.fetch(_key(name), lambda: "new") for name in ("a", "b")] == [
        "new",
        "old",
    ]


def test_invalidating_all_forgets_all(shared):
    for name in ("a", "b"):
        stack.suggestions.fetch(_key(name), lambda: "old")
    stack.invalidate_all()
    assert [stack.suggestions.fetch(_key(name), lambda: "new") for name in ("a", "b")] == [
        "new",
        "new",
    ]


def test_rows_from_elsewhere_invalidate_their_listeners(shared):
    stack.suggestions.fetch(_key(listener_pk=1), lambda: "old")
    stack.invalidate_rows("music_videofeature", [{"video_id": "v"}])
    assert stack.suggestions.fetch(_key(listener_pk=1), lambda: "new") == "old"
    stack.invalidate_rows("music_userlikedsong", [{"user_id": 1, "song_name": "x"}])
    assert stack.suggestions.fetch(_key(listener_pk=1), lambda: "new") == "new"


def test_the_near_tier_is_bounded(shared, monkeypatch):
    for number in range(parts.near.max_entries + 50):
        parts.near.set(number, 1, fresh_seconds=60, stale_seconds=0, slots=(), generation=())
    assert parts.near.measure()[0] == parts.near.max_entries
    assert parts.near.get(0) is None
    assert parts.near.get(parts.near.max_entries + 49).value == 1


@pytest.mark.django_db
def test_counts_tell_hits_misses_and_stale(shared, settings):
    settings.REDIS_TTL_SECONDS = 0.1
    compute = Computation()
    before = {report.name: report for report in stack.report_tiers()}
    stack.suggestions.fetch(_key(), compute)
    stack.suggestions.fetch(_key(), compute)
    time.sleep(0.15)
    compute.gate.clear()
    stack.suggestions.fetch(_key(), compute)
    compute.gate.set()
    after = {report.name: report for report in stack.report_tiers()}
    gained = [
        getattr(after["near"], name) - getattr(before["near"], name)
        for name in ("hits", "stale", "misses")
    ]
    assert gained == [1, 1, 1]
    assert after["near"].n_entries == 1
    assert 100 < after["near"].memory_bytes < 10_000
