"""A clone is whole: what a test reads lies in the repository.

``.ci/run`` runs the tests in a copy with nothing beside it; here the sources are looked at, so that
a path that leads out fails at once, on any machine.
"""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.bench.large_sets import SetMissingError, find_set

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "tests").rglob("*.py"))
ONLY_EXCEPTION = "tests/bench/large_sets.py"
"""The one module that looks beside the repository, for figures that are no tests."""
_LEADS_OUT = re.compile(r"~|\.\.(/|$)|/(work|home|root|mnt|media|srv|opt)(/|$)")
_READERS = {"Path", "open", "PurePath", "joinpath", "chdir"}


class OutwardPaths(ast.NodeVisitor):
    """Collects the lines on which a path climbs above the repository or names a foreign folder.

    ``depth`` is how many folders the source lies below the repository's.
    """

    def __init__(self, depth: int) -> None:
        self.lines: list[int] = []
        self._depth = depth
        self._climbs: dict[str, int] = {}
        """Names of this source that hold a path made from ``__file__``: folders climbed."""

    def visit_Assign(self, node: ast.Assign) -> None:
        climbed = self._count_climbs(node.value)
        if climbed is not None and isinstance(node.targets[0], ast.Name):
            self._climbs[node.targets[0].id] = climbed
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._check_climbs(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._check_climbs(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Div):
            self._check_text(node.left, node.right)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _READERS:
            self._check_text(*node.args)
        self.generic_visit(node)

    def _check_climbs(self, node: ast.Attribute | ast.Subscript) -> None:
        climbed = self._count_climbs(node)
        if climbed is not None and climbed > self._depth + 1:
            self.lines.append(node.lineno)
        else:
            self.generic_visit(node)

    def _check_text(self, *parts: ast.expr) -> None:
        self.lines += [
            part.lineno
            for part in parts
            if isinstance(part, ast.Constant)
            and isinstance(part.value, str)
            and _LEADS_OUT.match(part.value)
        ]

    def _count_climbs(self, node: ast.expr) -> int | None:
        """How many folders ``node`` lies above its source; None where it is no such path."""
        match node:
            case ast.Name(id="__file__"):
                return 0
            case ast.Name(id=name):
                return self._climbs.get(name)
            case ast.Call(func=ast.Name(id="Path"), args=[inner]):
                return self._count_climbs(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr="resolve" | "absolute")):
                return self._count_climbs(inner)
            case ast.Attribute(value=inner, attr="parent"):
                more = 1
            case ast.Subscript(
                value=ast.Attribute(value=inner, attr="parents"), slice=ast.Constant(value=int(n))
            ):
                more = n + 1
            case _:
                return None
        climbed = self._count_climbs(inner)
        return None if climbed is None else climbed + more


def find_outward_lines(source: str, depth: int) -> list[int]:
    """The numbers of the lines of ``source`` on which a path leads out of the repository."""
    visitor = OutwardPaths(depth)
    visitor.visit(ast.parse(source))
    return visitor.lines


def test_no_test_reads_outside_the_repository():
    outward = {}
    for path in SOURCES:
        name = path.relative_to(ROOT)
        lines = find_outward_lines(path.read_text(), depth=len(name.parts) - 1)
        if lines:
            outward[str(name)] = lines
    assert list(outward) == [ONLY_EXCEPTION], outward


@pytest.mark.parametrize(
    "line",
    [
        'DATA = Path(__file__).resolve().parents[2] / "shared"',
        "DATA = Path(__file__).parent.parent.parent",
        "ROOT = Path(__file__).parents[1]\nDATA = ROOT.parent",
        'DATA = ROOT / "../shared/data"',
        'DATA = ROOT / ".." / "shared"',
        'open("/work/shared/data/README.md")',
        'Path("~/.cache").expanduser()',
        'os.chdir("/home")',
    ],
)
def test_scan_finds_a_path_that_leads_out(line):
    assert find_outward_lines(line, depth=1) == [line.count("\n") + 1]


@pytest.mark.parametrize(
    "line",
    [
        "ROOT = Path(__file__).parent.parent",
        'DATA = Path(__file__).parents[0] / "data"',
        'HOSTILE = ["../../etc/passwd", "~root"]',
        'Path("/proc") / "self"',
    ],
)
def test_scan_passes_a_path_that_stays_inside(line):
    assert find_outward_lines(line, depth=1) == []


def test_large_set_that_is_missing_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("TUNETRACE_DATA", str(tmp_path))
    with pytest.raises(SetMissingError) as caught:
        find_set("youtube/labelled_videos.csv")
    assert str(caught.value) == (
        f"left out: there is no youtube/labelled_videos.csv in {tmp_path} "
        "(TUNETRACE_DATA names another folder)"
    )
    (tmp_path / "youtube").mkdir()
    (tmp_path / "youtube/labelled_videos.csv").touch()
    assert find_set("youtube/labelled_videos.csv").parent == tmp_path / "youtube"


def test_hooks_before_a_commit_are_linters_of_make_lint():
    """The very programs, so that a hook and CI never disagree."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    programs = [hook["entry"].split()[0] for hook in hooks]
    assert all(program.startswith(".venv/bin/") for program in programs)
    lint = (ROOT / "Makefile").read_text().split("\nlint:")[1].split("\nscreenshots:")[0]
    for name in {Path(program).name for program in programs}:
        assert f"$(BIN)/{name} " in lint or f"$(BIN)/{name}\n" in lint
        assert (Path(sys.executable).parent / name).exists()
