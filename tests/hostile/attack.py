"""An attack on a site as it is served, and what a listener notices of it.

``python -m tests.hostile.attack [SECONDS]``: schemathesis in all its phases against the whole API,
every address of admin as a stranger and as a listener, and 200 slow clients of each kind in turn,
all at once. Beside them a victim asks for a page all the time.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from itertools import cycle
from pathlib import Path

from tests.servers.site import Site, running_site

from .slow import BEGINNINGS, slow_clients

N_SLOW = 200
SHUT_OUT_SECONDS = 10.0
"""A page that takes longer is one that the victim did not get."""
HAR = "attack.har"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "valid_data_is_accepted",
)
"""What schemathesis holds each answer to, beside the document."""
CHECK_OF_OURS = "tests.hostile.valid_data"
ROOT = Path(__file__).parents[2]


@dataclass
class Outcome:
    """What the attack did, and what it achieved."""

    n_attacks: int = 0
    server_errors: list[str] = field(default_factory=list)
    escalations: list[str] = field(default_factory=list)
    broken_promises: list[str] = field(default_factory=list)
    """Answers that the OpenAPI document does not have."""
    n_slow_held: int = 0
    victim_seconds: list[float] = field(default_factory=list)
    shut_out_seconds: float = 0.0

    def note(self, address: str, status: int) -> None:
        """Count one request of the attack."""
        self.n_attacks += 1
        if status >= 500:
            self.server_errors.append(f"{status} {address}")

    def __str__(self) -> str:
        slowest = max(self.victim_seconds, default=0.0)
        lines = (
            f"attacks tried: {self.n_attacks}",
            f"answers of 5xx: {len(self.server_errors)} {sorted(set(self.server_errors))[:5]}",
            f"escalations: {len(self.escalations)} {self.escalations[:5]}",
            f"answers that are not documented: {self.broken_promises[:5]}",
            f"slow connections held: {self.n_slow_held}",
            f"pages that the victim asked for: {len(self.victim_seconds)}, slowest {slowest:.2f} s",
            f"seconds the victim was shut out: {self.shut_out_seconds:.1f}",
        )
        return "\n".join(lines)


def attack(site: Site, folder: Path, seconds: int) -> Outcome:
    """Everything at once for about ``seconds``; ``folder`` is for the report of schemathesis."""
    outcome, is_over = Outcome(), threading.Event()
    beside = [
        threading.Thread(target=be_slow, args=(site, outcome, is_over)),
        threading.Thread(target=be_the_victim, args=(site, outcome, is_over)),
    ]
    for thread in beside:
        thread.start()
    try:
        fuzz(site, folder, seconds, outcome)
        knock_at_admin(site, outcome)
    finally:
        is_over.set()
        for thread in beside:
            thread.join()
    return outcome


def fuzz(site: Site, folder: Path, seconds: int, outcome: Outcome) -> None:
    """Schemathesis, in all phases, as a listener's program; every answer is looked at."""
    done = subprocess.run(
        [
            Path(sysconfig.get_path("scripts")) / "schemathesis",
            *("run", f"{site.url}/api/v1/schema/?format=json"),
            *("--header", f"Authorization: Bearer {make_token(site)}"),
            *("--checks", ",".join(CHECKS), "--continue-on-failure", "--no-color"),
            *("--suppress-health-check", "all", "--max-time", str(seconds)),
            *("--report", "har", "--report-har-path", folder / HAR),
        ],
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": CHECK_OF_OURS, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=20 * seconds + 600,
    )
    outcome.broken_promises = [line for line in done.stdout.splitlines() if line[:4] == "- ST"]
    for entry in json.loads((folder / HAR).read_text())["log"]["entries"]:
        outcome.note(entry["request"]["url"], entry["response"]["status"])


