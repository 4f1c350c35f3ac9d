import os
import signal
import subprocess
import sys
import threading

import pytest

from tunetrace_site.machine.files import map_file, state_path
from tunetrace_site.machine.leader import leading
from tunetrace_site.machine.locks import FileLock, NumberedLocks, is_locked

HOLD = """
import sys, time
from pathlib import Path
from tunetrace_site.machine.locks import FileLock
FileLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other_holder(tmp_path):
    """Another process, which holds the lock on ``tmp_path / "lock"``."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    yield holder
    holder.kill()
    holder.wait()


def ask_in_child(question):
    """What ``question()`` is in a forked child."""
    child = os.fork()
    if not child:
        os._exit(int(question()))
    return bool(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def test_a_file_lock_has_one_holder_also_within_a_process(tmp_path):
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    with first:
        assert is_locked(tmp_path / "lock")
        assert not second.try_acquire()
    assert second.try_acquire()
    second.release()
    assert not is_locked(tmp_path / "lock")


def test_a_file_lock_is_free_when_its_holder_is_killed(tmp_path, other_holder):
    lock = FileLock(tmp_path / "lock")
    assert not lock.try_acquire()
    other_holder.send_signal(signal.SIGKILL)
    lock.acquire()
    assert is_locked(tmp_path / "lock")
    lock.release()


def test_a_forked_child_holds_none_of_its_parents_locks(tmp_path):
    lock = FileLock(tmp_path / "lock")
    lock.acquire()
    (said, say), (heard, answer) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.write(say, b"\n")
        os.read(heard, 1)
        os._exit(0)
    os.read(said, 1)
    lock.release()
    try:
        assert not is_locked(tmp_path / "lock")
    finally:
        os.write(answer, b"\n")
        os.waitpid(child, 0)


def test_numbered_locks_are_one_for_each_number_and_between_processes(tmp_path):
    locks = NumberedLocks(tmp_path / "leases")
    assert locks.try_acquire(7)

    def try_in_child(number):
        return ask_in_child(lambda: NumberedLocks(tmp_path / "leases").try_acquire(number))

    assert not try_in_child(7)
    assert try_in_child(8)
    locks.release(7)
    assert try_in_child(7)
    locks.close()


def test_one_leads_until_it_ends(settings, tmp_path, other_holder):
    settings.STATE_DIR = tmp_path
    stop = threading.Event()
    stop.set()
    with leading("lock", stop) as leads:
        assert leads is False
    other_holder.kill()
    with leading("lock") as leads:
        assert leads is True
        assert is_locked(state_path("lock"))
    assert not is_locked(state_path("lock"))


def test_a_mapped_file_is_shared_and_keeps_what_it_held(tmp_path):
    path = tmp_path / "folder" / "numbers"
    here, there = map_file(path, 8), map_file(path, 8)
    here[:4] = b"1234"
    assert there[:] == b"1234\0\0\0\0"
    longer = map_file(path, 16)
    assert longer[:] == b"1234" + bytes(12)
