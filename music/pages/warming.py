"""Prepares the pages of a new worker while it serves its first requests."""

from django.conf import settings
from django.template.loader import get_template


def compile_templates() -> None:
    """Compile all templates of the site, which Django otherwise does for the first visitor."""
    folder = settings.BASE_DIR / "templates"
    for path in sorted(folder.rglob("*.html")):
        get_template(path.relative_to(folder).as_posix())
