"""The tiers in process, one by one: near, liked songs, responses, queries, machine."""

import os
import threading
import time
import timeit
import zlib
from datetime import timedelta

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.utils import timezone

from accounts.models import AccessToken, User
from music.caching import keys, liked_songs, listeners, parts, queries, responses, stack, tiers
from music.caching.generations import Generations
from music.caching.machine import N_SLOTS, SLOT_BYTES
from music.models import QueryCache
from music.records import Suggestion, SuggestionList
from tests.factories import ListenerFactory, SongFactory
from tunetrace_site.replication.drain import rows_arrived
from tunetrace_site.replication.images import RowImage
from tunetrace_site.replication.tables import mirrored_tables
from tunetrace_site.replication.unit import unit_of_work

KEY = keys.suggestions_key(seeds=["song"])


@pytest.fixture
def no_transaction(transactional_db):
    """Outside a transaction, as in a request."""


def test_a_change_is_seen_through_another_mapping_of_the_same_file(tmp_path):
    here, there = Generations(), Generations()
    here.open(tmp_path)
    there.open(tmp_path)
    slots = here.find_slots(["a", "b"])
    before = there.read(slots)
    here.change("a")
    after = there.read(slots)
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)
    assert here.machine_id == there.machine_id != 0


def test_generations_without_a_writable_directory_stay_private(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    generations = Generations()
    generations.open(blocked)
    assert generations.is_shared is False
    generations.change("a")
    assert generations.read(generations.find_slots(["a"])) != (0,)


def test_likes_are_loaded_once_until_they_change(no_transaction):
    loads = iter(range(10))
    assert [liked_songs.fetch(1, lambda: next(loads)) for _ in range(3)] == [0, 0, 0]
    liked_songs.invalidate(1)
    assert [liked_songs.fetch(1, lambda: next(loads)) for _ in range(2)] == [1, 1]
    assert liked_songs.fetch(2, lambda: next(loads)) == 2


def test_a_like_given_while_likes_were_loading_is_not_missed(no_transaction):
    def load():
        liked_songs.invalidate(1)
        return "before the like"

    assert liked_songs.fetch(1, load) == "before the like"
    assert liked_songs.fetch(1, lambda: "after") == "after"


def test_likes_are_not_cached_where_changes_would_not_be_heard_of(no_transaction, monkeypatch):
    monkeypatch.setattr(parts.generations, "is_shared", False)
    loads = iter(range(10))
    assert [liked_songs.fetch(1, lambda: next(loads)) for _ in range(2)] == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_uncommitted_likes_are_neither_served_nor_kept():
    loads = iter(range(10))
    assert liked_songs.fetch(1, lambda: next(loads)) == 0
    with unit_of_work():
        assert [liked_songs.fetch(1, lambda: next(loads)) for _ in range(2)] == [1, 2]
    assert liked_songs.fetch(1, lambda: next(loads)) == 0


def test_rows_of_an_unknown_owner_make_all_likes_be_read_again(no_transaction):
    liked_songs.fetch(1, lambda: "old")
    stack.invalidate_rows("music_dismissal", [{"id": 5}])
    assert liked_songs.fetch(1, lambda: "new") == "new"


def change_by_saving(row):
    row.save()


def change_by_query(row):
    type(row).objects.filter(pk=row.pk).update(id=row.pk)


def change_elsewhere(row):
    table = row._meta.db_table
    columns = mirrored_tables()[table].columns
    values = tuple(row.pk if column == "id" else None for column in columns)
    image = RowImage(table=table, pk=str(row.pk), version=1, values=values)
    rows_arrived.send(sender="default", images=[image])


def delete_one(row):
    type(row).objects.get(pk=row.pk).delete()


def delete_many(row):
    type(row).objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize(
    "change", [change_by_saving, change_by_query, change_elsewhere, delete_one, delete_many]
)
def test_listener_and_token_are_read_again_whatever_changed_them(no_transaction, change):
    listener = ListenerFactory()
    token, _ = AccessToken.issue(user=listener, name="program")
    token.save()
    for row in (token, listener):
        loads = []

        def load(row=row, loads=loads):
            loads.append(row.pk)
            return type(row).objects.filter(pk=row.pk).first()

        assert [listeners.fetch(type(row), row.pk, load) for _ in range(3)] == [row] * 3
        assert len(loads) == 1
        change(row)
        listeners.fetch(type(row), row.pk, load)
        assert len(loads) == 2


def test_listener_who_is_kept_is_a_copy_of_each_callers_own(no_transaction):
    listener = ListenerFactory(display_name="Ada")
    first = listeners.fetch(User, listener.pk, lambda: User.objects.get(pk=listener.pk))
    first.display_name = "changed and not saved"
    again = listeners.fetch(User, listener.pk, lambda: pytest.fail("it is kept"))
    assert again.display_name == "Ada"
    again.display_name = "saved"
    again.save()
    assert User.objects.get().display_name == "saved"


def test_nobody_is_not_remembered(no_transaction):
    assert listeners.fetch(User, 5, lambda: None) is None
    listener = ListenerFactory()
    assert listeners.fetch(User, 5, lambda: listener) == listener


def test_the_last_128_answers_of_the_gateway_are_kept():
    calls = []

    def ask(number):
        return responses.fetch(f"search:{number}", lambda: calls.append(number) or number)

    assert [ask(number) for number in range(129)] == list(range(129))
    assert [ask(128), ask(1), ask(0)] == [128, 1, 0]
    assert calls == [*range(129), 0]
    assert responses.tier.measure()[0] == 128


def test_an_answer_of_none_is_an_answer():
    calls = []
    for _ in range(2):
        assert responses.fetch("nothing", lambda: calls.append(1)) is None
    assert calls == [1]


def test_a_failed_call_is_not_kept():
    with pytest.raises(OSError, match="down"):
        responses.fetch("call", _fail)
    assert responses.fetch("call", lambda: "up") == "up"


def _fail():
    raise OSError("down")


@pytest.mark.django_db
def test_queries_are_fetched_at_once_and_negatives_expire(django_assert_num_queries):
    song = SongFactory(artist="Beyoncé", title="Halo")
    found = queries.CachedQuery("halo", song.address, ("x/y", "y/z"), "stored", 0.9, "v1")
    nothing = queries.CachedQuery("nonsense", None, (), "search", 0.0)
    assert queries.store_many([found, nothing]) == 2
    with django_assert_num_queries(1):
        known = queries.fetch_many(["halo", "nonsense", "never asked", "halo"])
    assert known == {"halo": found, "nonsense": nothing}
    QueryCache.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    QueryCache.objects.filter(query="halo").update(expires_at=None)
    assert queries.fetch_many(["halo", "nonsense"]) == {"halo": found}
    song.delete()
    assert queries.fetch_many(["halo"]) == {}


@pytest.mark.django_db
def test_a_later_answer_replaces_a_negative_one():
    queries.store_many([queries.CachedQuery("q", None)])
    song = SongFactory()
    queries.store_many([queries.CachedQuery("q", song.address, (), "search", 1.0)])
    assert queries.fetch_many(["q"])["q"].song_id == song.address
    assert QueryCache.objects.get().expires_at is None


@pytest.mark.django_db
def test_a_query_too_long_for_the_table_is_not_kept():
    assert queries.store_many([queries.CachedQuery("x" * 256, "a/b")]) == 0


def test_a_damaged_entry_of_the_machine_is_a_miss(own_state):
    life = {"fresh_seconds": 60, "stale_seconds": 0, "generation": (0, 0)}
    assert parts.machine.store(KEY, "value", **life)
    assert parts.machine.look(KEY).found.value == "value"
    (own_state / "answers").write_bytes(os.urandom(N_SLOTS * SLOT_BYTES))
    assert parts.machine.look(KEY).found is None


def test_another_key_in_the_same_slot_of_the_machine_is_a_miss():
    life = {"fresh_seconds": 60, "stale_seconds": 0, "generation": (0, 0)}
    slot = zlib.crc32(KEY.encode()) % N_SLOTS
    numbered = (keys.suggestions_key(seeds=[str(number)]) for number in range(100_000))
    other = next(key for key in numbered if zlib.crc32(key.encode()) % N_SLOTS == slot)
    n_errors = parts.machine.stats.errors.value
    assert parts.machine.store(other, "value", **life)
    assert parts.machine.look(KEY).found is None
    assert parts.machine.store(KEY, "mine", **life)
    assert parts.machine.look(other).found is None
    assert parts.machine.look(KEY).found.value == "mine"
    assert parts.machine.stats.errors.value == n_errors


def test_an_entry_too_big_for_its_slot_is_not_kept():
    life = {"fresh_seconds": 60, "stale_seconds": 0, "generation": (0, 0)}
    assert not parts.machine.store(KEY, "x" * SLOT_BYTES, **life)
    assert parts.machine.look(KEY).found is None


def test_the_file_of_the_machine_is_bounded(own_state):
    for number in range(15_000):
        key = keys.suggestions_key(seeds=[str(number)])
        parts.machine.store(key, "x", fresh_seconds=60, stale_seconds=0, generation=(0, 0))
    assert (own_state / "answers").stat().st_size <= N_SLOTS * SLOT_BYTES
    assert parts.machine.measure()[0] == N_SLOTS


def test_estimated_bytes_follow_what_is_held():
    value = {"a": ["x" * 1000, "y" * 1000]}
    assert 2000 < tiers.estimate_bytes(value) < 3000
    assert tiers.estimate_bytes([value, value]) < 3200


def test_a_near_hit_with_its_check_costs_less_than_django_s_cache_in_process():
    value = SuggestionList(
        tuple(
            Suggestion(song_id=f"a/{n}", title="Title", artist="Artist", score=0.5, stage="content")
            for n in range(10)
        )
    )
    stack.suggestions.fetch(KEY, lambda: value)
    django_s = LocMemCache("", {})
    django_s.set("song", value)

    def cost(action):
        return min(timeit.repeat(action, number=500, repeat=10, timer=time.thread_time))

    near = cost(lambda: stack.suggestions.fetch(KEY, _fail))
    assert near * 4 < cost(lambda: django_s.get("song"))


def test_a_forked_child_is_not_stopped_by_locks_held_in_its_parent():
    parts.near._lock.acquire()
    pid = os.fork()
    if pid == 0:
        try:
            done = []
            worker = threading.Thread(
                target=lambda: done.append(stack.suggestions.fetch(KEY, lambda: 1)), daemon=True
            )
            worker.start()
            worker.join(5)
            os._exit(0 if done == [1] else 1)
        finally:
            os._exit(2)
    parts.near._lock.release()
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize(
    ("values", "expected"), [((1, 7), ["new", "old"]), (None, ["new", "new"])], ids=["row", "gone"]
)
def test_rows_that_the_relay_brings_are_read_again(no_transaction, values, expected):
    """A new or changed row names its listener; of a deleted one only the key is known."""
    columns = mirrored_tables()["music_dismissal"].columns
    named = dict(zip(("id", "user_id"), values or (), strict=False))
    full = tuple(named.get(column) for column in columns) if values else None
    for listener in (7, 8):
        liked_songs.fetch(listener, lambda: "old")
    image = RowImage(table="music_dismissal", pk="1", version=1, values=full)
    rows_arrived.send(sender="default", images=[image])
    assert [liked_songs.fetch(listener, lambda: "new") for listener in (7, 8)] == expected
