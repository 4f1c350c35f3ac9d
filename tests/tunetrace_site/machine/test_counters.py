"""tunetrace_site/machine/counters.py: counts of many processes, added up."""

import os
import subprocess
import sys
import threading
import time
import timeit
from pathlib import Path

import pytest

from tunetrace_site.machine import counters
from tunetrace_site.machine.counters import Counter, Gauge, read_totals

ROOT = Path(__file__).parents[3]
CHILD = """
import sys
from django.conf import settings
settings.configure(STATE_DIR=sys.argv[1])
from tunetrace_site.machine.counters import Counter, Gauge
Counter("seen", kind="a").increment(3)
Gauge("held").set(7)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    counters.close()
    yield tmp_path
    counters.close()


def _start_child(state_dir):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(state_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout.readline() == b"ready\n"
    return child


def test_counts_of_all_processes_are_summed_and_outlive_them(own_state):
    Counter("seen", kind="a").increment()
    Gauge("held").set(2)
    children = [_start_child(own_state) for _ in range(2)]
    assert read_totals() == {"seen|kind=a": 7, "held": 16}
    for child in children:
        child.communicate()
    assert read_totals() == {"seen|kind=a": 7, "held": 2}


def test_a_new_process_takes_over_the_file_of_one_that_ended(own_state):
    for _ in range(3):
        _start_child(own_state).communicate()
    assert len(list((own_state / "counters").iterdir())) == 1
    assert read_totals() == {"seen|kind=a": 9}


def test_a_forked_child_counts_in_a_file_of_its_own(own_state):
    counter = Counter("seen")
    counter.increment(5)
    pid = os.fork()
    if pid == 0:
        counter.increment(2)
        os._exit(0 if counter.value == 2 else 1)
    assert os.waitpid(pid, 0)[1] == 0
    counter.increment()
    assert read_totals() == {"seen": 8}


def test_threads_lose_no_count():
    counter = Counter("seen")

    def count():
        for _ in range(20_000):
            counter.increment()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value == 80_000


def test_the_same_name_and_labels_are_one_counter():
    Counter("seen", a="1", b="2").increment()
    Counter("seen", b="2", a="1").increment()
    assert read_totals() == {"seen|a=1|b=2": 2}


def test_without_a_writable_directory_counts_stay_private(settings, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    settings.STATE_DIR = blocked
    counters.close()
    counter = Counter("seen")
    counter.increment()
    assert (counter.value, read_totals()) == (1, {})


def test_a_damaged_file_is_not_an_error(own_state):
    (own_state / "counters").mkdir()
    (own_state / "counters" / "5").write_bytes(b"\xff" * 1001)
    Counter("seen").increment()
    assert read_totals()["seen"] == 1


def test_a_name_too_long_is_refused():
    with pytest.raises(ValueError, match="longer"):
        Counter("x" * 200)


def test_counting_takes_less_than_a_microsecond():
    counter = Counter("seen")
    counter.increment()
    assert (
        min(timeit.repeat(counter.increment, number=10_000, repeat=20, timer=time.thread_time))
        / 10_000
        < 1e-6
    )
