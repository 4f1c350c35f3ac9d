"""Known vulnerabilities of the locked versions, by pip-audit.

Exit code: 0 if there is none, 1 if there is one, 2 if no list of vulnerabilities could be reached.
"""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent
UNKNOWN = 2


def main() -> int:
    """Print what was found, or that nothing could be checked, and return the exit code."""
    audit = subprocess.run(
        [
            Path(sysconfig.get_path("scripts")) / "pip-audit",
            *("--requirement", ROOT / "requirements.lock", "--disable-pip", "--require-hashes"),
            *("--format", "json", "--progress-spinner", "off", "--timeout", "10"),
        ],
        capture_output=True,
        text=True,
    )
    n_checked, findings = read_report(audit.stdout)
    if not n_checked:
        print("The dependencies could not be checked: no list of vulnerabilities was reached.")
        return UNKNOWN
    print("\n".join(findings) or f"{n_checked} dependencies: no known vulnerability.")
    return 1 if findings else 0


def read_report(report: str) -> tuple[int, list[str]]:
    """How many dependencies pip-audit could look up, and a line for each vulnerability."""
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 0, []
    checked = [found for found in dependencies if "skip_reason" not in found]
    findings = [
        f"{found['name']} {found['version']}: {flaw['id']}"
        f" (fixed in {', '.join(flaw['fix_versions']) or 'no version yet'})"
        for found in checked
        for flaw in found["vulns"]
    ]
    return len(checked), findings


if __name__ == "__main__":
    sys.exit(main())
