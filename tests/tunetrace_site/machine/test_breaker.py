"""tunetrace_site/machine/breaker.py: closed, open, half-open, probes, threads, forks."""

import os
import threading
import time
import timeit

import pytest

from tunetrace_site.machine import breaker as breakers
from tunetrace_site.machine.breaker import Breaker, list_breakers

SOON = 0.05


def _wait_for(condition, timeout_seconds=5.0):
    give_up_at = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < give_up_at, "condition never became true"
        time.sleep(0.005)


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""

    class Clock:
        now = 1000.0
        sleep = staticmethod(time.sleep)  # probes of other breakers go on meanwhile

        def monotonic(self):
            return self.now

        time = monotonic

    clock = Clock()
    monkeypatch.setattr(breakers, "time", clock)
    return clock


def test_breaker_opens_after_consecutive_failures_only(clock):
    breaker = Breaker("t", failure_threshold=2, reset_seconds=10)
    breaker.record_failure()
    breaker.record_success()
    breaker.record_failure()
    assert (breaker.state, breaker.allow()) == ("closed", True)
    breaker.record_failure()
    assert (breaker.state, breaker.allow()) == ("open", False)


def test_half_open_lets_one_caller_try_and_success_closes(clock):
    breaker = Breaker("t", reset_seconds=10)
    breaker.record_failure()
    clock.now += 10
    assert [breaker.allow() for _ in range(3)] == [True, False, False]
    assert breaker.state == "half-open"
    breaker.record_success()
    assert (breaker.state, breaker.allow()) == ("closed", True)


def test_failed_trial_opens_for_another_period(clock):
    breaker = Breaker("t", failure_threshold=3, reset_seconds=10)
    for _ in range(3):
        breaker.record_failure()
    clock.now += 10
    assert breaker.allow()
    breaker.record_failure()
    assert (breaker.state, breaker.allow()) == ("open", False)
    clock.now += 10
    assert breaker.allow()


def test_trial_that_never_reports_is_followed_by_another(clock):
    breaker = Breaker("t", reset_seconds=10)
    breaker.record_failure()
    clock.now += 10
    assert breaker.allow()
    clock.now += 9
    assert not breaker.allow()
    clock.now += 1
    assert breaker.allow()


def test_success_of_a_call_begun_before_opening_does_not_close(clock):
    breaker = Breaker("t", reset_seconds=10)
    breaker.record_failure()
    breaker.record_success()
    assert breaker.state == "open"


def test_failures_while_open_do_not_postpone_the_trial(clock):
    breaker = Breaker("t", reset_seconds=10)
    breaker.record_failure()
    clock.now += 9
    breaker.record_failure()
    clock.now += 1
    assert breaker.allow()


def test_probe_closes_it_in_the_background_and_no_caller_tries():
    is_up = threading.Event()

    def probe():
        if not is_up.is_set():
            raise ConnectionError

    breaker = Breaker("t", reset_seconds=SOON, probe=probe)
    breaker.record_failure()
    give_up_at = time.monotonic() + 4 * SOON
    while time.monotonic() < give_up_at:
        assert not breaker.allow()
    is_up.set()
    _wait_for(breaker.allow)
    assert breaker.state == "closed"


def test_probe_runs_in_one_thread_however_many_fail_at_once():
    seen = []
    release = threading.Event()

    def probe():
        seen.append(threading.get_ident())
        release.wait(5)

    breaker = Breaker("t", reset_seconds=SOON, probe=probe)
    threads = [threading.Thread(target=breaker.record_failure) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _wait_for(lambda: breaker.state == "half-open")
    assert not breaker.allow()
    release.set()
    _wait_for(breaker.allow)
    assert len(seen) == 1


def test_forked_child_probes_for_itself():
    breaker = Breaker("t", reset_seconds=SOON, probe=lambda: None)
    breaker._retry_at = breakers._PROBING  # open, as left behind by a thread of the parent
    pid = os.fork()
    if pid == 0:
        try:
            _wait_for(breaker.allow)
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def test_report_and_registry_tell_what_happened(clock):
    breaker = Breaker("reported", reset_seconds=10)
    breaker.record_failure()
    assert breaker in list_breakers()
    report = breaker.report()
    assert (report.state, report.n_failures, report.n_opened, report.last_failed_at) == (
        "open",
        1,
        1,
        1000.0,
    )


@pytest.mark.parametrize(("threshold", "seconds"), [(0, 1), (1, 0)])
def test_senseless_settings_are_refused(threshold, seconds):
    with pytest.raises(ValueError, match="failure_threshold"):
        Breaker("t", failure_threshold=threshold, reset_seconds=seconds)


@pytest.mark.parametrize("is_open", [False, True])
def test_asking_takes_less_than_a_microsecond(is_open):
    breaker = Breaker("t", reset_seconds=1000)
    if is_open:
        breaker.record_failure()
    assert breaker.allow() is not is_open
    fastest = (
        min(timeit.repeat(breaker.allow, number=10_000, repeat=20, timer=time.thread_time)) / 10_000
    )
    assert fastest < 1e-6
