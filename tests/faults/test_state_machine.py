"""Any order of writes, deletions, outages, crashes and relay passes, chosen by hypothesis.

What was acknowledged is kept in a plain dictionary; whenever both databases are up and the relay
has run, both must hold exactly that, give or take the units that were cut off before they were
confirmed.
"""

import sqlite3

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounts.models import User
from music.models import UserLikedSong
from tests.tunetrace_site.replication.rows import assert_equal_databases, change_only
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.marks import is_behind, is_down
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import candidates
from tunetrace_site.replication.unit import run_unit

LISTENERS = st.sampled_from(["ann", "ben"])
SONGS = st.sampled_from(["Help!", "Yesterday", "Michelle"])


class TwoDatabases(RuleBasedStateMachine):
    """``possible`` maps (listener, song) to the values it may have: None, or its ``learn``."""

    pair = None  # set by the test: one pair for all examples, emptied before each

    def __init__(self):
        super().__init__()
        self.pair.replace_sqlite()
        self.pair.replace_postgres()
        self.possible = {}
        self.postgres_up = True
        self.locker = None
        self._heal()

    def teardown(self):
        self._restore()
        self._heal()
        self._compare()

    @rule(listener=LISTENERS, song=SONGS, learn=st.booleans())
    def like(self, listener, song, learn):
        def action():
            user, _ = User.objects.get_or_create(user_id=listener)
            UserLikedSong.objects.update_or_create(
                user=user, song_name=song, defaults={"learn": learn}
            )

        self._run(action, {(listener, song): learn})

    @rule(listener=LISTENERS, song=SONGS)
    def unlike(self, listener, song):
        likes = UserLikedSong.objects.filter(user__user_id=listener, song_name=song)
        self._run(likes.delete, {(listener, song): None})

    @rule(listener=LISTENERS)
    def leave(self, listener):
        effects = {key: None for key in self.possible if key[0] == listener}
        self._run(lambda: User.objects.filter(user_id=listener).delete(), effects)

    @rule(listener=LISTENERS, song=SONGS)
    def crash_before_write_through(self, listener, song):
        """The process dies right after its commit: not acknowledged, may be kept or undone."""
        alias = (candidates(write=True) or [None])[0]
        if alias is None or self._is_broken(alias):
            return

        def action():
            user, _ = User.objects.get_or_create(user_id=listener)
            UserLikedSong.objects.get_or_create(user=user, song_name=song)

        # The dying process has a connection of its own, not one that a restart has cut.
        connections[alias].close()
        change_only(alias, action)
        self.possible.setdefault((listener, song), {None}).update({True})

    @precondition(lambda self: self.postgres_up)
    @rule()
    def kill_postgres(self):
        self.pair.server.kill()
        self.postgres_up = False

    @precondition(lambda self: not self.postgres_up)
    @rule()
    def start_postgres(self):
        self.pair.server.start()
        self.postgres_up = True

    @precondition(lambda self: self.locker is None)
    @rule()
    def break_sqlite(self):
        self.locker = sqlite3.connect(self.pair.sqlite_path, isolation_level=None, timeout=5)
        self.locker.execute("BEGIN IMMEDIATE")

    @precondition(lambda self: self.locker is not None)
    @rule()
    def mend_sqlite(self):
        self.locker.close()
        self.locker = None

    @rule()
    def relay(self):
        Relay().run_pass()

    @invariant()
    def never_both_behind(self):
        assert not (is_behind(SQLITE) and is_behind(POSTGRES))

    @invariant()
    def equal_when_in_service(self):
        """Invariant 2: unmarked databases that have been relayed hold what was acknowledged."""
        both_up = self.postgres_up and self.locker is None
        if both_up and not any(is_down(a) or is_behind(a) for a in (SQLITE, POSTGRES)):
            self._compare(drain_first=True)

    def _run(self, action, effects):
        try:
            run_unit(action)
        except Unavailable:
            for key, value in effects.items():
                self.possible.setdefault(key, {None}).add(value)
        else:
            self.possible.update({key: {value} for key, value in effects.items()})

    def _is_broken(self, alias):
        return not self.postgres_up if alias == POSTGRES else self.locker is not None

    def _restore(self):
        if self.locker is not None:
            self.mend_sqlite()
        if not self.postgres_up:
            self.start_postgres()

    def _heal(self):
        for _ in range(4):
            Relay().run_pass()
        assert not any(is_down(a) or is_behind(a) for a in (SQLITE, POSTGRES))

    def _compare(self, drain_first=False):
        if drain_first:
            Relay().run_pass()
        assert_equal_databases()
        likes = UserLikedSong.objects.using(SQLITE).select_related("user")
        held = {(like.user.user_id, like.song_name): like.learn for like in likes}
        wrong = {k: (held.get(k), v) for k, v in self.possible.items() if held.get(k) not in v}
        assert not wrong
        assert held.keys() <= self.possible.keys()


@pytest.fixture
def machine(pair):
    TwoDatabases.pair = pair
    yield TwoDatabases.TestCase
    TwoDatabases.pair = None


def _run(machine, n_examples, n_steps, always_the_same):
    machine.settings = settings(
        max_examples=n_examples,
        stateful_step_count=n_steps,
        deadline=None,
        derandomize=always_the_same,
        suppress_health_check=list(HealthCheck),
    )
    machine().runTest()


def test_any_order_of_events_converges(machine):
    _run(machine, n_examples=4, n_steps=12, always_the_same=True)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_any_order_of_events_converges_in_the_long_run(machine):
    _run(machine, n_examples=60, n_steps=30, always_the_same=False)
