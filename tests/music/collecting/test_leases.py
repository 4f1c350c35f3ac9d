"""Only one asks, among threads and among processes."""

import multiprocessing
import threading
import time

from music.collecting import leases
from music.collecting.leases import ask_alone


def hold(names, seconds, began, waits):
    with ask_alone(names) as waited:
        waits.append(waited)
        began.set()
        time.sleep(seconds)


def test_nobody_waits_for_something_else():
    began, waits = threading.Event(), []
    thread = threading.Thread(target=hold, args=(["a"], 0.3, began, waits))
    thread.start()
    began.wait()
    with ask_alone(["b"]) as waited:
        assert not waited
        assert thread.is_alive()
    thread.join()


def test_threads_that_ask_the_same_take_turns_and_are_told():
    began, waits = threading.Event(), []
    thread = threading.Thread(target=hold, args=(["a", "b"], 0.2, began, waits))
    thread.start()
    began.wait()
    with ask_alone(["b", "c"]) as waited:
        assert waited
        assert len(waits) == 1
    thread.join()
    assert waits == [False]


def test_names_in_any_order_never_wait_in_a_ring():
    waits: list[bool] = []
    orders = (["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"])
    threads = [
        threading.Thread(target=hold, args=(order, 0.01, threading.Event(), waits))
        for order in orders * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=5)
    assert len(waits) == 9


def test_an_error_gives_the_right_back():
    try:
        with ask_alone(["a"]):
            raise RuntimeError
    except RuntimeError:
        pass
    with ask_alone(["a"]) as waited:
        assert not waited


def test_a_right_that_is_never_given_back_is_not_waited_for_forever(monkeypatch):
    monkeypatch.setattr(leases, "WAIT_SECONDS", 0.1)
    began, waits = threading.Event(), []
    thread = threading.Thread(target=hold, args=(["a"], 1.0, began, waits))
    thread.start()
    began.wait()
    before = time.monotonic()
    with ask_alone(["a"]) as waited:
        assert waited
        assert time.monotonic() - before < 0.9
    thread.join()


def _hold_in_process(ready, release):
    from music.caching import parts

    parts.open_files()
    with ask_alone(["shared"]):
        ready.set()
        release.wait(10)


def test_processes_take_turns():
    context = multiprocessing.get_context("fork")
    ready, release = context.Event(), context.Event()
    process = context.Process(target=_hold_in_process, args=(ready, release))
    process.start()
    assert ready.wait(10)
    threading.Timer(0.2, release.set).start()
    with ask_alone(["shared"]) as waited:
        assert waited
    process.join(10)
    assert process.exitcode == 0
