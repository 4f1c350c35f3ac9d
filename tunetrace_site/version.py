"""The version of TuneTrace, read from the changelog, which is the only place that states it."""

import re
from pathlib import Path

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"
# pyproject.toml finds the version by the same pattern.
_RELEASE = re.compile(r"^## v(?P<version>\d+\.\d+\.\d+) \(\d{4}-\d{2}-\d{2}\)$", re.MULTILINE)


def read_version(changelog: str) -> str:
    """Return the number of the newest release in the text of a changelog, such as ``0.1.0``.

    A release is a heading like ``## v0.1.0 (2026-11-29)``; a part without a date is work that is
    not released. Raises ``ValueError`` when there is no release.
    """
    found = _RELEASE.search(changelog)
    if found is None:
        raise ValueError("CHANGELOG.md has no heading like '## v0.1.0 (2026-11-29)'")
    return found["version"]


VERSION = read_version(CHANGELOG.read_text(encoding="utf-8"))
