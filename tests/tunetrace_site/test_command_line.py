"""What commands show to people, and what they take."""

import os
import pty
import signal
import subprocess
import sys
import termios
from argparse import ArgumentTypeError

import pytest
from django.core.management import CommandError, call_command

from tests.servers.site import ROOT
from tunetrace_site.command_line import count

BAR = """
import logging, sys
sys.path.insert(0, {root!r})
logging.basicConfig(format="LOG %(message)s")
from tunetrace_site.command_line import show_progress
with show_progress(sys.stderr, unit=" rows", total=3, quiet={quiet}) as bar:
    for n in range(3):
        bar.update()
        bar.refresh()
        logging.getLogger("x").warning("line %d", n)
"""


def run_in_terminal(code: str) -> str:
    """What a program writes to a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))  # without one, a bar has no room
    process = subprocess.Popen([sys.executable, "-c", code], stderr=theirs, cwd=ROOT)
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the program has ended
            break
        if not part:
            break
        written += part
    process.wait()
    os.close(ours)
    return written.decode()


def test_bar_is_shown_on_a_terminal_and_log_lines_stand_on_lines_of_their_own():
    written = run_in_terminal(BAR.format(root=str(ROOT), quiet=False))
    assert "3/3" in written
    for n in range(3):
        assert f"\rLOG line {n}\r\n" in written or f"\nLOG line {n}\r\n" in written


def test_bar_is_silent_where_nobody_looks():
    code = BAR.format(root=str(ROOT), quiet=False)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert ran.stderr == "LOG line 0\nLOG line 1\nLOG line 2\n"
    assert "rows" not in run_in_terminal(BAR.format(root=str(ROOT), quiet=True))


@pytest.mark.parametrize(("text", "n"), [("0", 0), ("5", 5), ("1" * 18, int("1" * 18))])
def test_count_is_read(text, n):
    assert count(text) == n


@pytest.mark.parametrize("text", ["-5", "1.5", "", "x", "1" * 19, "²", "٣", " 1"])
def test_count_that_is_none_is_refused(text):
    with pytest.raises(ArgumentTypeError, match="is not a whole number, 0 or more"):
        count(text)


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("harvest", "--units"),
        ("harvest", "--searches"),
        ("refresh_videos", "--units"),
        ("resolve_pending", "--likes"),
    ],
)
def test_every_command_refuses_a_negative_number(command, option):
    with pytest.raises(CommandError, match="'-5' is not a whole number, 0 or more"):
        call_command(command, f"{option}=-5")


def test_ctrl_c_is_one_line(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "STATE_DIR": str(tmp_path),
        "SQLITE_DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
    }
    code = (
        "import signal, sys, time\n"
        # What a shell starts in the background ignores the signal.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.argv = ['manage.py', 'check']\n"
        "import django.core.management as management\n"
        "def wait(argv):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "management.execute_from_command_line = wait\n"
        "import manage\n"
        "manage.main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert said.strip() == "Stopped. What is done is kept; run it again to go on."
