"""What the README says is so."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def read_variables(path: Path) -> set[str]:
    """The environment variables that a file reads through env.py."""
    return set(re.findall(r'env\.read_\w+\(\s*"([A-Z_]+)"', path.read_text()))


def test_configuration_table_names_every_variable_and_no_other():
    table = README.split("## Configuration")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert documented == read_variables(ROOT / "tunetrace_site/settings.py")


def test_every_make_target_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) - {"yourself"} <= targets


def test_every_linked_document_exists():
    links = re.findall(r"\]\((docs/[^)]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_curl_command_of_the_readme_names_a_route():
    path = re.search(r"curl -s http://127\.0\.0\.1:8000(\S+)", README)
    assert path is not None
    assert path[1] == "/suggestions"
