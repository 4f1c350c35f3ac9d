"""What runs in a forked process is told apart: it ended well, failed, was killed."""

import subprocess
import sys
import time

import pytest

from tests.servers.forked import Prepared, is_alive
from tests.servers.site import ROOT

WORK = """
import os, sys, time
if __name__ == "__main__":
    number, seconds = sys.argv[1:]
    print("number", number, "of", os.environ["GREETING"])
    time.sleep(float(seconds))
    if number == "3":
        raise ValueError("three")
"""
STARTED_BY_ANOTHER = """
import os, pathlib, sys
from tests.servers.forked import Prepared
folder = pathlib.Path(sys.argv[1])
prepared = Prepared("work", folder, {"GREETING": "hello"}, folder / "errors")
print(prepared.start("1", "600").pid, flush=True)
os._exit(0)
"""


@pytest.fixture
def prepared(tmp_path):
    (tmp_path / "work.py").write_text(WORK)
    return Prepared("work", tmp_path, {"GREETING": "hello"}, tmp_path / "errors")


def test_each_process_runs_the_module_with_its_own_arguments(prepared, tmp_path):
    prepared.start("1", "0")
    killed = prepared.start("2", "60")
    assert killed.is_alive
    killed.kill()
    assert not killed.is_alive
    prepared.close()
    assert not is_alive(killed.pid)
    assert "number 1 of hello" in (tmp_path / "errors").read_text()


def test_process_that_failed_is_reported_with_what_it_said(prepared):
    prepared.start("3", "0")
    prepared.start("1", "0")
    with pytest.raises(RuntimeError, match="ValueError: three"):
        prepared.close()


def test_process_that_does_not_end_is_killed(tmp_path):
    (tmp_path / "work.py").write_text(WORK)
    greeting = {"GREETING": "hello"}
    prepared = Prepared("work", tmp_path, greeting, tmp_path / "errors", patience_seconds=0.2)
    endless = prepared.start("1", "600")
    with pytest.raises(subprocess.TimeoutExpired):
        prepared.close()
    assert not is_alive(endless.pid)


def test_processes_do_not_outlive_the_one_that_started_them(tmp_path):
    (tmp_path / "work.py").write_text(WORK)
    run = [sys.executable, "-c", STARTED_BY_ANOTHER, str(tmp_path)]
    pid = int(subprocess.run(run, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    ends_at = time.monotonic() + 60
    while is_alive(pid):
        assert time.monotonic() < ends_at
        time.sleep(0.02)
