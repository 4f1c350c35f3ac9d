"""Caddy before a running site, with the configuration that compose.yaml gives it."""

import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from .site import ROOT, Site, find_free_port

CONFIGURATION = ROOT / "Caddyfile"


@contextmanager
def running_front(
    site: Site, folder: Path, *, changes: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """Run Caddy before the site during the block, with its files in ``folder``; yield the site.

    ``changes`` are replacements in the text of the configuration, each of which must match.
    """
    text = CONFIGURATION.read_text()
    for old, new in (changes or {}).items():
        assert old in text, f"{old!r} is not in the Caddyfile"
        text = text.replace(old, new)
    configuration = folder / "Caddyfile"
    configuration.write_text(text)
    url = f"http://127.0.0.1:{find_free_port()}"
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    with (folder / "caddy.log").open("ab") as log:
        process = subprocess.Popen(
            [caddy, "run", "--config", configuration, "--adapter", "caddyfile"],
            env={
                "SITE_ADDRESS": url,
                "UPSTREAM": site.url.removeprefix("http://"),
                "HOME": str(folder),
            },
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(f"{url}/health")
        yield replace(site, url=url)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"no answer from {url}"
            time.sleep(0.1)
