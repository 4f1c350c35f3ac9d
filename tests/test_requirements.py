"""What is installed by `make run` and in the image is locked, within the ranges, with hashes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.audit_dependencies import UNKNOWN, read_report

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def lock() -> str:
    return (ROOT / "requirements.lock").read_text()


def list_ranges() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_every_range_has_its_locked_version(lock):
    pins: dict[str, list[str]] = {}
    for name, version in PIN.findall(lock):
        pins.setdefault(canonicalize_name(name), []).append(version)
    for wanted in list_ranges():
        versions = pins.get(canonicalize_name(wanted.name), [])
        assert versions, f"{wanted.name} is not locked: run make lock"
        for version in versions:
            assert wanted.specifier.contains(version), f"{wanted} but {version} is locked"


def test_every_locked_version_has_hashes(lock):
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock)
    assert [b.split()[0] for b in blocks if "==" in b and "--hash=sha256:" not in b] == []


def test_run_and_image_install_what_is_locked():
    for name in ("Makefile", "Dockerfile"):
        assert "--require-hashes -r requirements.lock" in (ROOT / name).read_text()


def test_audit_without_a_network_says_that_it_could_not():
    told = subprocess.run(
        [sys.executable, "-m", "tests.audit_dependencies"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HTTPS_PROXY": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert told.returncode == UNKNOWN
    assert told.stdout.startswith("The dependencies could not be checked: ")


def test_audit_tells_a_vulnerability_with_the_version_that_mends_it():
    report = """{"dependencies": [
        {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]},
        {"name": "b", "version": "1", "vulns": []},
        {"name": "c", "skip_reason": "not found"}
    ]}"""
    assert read_report(report) == (2, ["a 1: PYSEC-1 (fixed in 2)"])
    assert read_report("no JSON") == (0, [])