def knock_at_admin(site: Site, outcome: Outcome) -> None:
    """Every address of admin by GET and POST: none may open."""
    for opener in (urllib.request.build_opener(), sign_up(site, "attacker@example.org")[0]):
        for address in list_admin_addresses():
            for data in (None, b"action=delete_selected&_selected_action=1"):
                answer_url, status = ask(opener, f"{site.url}/{address}", data)
                outcome.note(address, status)
                if status == 200 and "/login/" not in answer_url:
                    outcome.escalations.append(address)


def list_admin_addresses() -> list[str]:
    """The addresses of admin, with 1 for every id."""
    import django

    django.setup()
    from tunetrace_site.checks import list_routes

    routes = [route for route, _ in list_routes() if route.startswith("admin/")]
    return sorted({re.sub(r"<[^>]+>", "1", route) for route in routes if "(?P" not in route})


def sign_up(site: Site, email: str) -> tuple[urllib.request.OpenerDirector, CookieJar]:
    """A browser in which a new listener is signed in, and its cookies."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{site.url}/accounts/signup/", timeout=60).close()
    form = {
        "csrfmiddlewaretoken": find_csrf_token(jar),
        "email": email,
        "password1": "correct horse battery staple",
    }
    status = ask(browser, f"{site.url}/accounts/signup/", urllib.parse.urlencode(form).encode())[1]
    assert status == 200, status
    return browser, jar


def find_csrf_token(jar: CookieJar) -> str:
    """Return the CSRF token that forms of a browser with these cookies must send."""
    return next(cookie.value or "" for cookie in jar if cookie.name == "csrftoken")


def make_token(site: Site) -> str:
    """Return an access token of a new listener."""
    browser, jar = sign_up(site, "program@example.org")
    headers = {"Content-Type": "application/json", "X-CSRFToken": find_csrf_token(jar)}
    address = f"{site.url}/api/v1/me/tokens"
    with browser.open(urllib.request.Request(address, b'{"name": "it"}', headers)) as answer:
        token: str = json.load(answer)["token"]
    return token


def ask(opener: urllib.request.OpenerDirector, url: str, data: bytes | None) -> tuple[str, int]:
    """Where a request ended, and its status."""
    try:
        with opener.open(url, data, timeout=60) as answer:
            return answer.url, answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return url, error.code


def be_slow(site: Site, outcome: Outcome, is_over: threading.Event) -> None:
    """Slow clients of one kind after the other."""
    for kind in cycle(BEGINNINGS):
        if is_over.is_set():
            return
        with slow_clients(site, kind, N_SLOW) as drip:
            until = time.monotonic() + 4
            while time.monotonic() < until and not is_over.is_set():
                outcome.n_slow_held = max(outcome.n_slow_held, drip())
                time.sleep(0.2)
        outcome.n_attacks += N_SLOW


def be_the_victim(site: Site, outcome: Outcome, is_over: threading.Event) -> None:
    """A listener who looks at pages, and how long that takes."""
    while not is_over.is_set():
        began = time.monotonic()
        status = ask(urllib.request.build_opener(), f"{site.url}/about/", None)[1]
        seconds = time.monotonic() - began
        outcome.victim_seconds.append(seconds)
        if status != 200 or seconds > SHUT_OUT_SECONDS:
            outcome.shut_out_seconds += seconds
        time.sleep(0.1)


def run(folder: Path, seconds: int) -> Outcome:
    """Start a site in ``folder`` and attack it."""
    with running_site(folder, LOG_LEVEL="error") as site:
        wait_until_warm(site, folder)
        return attack(site, folder, seconds)


def wait_until_warm(site: Site, folder: Path) -> None:
    """Until the index is built, and what a process loads once is loaded in each of them."""
    deadline = time.monotonic() + 200
    while not (folder / "state/index/summary.json").exists():
        assert time.monotonic() < deadline, "no index was built"
        time.sleep(0.2)
    body, kind = b'{"songs": ["Yesterday"]}', {"Content-Type": "application/json"}
    for _ in range(10):
        request = urllib.request.Request(f"{site.url}/suggestions", body, kind)
        urllib.request.urlopen(request, timeout=100).close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with tempfile.TemporaryDirectory() as name:
        print(run(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else 120))
