"""No text can stop a worker: every regular expression takes linear time."""

import re
import time
from collections.abc import Callable
from functools import cache, partial

import pytest

from music.names.normalization import MAX_KEY_LENGTH
from tests.adversarial import USES, find_patterns, find_uses, list_texts

LONGEST = 5_000
"""A description of YouTube, the longest text that is looked through: characters."""
LIMIT_SECONDS = 0.005
"""Of processor time, so that a busy machine fails nothing."""
ROUNDS = 6
# Found by the tests, not where they are collected: each process of a run collects all tests.
patterns = cache(find_patterns)
uses_by_name = cache(find_uses)


def longest_of(name: str) -> int:
    """Names and titles are cut before any expression reads them, as the column of a title is."""
    is_of_titles = name.startswith(("music.names.", "music.recommender.versions."))
    return MAX_KEY_LENGTH if is_of_titles else LONGEST


def clock(use: Callable[[str], object], text: str) -> float:
    """Seconds of the processor, the best of some rounds."""
    best = 1000.0
    for _ in range(ROUNDS):
        began = time.process_time()
        use(text)
        best = min(best, time.process_time() - began)
        if best < LIMIT_SECONDS:
            break
    return best


def list_uses(name: str, pattern: re.Pattern[str]) -> list[Callable[[str], object]]:
    """How the code uses the pattern; every way where it is not called by its name."""
    known = uses_by_name().get(name.split("[")[0].rsplit(".", 1)[-1]) or USES
    uses: dict[str, Callable[[str], object]] = {
        "search": pattern.search,
        "match": pattern.match,
        "fullmatch": pattern.fullmatch,
        "split": pattern.split,
        "sub": partial(pattern.sub, ""),
        "finditer": pattern.findall,
        "findall": pattern.findall,
    }
    return [uses[use] for use in sorted(known)]


def find_slow(name: str, pattern: re.Pattern[str]) -> str:
    """The first attack that ``pattern`` takes too long for; empty when there is none."""
    uses = list_uses(name, pattern)
    for attack, texts in list_texts(pattern, longest_of(name)):
        for text in texts:
            seconds = max(clock(use, text) for use in uses)
            if seconds >= LIMIT_SECONDS:
                return f"{len(text)} characters, {attack}: {1000 * seconds:.0f} ms"
    return ""


def test_every_regular_expression_takes_linear_time():
    slow = {name: find_slow(name, pattern) for name, pattern in patterns().items()}
    assert {name: said for name, said in slow.items() if said} == {}


@pytest.mark.parametrize(
    "slow", [r"x \((\s*\W?\s*(version|mix))*y", r"(a|aa)+$", r"(?:live|mix|\s*)*!", r"(\w+\s?)*:"]
)
def test_search_for_slow_expressions_finds_exponential_ones(slow):
    assert find_slow("music.names.made_up", re.compile(slow))


def test_search_for_slow_expressions_finds_quadratic_ones():
    assert find_slow("music.youtube.made_up", re.compile(r"\s+$"))


def test_every_module_with_an_expression_was_looked_at():
    assert {name.split("[")[0] for name in patterns()} >= {
        "music.names.decoration._BRACKETED", "music.api.parsers.FORBIDDEN_CHARACTERS",
        "tunetrace_site.middleware._ACCEPTABLE_ID",
    }  # fmt: skip
