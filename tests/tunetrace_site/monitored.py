"""Which metrics the dashboard and the alert rules of ``docs/monitoring`` ask for."""

import json
import re
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[2] / "docs/monitoring"


def list_alerts() -> list[dict]:
    """The alert rules."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def list_panels() -> list[dict]:
    """The panels of the dashboard."""
    return json.loads((FOLDER / "dashboard.json").read_text())["panels"]


def list_monitored() -> set[str]:
    """The names of all metrics of ours that they ask for."""
    expressions = [rule["expr"] for rule in list_alerts()]
    expressions += [target["expr"] for panel in list_panels() for target in panel["targets"]]
    return {name for text in expressions for name in re.findall(r"\btunetrace_\w+", text)}
