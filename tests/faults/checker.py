"""Compares the results that writers were told with the contents of both databases."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accounts.models import User
from music.models import UserLikedSong
from tests.tunetrace_site.replication.rows import read_all
from tunetrace_site.replication.databases import POSTGRES, SQLITE


@dataclass(slots=True)
class Journal:
    """What all writers recorded. ``possible`` holds, for each key, the values it may have.

    An acknowledged operation leaves one possible value; one that was refused, or cut off by the
    death of its process, may have happened or not.
    """

    possible: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(lambda: {None}))
    outcomes: Counter[str] = field(default_factory=Counter)
    n_acknowledged: int = 0
    unread: list[str] = field(default_factory=list)
    durations: list[tuple[float, str, float]] = field(default_factory=list)  # at, name, seconds
    slow: Counter[str] = field(default_factory=Counter)  # journal name: operations over a second


SLOW_SECONDS = 1.5


def read_journals(paths: Iterable[Path]) -> Journal:
    """Parse the journals.

    One writer's operations are in order, and no other writer has its keys.
    """
    journal = Journal()
    for path in sorted(paths):
        pending: dict[str, Any] = {}
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            if entry["kind"] == "call":
                pending = entry["effects"]
            elif entry["kind"] == "unread":
                journal.unread.append(entry["song"])
            else:
                _record_return(journal, path.stem, pending, entry)
                pending = {}
        for key, value in pending.items():
            journal.possible[key].add(value)
    return journal


def _record_return(journal: Journal, writer: str, effects: dict, entry: dict) -> None:
    journal.outcomes[entry["outcome"]] += 1
    if entry["seconds"] > SLOW_SECONDS:
        journal.slow[writer] += 1
    if entry["name"] != "read":
        journal.durations.append((entry["at"], entry["name"], entry["seconds"]))
    for key, value in effects.items():
        if entry["outcome"] == "ok":
            journal.possible[key] = {value}
            journal.n_acknowledged += 1
        else:
            journal.possible[key].add(value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one campaign; ``lost`` and ``differing`` must be empty.

    ``lost`` has each acknowledged effect that is missing; ``resurrected`` those among them that
    were deletions.
    """

    n_operations: int
    n_acknowledged: int
    lost: dict[str, list[str]]
    resurrected: dict[str, list[str]]
    differing: list[tuple[str, str]]
    unread: list[str]
    outcomes: Counter[str]
    slow: Counter[str]


def check(journal: Journal, aliases: Sequence[str] = (SQLITE, POSTGRES)) -> Verdict:
    """Compare the journal with the databases, and the databases with each other."""
    held = {alias: read_all(alias) for alias in aliases}
    first, last = held[aliases[0]], held[aliases[-1]]
    lost = {alias: _find_lost(journal, alias) for alias in aliases}
    return Verdict(
        n_operations=journal.outcomes.total(),
        n_acknowledged=journal.n_acknowledged,
        lost=lost,
        resurrected={
            alias: [key for key in keys if journal.possible[key] == {None}]
            for alias, keys in lost.items()
        },
        differing=sorted(
            key for key in first.keys() | last.keys() if first.get(key) != last.get(key)
        ),
        unread=journal.unread,
        outcomes=journal.outcomes,
        slow=journal.slow,
    )


def describe(verdict: Verdict) -> str:
    """Return the figures in one line."""
    n_lost, n_resurrected = (
        len({key for keys in found.values() for key in keys})
        for found in (verdict.lost, verdict.resurrected)
    )
    n_errors = sum(n for name, n in verdict.outcomes.items() if name.startswith("error"))
    return (
        f"{verdict.n_acknowledged} effects acknowledged, {n_lost} lost (of them {n_resurrected} "
        f"resurrected), {len(verdict.differing)} rows differing, {verdict.outcomes['refused']} of "
        f"{verdict.n_operations} operations refused, {n_errors} errors"
    )


def _find_lost(journal: Journal, alias: str) -> list[str]:
    held: dict[str, Any] = {
        f"like {like.song_name}": like.learn for like in UserLikedSong.objects.using(alias).all()
    }
    held |= {f"user {u.user_id}": u.display_name for u in User.objects.using(alias).all()}
    return sorted(k for k, values in journal.possible.items() if held.get(k) not in values)
