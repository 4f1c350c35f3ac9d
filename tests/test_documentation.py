"""What the README says is so."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from django.test import Client

from tunetrace_site.version import VERSION, read_version

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def read_variables(path: Path) -> set[str]:
    """The environment variables that a file reads, by env.py or a function like those in it."""
    return set(re.findall(r'\bread_\w+\(\s*"([A-Z_]+)"', path.read_text()))


def test_configuration_table_names_every_variable_and_no_other():
    table = README.split("## Configuration")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert documented == read_variables(ROOT / "tunetrace_site/settings.py")


def test_every_make_target_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) - {"yourself"} <= targets


def test_every_link_between_documents_leads_to_a_file():
    broken = [
        f"{document.name}: {link}"
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
        if not (document.parent / link).exists()
    ]
    assert broken == []


def test_index_of_the_documentation_names_every_page():
    links = re.findall(r"^\| \[[^]]+\]\(([^)]+)\)", (ROOT / "docs/README.md").read_text(), re.M)
    assert set(links) == {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_files_that_guides_name_exist(name):
    named = re.findall(r"`(\w[\w.-]*(?:/[\w.]*)+|\w+\.(?:md|toml))`", (ROOT / name).read_text())
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_curl_command_of_the_readme_names_a_route():
    path = re.search(r"curl -s http://127\.0\.0\.1:8000(\S+)", README)
    assert path is not None
    assert path[1] == "/suggestions"


def read_floors() -> list[list[str]]:
    """The packages of each floor, the highest first, as import-linter is told them."""
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    return [[name.strip(" ()") for name in floor.split("|")] for floor in layers]


def draw_floors(floors: list[list[str]]) -> str:
    """The diagram of the architecture page: one box a floor, one arrow to the next."""
    boxes = [
        f'    subgraph floor{n}[" "]\n'
        + "".join(f"        {package}\n" for package in floor)
        + "    end\n"
        for n, floor in enumerate(floors, 1)
    ]
    arrows = [f"    floor{a} --> floor{b}\n" for a, b in pairwise(range(1, len(floors) + 1))]
    return "```mermaid\nflowchart TD\n" + "".join(boxes + arrows) + "```"


def test_diagram_of_the_architecture_is_what_import_linter_enforces():
    diagram = re.search(r"```mermaid\n.*?```", ARCHITECTURE, re.DOTALL)
    assert diagram is not None
    assert diagram[0] == draw_floors(read_floors())


def test_architecture_describes_every_package_of_the_diagram():
    described = re.findall(r"^\| `(\w+(?:\.\w+)*)` \|", ARCHITECTURE, re.MULTILINE)
    assert described == [package for floor in read_floors() for package in floor]


def test_version_is_the_first_dated_entry_of_the_changelog():
    text = (
        "# Changelog\n\n## Unreleased\n\n- x\n\n## v1.20.3 (2027-01-31)\n\n## v0.1.0 (2026-11-29)\n"
    )
    assert read_version(text) == "1.20.3"
    with pytest.raises(ValueError, match=r"no heading like '## v0\.1\.0"):
        read_version("# Changelog\n\n## v0.2.0 (unreleased)\n")


def test_pyproject_and_api_document_read_the_version_of_the_changelog(db):
    assert "version" in PROJECT["project"]["dynamic"]
    found = PROJECT["tool"]["hatch"]["version"]
    match = re.search(found["pattern"], (ROOT / found["path"]).read_text(), re.MULTILINE)
    assert match["version"] == VERSION
    document = yaml.safe_load(Client().get("/api/v1/schema").content)
    assert document["info"]["version"] == VERSION


def test_notice_names_the_licence_of_every_foreign_file():
    folders = ("music", "static", "tests")
    texts = [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and (path.stem in {"LICENSE", "LICENCE"} or path.parent.name == "licences")
    ]
    named = re.findall(r"^    (\S+)$", (ROOT / "NOTICE").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(texts)


def test_every_vendored_folder_holds_its_licence():
    files = [*(ROOT / "static/vendor").rglob("*"), *(ROOT / "tests/browser/vendor").rglob("*")]
    served = {path.parent for path in files if path.suffix in {".js", ".woff2", ".css"}}
    assert len(served) == 4
    assert [str(folder) for folder in served if not (folder / "LICENSE").exists()] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_has_a_row_among_the_choices(name):
    """And no row stands for one that is gone."""
    lines = (ROOT / name).read_text().splitlines()
    required = [re.match(r"[\w-]+", line)[0] for line in lines if line and line[0] not in "#-"]
    choices = (ROOT / "docs/choices.md").read_text()
    part = choices.split(f"(`{name}`)")[1].split("|---|---|---|\n")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([\w-]+) \| [^|]{5,} \| [^|]{10,} \|$", part, re.MULTILINE)
    assert sorted(rows) == sorted(required)


def read_section(document: str, heading: str) -> str:
    text = (ROOT / "docs" / document).read_text()
    return text.split(f"## {heading}\n")[1].split("\n## ")[0]


def find_test_file(name: str) -> Path | None:
    """A file of tests by the short name that docs/databases.md gives it."""
    places = ("tests", "tests/tunetrace_site", "tests/tunetrace_site/replication")
    found = [ROOT / place / name for place in places if (ROOT / place / name).exists()]
    return found[0] if found else None


def test_every_promise_of_the_databases_is_held_by_a_test_that_exists():
    tables = [read_section("databases.md", "What always holds")]
    tables.append(read_section("databases.md", "What each mode promises"))
    rows = [line for table in tables for line in table.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith(("| | ", "| …|"))]
    assert len(promises) > 20
    missing = []
    for row in promises:
        held_by = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", row.rstrip(" |").rsplit("|", 1)[1])
        assert held_by, row
        for file_name, test in held_by:
            path = find_test_file(file_name)
            if path is None or (test and f"\ndef {test}(" not in path.read_text()):
                missing.append(f"{file_name}::{test}")
    assert missing == []
