"""Every regular expression of the code, and the texts that would make a backtracking one slow.

A text is made from the expression itself: the beginning it wants, then what one of its
repetitions repeats, again and again, then something that it cannot end with.
"""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random
from re import _constants as codes
from re import _parser as parser
from types import ModuleType
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).parent.parent
PACKAGES = ("music", "accounts", "tunetrace_site")
USES = {"search", "match", "fullmatch", "split", "sub", "finditer", "findall"}
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
_OF_CATEGORY = {
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_NOT_WORD: "-",
}
_PUMPS = (" ", "a", "1", "-", "(", ")", "'", '"', " a", "a ", "- ", " -", "()", "a-", "a.", "#")
_ENDINGS = ("", " \x00x!")
_MAX_PUMPS = 48
_ALTERNATIVES = 4
_CAREFUL = 72


def find_patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern by where it is: in modules, in their tables, written in a call, in routes."""
    found: dict[str, re.Pattern[str]] = {}
    for module in _import_all():
        for name, value in vars(module).items():
            for n, pattern in enumerate(_walk(value)):
                if pattern not in found.values():
                    found[f"{module.__name__}.{name}[{n}]"] = pattern
        for line, pattern in _read_inline(module):
            found[f"{module.__name__}:{line}"] = pattern
    return found | {f"route {p.pattern}": p for p in _read_routes(get_resolver())}


def find_uses() -> dict[str, set[str]]:
    """The methods by which each pattern that is called by its name is used."""
    uses: dict[str, set[str]] = defaultdict(set)
    for module in _import_all():
        for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text())):
            if isinstance(node, ast.Attribute) and node.attr in USES:
                owner = node.value
                name = getattr(owner, "id", getattr(owner, "attr", ""))
                if name.isupper():
                    uses[name].add(node.attr)
    return uses


def list_texts(pattern: re.Pattern[str], longest: int) -> Iterator[tuple[str, list[str]]]:
    """For each kind of attack its texts: longer and longer, up to ``longest`` characters."""
    rng = Random(len(pattern.pattern))
    tree = parser.parse(pattern.pattern, pattern.flags)
    pumps = list(dict.fromkeys((*_PUMPS, *_list_pumps(tree, rng))))
    if len(pumps) > _MAX_PUMPS:
        pumps = pumps[: len(_PUMPS)] + rng.sample(pumps[len(_PUMPS) :], _MAX_PUMPS - len(_PUMPS))
    beginnings = dict.fromkeys(("", "x (", *_list_beginnings(tree, rng)))
    for pump in pumps:
        for beginning in beginnings:
            for ending in _ENDINGS:
                room = longest - len(beginning) - len(ending)
                yield (
                    f"{beginning!r} + n * {pump!r} + {ending!r}",
                    [beginning + (pump * n)[:n] + ending for n in _grow(room)],
                )


def _grow(longest: int) -> Iterator[int]:
    """Lengths up to ``longest``: by few characters as long as each could double the time."""
    yield from range(12, min(_CAREFUL, longest), 6)
    length = _CAREFUL
    while length < longest:
        yield length
        length *= 2
    yield longest


def _import_all() -> Iterator[ModuleType]:
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for info in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations" not in info.name:
                yield importlib.import_module(info.name)


def _walk(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _walk(part)
    elif isinstance(value, tuple | list | frozenset):
        for part in value:
            yield from _walk(part)


def _read_inline(module: ModuleType) -> Iterator[tuple[int, re.Pattern[str]]]:
    """Expressions that stand as text in a call: ``re.search(r"...", text)``."""
    for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in USES
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno, re.compile(node.args[0].value)


def _read_routes(resolver: URLResolver) -> Iterator[re.Pattern[str]]:
    """The expressions of our own routes; those that packages bring are theirs."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if "admin" not in str(entry.pattern):
                yield from _read_routes(entry)
        elif isinstance(entry, URLPattern) and entry.callback.__module__.startswith(PACKAGES):
            yield entry.pattern.regex


def _list_pumps(tree: Any, rng: Random) -> Iterator[str]:
    """What each repetition of the expression repeats, in several of its spellings."""
    for code, argument in tree:
        if code in _REPEATS:
            body = argument[2]
            for _ in range(_ALTERNATIVES):
                yield _write(body, rng) or " "
                yield _write(body, rng) + " "
        for part in _parts(code, argument):
            yield from _list_pumps(part, rng)


def _list_beginnings(tree: Any, rng: Random) -> Iterator[str]:
    """What the expression wants before each of its outermost repetitions."""
    for place, (code, _) in enumerate(tree):
        if code in _REPEATS:
            yield _write(tree[:place], rng)


def _parts(code: Any, argument: Any) -> list[Any]:
    if code in _REPEATS:
        return [argument[2]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code is codes.SUBPATTERN:
        return [argument[3]]
    if code is codes.ATOMIC_GROUP:
        return [argument]
    return [argument[1]] if code in (codes.ASSERT, codes.ASSERT_NOT) else []


def _write(tree: Any, rng: Random) -> str:
    """A text that the expression matches, by chance one of many."""
    return "".join(_write_node(code, argument, rng) for code, argument in tree)


def _write_node(code: Any, argument: Any, rng: Random) -> str:
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.NOT_LITERAL or code is codes.ANY:
        return "a"
    if code is codes.IN:
        return _write_set(argument, rng)
    if code is codes.BRANCH:
        return _write(rng.choice(argument[1]), rng)
    if code in _REPEATS:
        least, most, body = argument
        n = rng.randint(least, min(max(least, 1), most))
        return "".join(_write(body, rng) for _ in range(n))
    if code is codes.ASSERT and argument[0] > 0:
        return ""
    return "".join(_write(part, rng) for part in _parts(code, argument) if code is not codes.ASSERT)


def _write_set(members: list[Any], rng: Random) -> str:
    if members[0][0] is codes.NEGATE:
        return "a"
    code, argument = rng.choice(members)
    if code is codes.CATEGORY:
        return _OF_CATEGORY[argument]
    return chr(argument if code is codes.LITERAL else argument[0])
