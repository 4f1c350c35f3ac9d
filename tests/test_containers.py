"""The container files: every command in them is run here, without a container engine.

The image's folder is a copy of the tree as ``.dockerignore`` leaves it, ``/app`` and ``/data`` lie
in a temporary folder, and what only the root of a machine of its own may do (``useradd``,
``chown``) is noted instead of done. Caddy and its file are run in ``tests/hostile/test_front.py``.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.servers.redis import RedisServer
from tests.servers.site import ROOT, find_free_port
from tests.test_documentation import read_variables

pytestmark = pytest.mark.timeout(240)

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
SETTINGS = ROOT / "tunetrace_site/settings.py"
PORT = "8000"


@dataclass
class Image:
    """What the Dockerfile says, with ``/app`` and ``/data`` in ``folder``."""

    folder: Path
    environment: dict[str, str]
    instructions: list[tuple[str, str]]
    noted: Path
    """One line for each command that was noted instead of done."""

    def get(self, name: str) -> list[str]:
        """The texts of all instructions of one name."""
        return [text for instruction, text in self.instructions if instruction == name]

    def run(self, line: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the shell in the image's folder and environment."""
        return subprocess.run(
            line.replace("/data", f"{self.folder}/data"),
            shell=True,
            cwd=self.folder / "app",
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=200,
        )


def read_instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction's name and text, continued lines joined, comments left out."""
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def read_ignored() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_ignored(path: Path) -> bool:
    """Whether ``.dockerignore`` keeps the path, relative to the tree, out of the image."""
    return any(
        fnmatch(path.name, pattern[3:])
        if pattern.startswith("**/")
        else fnmatch(str(path), pattern)
        for pattern in read_ignored()
    )


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Image:
    folder = tmp_path_factory.mktemp("image")

    def ignore(directory: str, names: list[str]) -> set[str]:
        return {name for name in names if is_ignored((Path(directory) / name).relative_to(ROOT))}

    shutil.copytree(ROOT, folder / "app", ignore=ignore)
    programs = folder / "programs"
    programs.mkdir()
    for name in ("python", "pip"):
        program = f'exec "{sys.executable}" {"-m pip" if name == "pip" else ""} "$@"'
        write_program(programs / name, program)
    for name in ("useradd", "chown"):
        write_program(programs / name, f'echo "{name} $*" >> "{folder}/noted"')
    instructions = read_instructions((ROOT / "Dockerfile").read_text())
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder)}
    for text in (text for name, text in instructions if name == "ENV"):
        environment |= dict(pair.split("=", 1) for pair in text.split())
    environment = {k: v.replace("/data", f"{folder}/data") for k, v in environment.items()}
    return Image(folder, environment, instructions, folder / "noted")


def write_program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_dockerfile_is_made_of_known_instructions(image):
    """Another one would be a line that no test here runs."""
    names = [name for name, _ in image.instructions]
    assert sorted(names) == sorted(
        "FROM ENV WORKDIR COPY RUN COPY RUN USER VOLUME EXPOSE HEALTHCHECK CMD".split()
    )


def test_image_and_services_are_bound_to_no_processor(image):
    """The images named are published for amd64 and arm64 alike; nothing picks one of the two."""
    assert "--platform" not in "".join(image.get("FROM"))
    assert [name for name, service in COMPOSE.items() if "platform" in service] == []


def test_image_holds_what_it_needs_and_no_secret(image):
    app = image.folder / "app"
    for name in ("manage.py", "requirements.lock", "CHANGELOG.md", "templates", "static", "music"):
        assert (app / name).exists(), name
    for name in (".env", ".git", ".venv", "tests", "var"):
        assert not (app / name).exists(), name


def test_requirements_of_the_image_are_those_that_are_tested(image):
    install, _ = image.get("RUN")
    done = image.run(f"{install} --dry-run --no-index --quiet --report -")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["install"] == []


