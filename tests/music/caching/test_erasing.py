"""What is kept for listeners who are gone is overwritten, and nothing else is."""

import pytest

from music.caching import parts, stack
from music.caching.keys import find_owner, suggestions_key


def keep(key, mark, seconds=60.0):
    """A list in the file of this machine."""
    generation = parts.generations.read(parts.generations.find_slots(key.scopes))
    life = {"fresh_seconds": seconds, "stale_seconds": 0.0, "generation": generation}
    assert parts.machine.store(key, {"words": mark}, **life)


def keep_in_redis(key):
    look = parts.redis.look(key)
    life = {"fresh_seconds": 60.0, "stale_seconds": 60.0, "generation": look.generation}
    assert parts.redis.store(key, {"words": "a"}, **life)


def make_key(listener_pk):
    return suggestions_key(seeds=["a"], listener_pk=listener_pk)


@pytest.mark.parametrize("listener_pk", [7, 2**62, None])
def test_owner_of_a_key_is_found(listener_pk):
    assert find_owner(make_key(listener_pk)) == listener_pk


def test_lists_of_those_who_are_gone_are_overwritten_on_this_machine(own_state):
    for listener_pk in (7, 8, 77, None):
        keep(make_key(listener_pk), f"words of {listener_pk}.")
    stack.erase_listeners({7, 8})
    kept = (own_state / "answers").read_bytes()
    assert [pk for pk in (7, 8, 77, None) if f"words of {pk}.".encode() in kept] == [77, None]


def test_lists_whose_time_is_over_are_overwritten(own_state):
    keep(make_key(7), "old words", seconds=-1.0)
    keep(make_key(8), "new words")
    assert stack.erase_expired() == 1
    kept = (own_state / "answers").read_bytes()
    assert b"old words" not in kept
    assert b"new words" in kept
    assert stack.erase_expired() == 0


def test_longer_entry_leaves_nothing_behind_a_shorter_one(own_state):
    keep(make_key(7), "long words " * 50)
    keep(make_key(7), "short")
    stored = (own_state / "answers").read_bytes()
    assert b"short" in stored
    assert b"long" not in stored


@pytest.mark.parametrize("gone", [{7}, {7, 8}])
def test_lists_of_those_who_are_gone_leave_redis(redis, gone):
    for listener_pk in (7, 8, 77, None):
        keep_in_redis(make_key(listener_pk))
    stack.erase_listeners(gone)
    left = {find_owner(key.decode()) for key in redis.keys("suggestions:*")}
    assert left == {7, 8, 77, None} - gone
