"""Many processes that write to one SQLite file: none is refused, none waits for ever."""

import json
import os
import subprocess
import sys

import pytest

from tests.servers.site import ROOT


@pytest.fixture(scope="module")
def environment(make_site_folder):
    """The environment of a site on SQLite alone."""
    folder = make_site_folder()
    return {
        "PATH": os.environ["PATH"],
        "SQLITE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "STATE_DIR": str(folder / "state"),
        "LOG_LEVEL": "warning",
    }


def write_hard(environment, n_processes, seconds):
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.hard_writers", str(n_processes), str(seconds)],
        cwd=ROOT, env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return json.loads(run.stdout)


def assert_fair(report, longest_ms):
    assert report["errors"] == []
    # With SQLite's own waiting, some of 16 processes get nothing done at all.
    assert min(report["n_done"]) > max(report["n_done"]) / 4
    assert report["waits_ms"][-1] < longest_ms


def test_six_hard_writers_all_get_their_turns(environment):
    assert_fair(write_hard(environment, n_processes=6, seconds=3), longest_ms=3000)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_sixteen_hard_writers_all_get_their_turns_for_long(environment):
    assert_fair(write_hard(environment, n_processes=16, seconds=20), longest_ms=4000)
