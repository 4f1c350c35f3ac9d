from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The site as a whole: its system checks."""

    name = "tunetrace_site"

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers the checks)