def test_image_is_built_starts_is_healthy_and_stops(image, make_site_folder):
    _, build = image.get("RUN")
    done = image.run(build)
    assert done.returncode == 0, done.stderr
    assert (image.folder / "app/staticfiles/staticfiles.json").exists()
    user, owner = image.noted.read_text().splitlines()
    assert re.fullmatch(rf"useradd .*--uid {image.get('USER')[0]} .*tunetrace", user)
    assert owner == f"chown tunetrace {image.folder}/data"
    assert image.get("VOLUME") == ["/data"]

    port = str(find_free_port())
    [check] = image.get("HEALTHCHECK")
    health = [part.replace(PORT, port) for part in json.loads(check.removeprefix("CMD "))]
    [command] = image.get("CMD")
    variables = {
        **image.environment,
        "PORT": port,
        "SECRET_KEY": "as-long-as-a-real-one-and-as-mixed-0123456789",
    }

    def is_healthy() -> bool:
        done = subprocess.run(health, env=image.environment, capture_output=True, timeout=60)
        return done.returncode == 0

    assert not is_healthy()
    # A start in an empty folder is `tests/test_start.py`.
    shutil.copytree(make_site_folder(), image.folder / "data", dirs_exist_ok=True)
    app, log = image.folder / "app", image.folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            json.loads(command), cwd=app, env=variables, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 150
        while not is_healthy():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(1)  # each question starts a Python
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_every_part_of_compose_means_the_same_port(image):
    assert image.get("EXPOSE") == COMPOSE["web"]["expose"] == [PORT]
    assert f"UPSTREAM:web:{PORT}" in (ROOT / "Caddyfile").read_text()
    assert f'env.read_int("PORT", {PORT}' in SETTINGS.read_text()


def test_redis_of_compose_starts_with_its_command():
    program, *options = COMPOSE["redis"]["command"]
    assert program == "redis-server"
    with RedisServer(*options) as server:
        said = server.connect().config_get("*")
    assert {name: said[name] for name in ("maxmemory", "maxmemory-policy", "save")} == {
        "maxmemory": str(256 * 2**20),
        "maxmemory-policy": "allkeys-lru",
        "save": "",
    }


def test_site_of_compose_finds_the_services_that_compose_starts():
    variables = fill_in(COMPOSE["web"]["environment"], POSTGRES_PASSWORD="s3cret")
    postgres = fill_in(COMPOSE["postgres"]["environment"], POSTGRES_PASSWORD="s3cret")
    address = urlsplit(variables["POSTGRES_DATABASE_URL"])
    assert (address.hostname, urlsplit(variables["REDIS_URL"]).hostname) == ("postgres", "redis")
    assert (address.username, address.password, address.path) == (
        postgres["POSTGRES_USER"],
        postgres["POSTGRES_PASSWORD"],
        f"/{postgres['POSTGRES_DB']}",
    )
    assert set(COMPOSE["web"]["depends_on"]) == {"postgres", "redis"}


def test_environment_of_the_containers_is_read_by_somebody(image):
    """A misspelt variable would be ignored in silence."""
    example = (ROOT / ".env.example").read_text()
    known = read_variables(SETTINGS)
    filled_in = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    offered = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert offered <= known | filled_in
    assert filled_in <= offered
    assert set(COMPOSE["web"]["environment"]) <= known
    of_python = {"PYTHONUNBUFFERED", "PIP_NO_CACHE_DIR"}
    assert set(image.environment) - {"PATH", "HOME"} - of_python <= known


def test_volumes_and_mounts_of_compose_are_declared_and_there():
    declared = yaml.safe_load((ROOT / "compose.yaml").read_text())["volumes"]
    sources = [v.split(":")[0] for s in COMPOSE.values() for v in s.get("volumes", ())]
    assert {name for name in sources if not name.startswith("./")} == set(declared)
    assert [name for name in sources if name.startswith("./") and not (ROOT / name).is_file()] == []


def fill_in(environment: dict[str, str], **values: str) -> dict[str, str]:
    """``${NAME:?message}`` replaced as compose does it."""
    return {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: values[found[1]], text)
        for name, text in environment.items()
    }
