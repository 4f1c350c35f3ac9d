from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core.checks import CheckMessage, Tags, register


class SiteConfig(AppConfig):
    """The app of the site as a whole, which registers the system checks."""

    name = "tunetrace_site"
    default = True

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers the checks)


class AdminConfig(SimpleAdminConfig):
    """Django's admin, whose pages are loaded with the routes and not in each process: they import
    next to all of TuneTrace, and a command that serves none starts in two thirds of the time.
    """

    def ready(self) -> None:
        register(check_dependencies, Tags.admin)
        register(check_admin, Tags.admin)


def check_admin(app_configs: Sequence[AppConfig] | None, **more: Any) -> list[CheckMessage]:
    """Return what is wrong with the pages of the admin, which are loaded for that."""
    autodiscover()
    found: list[CheckMessage] = check_admin_app(app_configs, **more)
    return found
