"""Prepares the pages of a new worker while it serves its first requests."""

from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.template.loader import get_template


def compile_templates() -> None:
    """Compile all templates of the site, which is otherwise done for the first visitor."""
    engines = cast(list[dict[str, Any]], settings.TEMPLATES)
    folders = [Path(folder) for engine in engines for folder in engine["DIRS"]]
    paths = {path: folder for folder in folders for path in folder.rglob("*.html")}
    for path, innermost in sorted(paths.items()):
        get_template(path.relative_to(innermost).as_posix())
