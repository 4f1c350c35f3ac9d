from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The app of the site as a whole, which registers the system checks."""

    name = "tunetrace_site"

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers the checks)
