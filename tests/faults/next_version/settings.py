"""The site's settings, with the models and migrations of the next version."""

from tunetrace_site.settings import *  # noqa: F403
from tunetrace_site.settings import INSTALLED_APPS

INSTALLED_APPS = ["tests.faults.next_version", *INSTALLED_APPS]
MIGRATION_MODULES = {"music": "tests.faults.next_version.music_migrations"}
