"""What one process learns of a dead server, the others know."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings

from music.errors import SourceUnavailable
from music.youtube.outages import Outage
from tests.servers.youtube import PROJECT

_ANNOUNCE = """
from django.conf import settings
settings.configure(STATE_DIR={state!r})
from music.youtube.outages import Outage
Outage({server!r}, seconds=60).announce()
"""


def announce_elsewhere(server):
    """Announce the outage in another process."""
    code = _ANNOUNCE.format(state=str(django_settings.STATE_DIR), server=server)
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_outage_met_by_another_process_is_not_waited_for(gateway, youtube_server):
    announce_elsewhere(f"{youtube_server.url}/")
    with pytest.raises(SourceUnavailable):
        gateway.search("song", caller="listener")
    assert youtube_server.report()["requests"] == 0
    assert not gateway.is_answering


def test_process_that_meets_an_outage_tells_the_others(gateway, youtube_server):
    youtube_server.fail("close")
    with pytest.raises(SourceUnavailable):
        gateway.search("song", caller="listener")
    assert Outage(f"{youtube_server.url}/", seconds=60).is_announced


def test_outage_ends_by_itself_when_nobody_renews_it(tmp_path, settings):
    settings.STATE_DIR = tmp_path
    outage = Outage("server", seconds=10)
    outage.announce()
    assert outage.is_announced
    (mark,) = tmp_path.iterdir()
    os.utime(mark, (time.time() - 11,) * 2)
    assert not outage.is_announced


def test_outage_of_one_server_says_nothing_of_another(tmp_path, settings):
    settings.STATE_DIR = tmp_path
    Outage("server", seconds=10).announce()
    assert not Outage("other", seconds=10).is_announced


def test_state_folder_that_cannot_be_written_is_no_error(tmp_path, settings):
    settings.STATE_DIR = tmp_path / "file" / "state"
    (tmp_path / "file").write_text("")
    outage = Outage("server", seconds=10)
    outage.announce()
    outage.end()
    assert not outage.is_announced
