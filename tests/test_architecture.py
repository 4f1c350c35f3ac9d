"""Rules of the house that a linter does not know."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = sorted(
    path
    for folder in ("music", "accounts", "tunetrace_site")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40


def read_tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_files_are_short():
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in CODE}
    assert {name: n for name, n in lengths.items() if n > MAX_FILE_LINES} == {
        "tunetrace_site/settings.py": lengths["tunetrace_site/settings.py"]
    }


def test_functions_are_short():
    functions = [
        (f"{path.relative_to(ROOT)}:{node.name}", node.end_lineno - node.lineno + 1)
        for path in CODE
        for node in ast.walk(read_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [(name, n) for name, n in functions if n > MAX_FUNCTION_LINES] == []


def test_transactions_begin_only_in_units_of_work():
    callers = [
        str(path.relative_to(ROOT))
        for path in CODE
        if "transaction.atomic" in path.read_text() and "replication" not in path.parts
    ]
    assert callers == []


def test_only_one_package_locks_files():
    """What the processes of a machine share has one lock, one leader and one mapped file."""
    locking = {
        str(path.parent.relative_to(ROOT))
        for path in CODE
        for node in ast.walk(read_tree(path))
        if isinstance(node, ast.Import) and "fcntl" in {alias.name for alias in node.names}
    }
    assert locking == {"tunetrace_site/machine"}


def test_every_package_stands_on_a_floor_of_the_layers():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [layers] = [found["layers"] for found in tool["contracts"] if found["type"] == "layers"]
    floors = [name.strip() for layer in layers for name in layer.split("|")]
    assert len(floors) == len(set(floors))
    roots = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert roots == set(tool["root_packages"])
    packages = {
        f"{root}.{path.stem}"
        for root in roots - set(floors)
        for path in (ROOT / root).iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert packages | (roots & set(floors)) == set(floors)


def test_only_interfaces_know_http():
    below = {
        "domain",
        "catalogue",
        "collecting",
        "recommender",
        "caching",
        "models",
        "names",
        "youtube",
    }
    knowing = [
        str(path.relative_to(ROOT))
        for path in CODE
        if below & set(path.relative_to(ROOT).parts) and "django.http" in path.read_text()
    ]
    assert knowing == []


def test_nothing_is_left_to_do():
    marks = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in CODE
        for word in ("TODO", "FIXME", "XXX")
        if word in path.read_text()
    ]
    assert marks == []


def test_public_functions_of_the_domain_say_what_they_do():
    silent = [
        f"{path.name}:{node.name}"
        for path in CODE
        if path.parent.name
        in {"domain", "catalogue", "collecting", "recommender", "caching", "names", "youtube"}
        for node in read_tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
