"""The parent of server and consumer, with small programs in their places."""

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.servers.forked import is_alive
from tests.servers.site import ROOT
from tests.waiting import wait_until

SUPERVISE = """
import sys
from tunetrace_site import supervisor
supervisor.FIRST_PAUSE_SECONDS = 0.1
supervisor.LONGEST_PAUSE_SECONDS = 0.4
supervisor.CONSUMER_ENDS_SECONDS = 1.0
server, consumer = sys.argv[1:]
command = lambda code: (sys.executable, "-c", code)
sys.exit(supervisor.Supervisor(command(server), command(consumer)).run())
"""
NOTE = """
import os, signal, sys, time
from itertools import pairwise
from pathlib import Path
def note(name, text):
    with open(Path(FOLDER) / name, "a") as file:
        file.write(f"{text}\\n")
"""
SERVER = (
    NOTE
    + """
def end(number, frame):
    note("server", number)
    sys.exit(3)
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, end)
for number in (signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, lambda number, frame: note("server", number))
note("server", f"pid {os.getpid()}")
while True:
    time.sleep(0.05)
"""
)
CONSUMER = (
    NOTE
    + """
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
note("consumer", os.getpid())
while True:
    time.sleep(0.05)
"""
)
DYING = NOTE + 'note("consumer", time.monotonic())\nsys.exit(7)'
STUBBORN = (
    NOTE
    + """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
note("consumer", os.getpid())
time.sleep(60)
"""
)


@pytest.fixture
def start(tmp_path):
    """Start a supervisor of two programs; gives its process once both have said something."""
    started = []

    def start(server: str = SERVER, consumer: str = CONSUMER) -> subprocess.Popen:
        codes = [code.replace("FOLDER", repr(str(tmp_path))) for code in (server, consumer)]
        command = [sys.executable, "-c", SUPERVISE, *codes]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        started.append(process)
        wait_until(lambda: read(tmp_path, "server") and read(tmp_path, "consumer"))
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def read(folder: Path, name: str) -> list[str]:
    path = folder / name
    return path.read_text().split("\n")[:-1] if path.exists() else []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_reaches_both_and_the_servers_status_is_the_parents(start, tmp_path, number):
    process = start()
    [consumer] = read(tmp_path, "consumer")
    process.send_signal(number)
    assert process.wait(20) == 3
    assert read(tmp_path, "server")[1:] == [str(int(number))]
    assert not is_alive(consumer)


def test_end_that_comes_while_the_server_is_being_started_is_not_lost(tmp_path):
    told = """
import os, signal
start = supervisor._start
def start_and_be_told(*command, **more):
    os.kill(os.getpid(), signal.SIGTERM)
    return start(*command, **more)
supervisor._start = start_and_be_told
server, consumer"""
    code = SUPERVISE.replace("\nserver, consumer", told, 1)
    server = SERVER.replace("FOLDER", repr(str(tmp_path)))
    process = subprocess.Popen([sys.executable, "-c", code, server, DYING], cwd=ROOT)
    try:
        # It may be told before it has a handler of its own.
        assert process.wait(30) in {3, 128 + signal.SIGTERM}
    finally:
        process.kill()
        process.wait()


def test_reload_reaches_the_server_and_makes_a_fresh_consumer_at_once(start, tmp_path):
    process = start()
    [first] = read(tmp_path, "consumer")
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(read(tmp_path, "consumer")) == 2)
    assert read(tmp_path, "server")[1:] == [str(int(signal.SIGHUP))]
    wait_until(lambda: not is_alive(first))
    assert process.poll() is None


def test_other_signals_reach_the_server_alone(start, tmp_path):
    process = start()
    process.send_signal(signal.SIGUSR1)
    wait_until(lambda: read(tmp_path, "server")[1:] == [str(int(signal.SIGUSR1))])
    assert len(read(tmp_path, "consumer")) == 1


def test_killed_consumer_is_started_again_and_the_server_stays(start, tmp_path):
    process = start()
    [first] = read(tmp_path, "consumer")
    os.kill(int(first), signal.SIGKILL)
    wait_until(lambda: len(read(tmp_path, "consumer")) == 2)
    assert len(read(tmp_path, "server")) == 1
    process.send_signal(signal.SIGTERM)
    assert "ended (status -9); it is started again in" in process.communicate(timeout=20)[1]


def test_consumer_that_dies_again_and_again_is_started_later_each_time(start, tmp_path):
    start(consumer=DYING)
    wait_until(lambda: len(read(tmp_path, "consumer")) >= 5)
    times = [float(moment) for moment in read(tmp_path, "consumer")]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[0] >= 0.1
    assert pauses[1] >= 0.2
    assert min(pauses[2:]) >= 0.4


def test_end_of_the_server_ends_all_with_its_status(start, tmp_path):
    process = start()
    [consumer] = read(tmp_path, "consumer")
    os.kill(int(read(tmp_path, "server")[0].split()[1]), signal.SIGKILL)
    assert process.wait(20) == 128 + signal.SIGKILL
    assert not is_alive(consumer)


def test_consumer_that_does_not_end_is_killed(start, tmp_path):
    process = start(consumer=STUBBORN)
    [consumer] = read(tmp_path, "consumer")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 3
    assert not is_alive(consumer)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_children_end_when_their_parent_is_killed(start, tmp_path):
    process = start()
    [consumer] = read(tmp_path, "consumer")
    server = read(tmp_path, "server")[0].split()[1]
    process.kill()
    wait_until(lambda: not is_alive(consumer) and not is_alive(server))
