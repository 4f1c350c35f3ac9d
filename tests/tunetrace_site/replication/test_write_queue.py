"""Turns to write to SQLite: one at a time, not for ever, and with SQLite alone as well."""

import threading
import time

from tests.servers.pair import installed
from tunetrace_site.replication.databases import SQLITE
from tunetrace_site.replication.failures import QueueTimeout, is_unavailable
from tunetrace_site.replication.unit import on_commit, unit_of_work
from tunetrace_site.replication.write_queue import writer_turn


def test_queue_lets_writers_in_one_at_a_time(pair):
    inside, most = [], []

    def write():
        with writer_turn(SQLITE, timeout_seconds=20):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.002)
            inside.pop()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_queue_gives_up_after_its_timeout(pair):
    with writer_turn(SQLITE):
        failed = []

        def wait():
            try:
                with writer_turn(SQLITE, timeout_seconds=0.05):
                    pass
            except QueueTimeout as error:
                failed.append(is_unavailable(error))

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert failed == [True]


def test_turn_is_had_once_by_who_has_it_already(pair):
    with writer_turn(SQLITE), writer_turn(SQLITE, timeout_seconds=0.05):
        pass


def test_mail_sent_on_commit_holds_up_no_other_writer(pair, tmp_path):
    """Also with SQLite alone: what runs on commit runs when the turn is over."""
    with installed(tmp_path / "alone.db", None, tmp_path / "alone-state"):
        turns = []

        def take_turn():
            with writer_turn(SQLITE, timeout_seconds=0.05):
                turns.append("taken")

        def send_mail():
            thread = threading.Thread(target=take_turn)
            thread.start()
            thread.join()

        with unit_of_work():
            on_commit(send_mail)
        assert turns == ["taken"]
