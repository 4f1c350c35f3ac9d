"""The site's real settings for processes that serve no pages: they start in half of the time.

The admin's tables are there. What is missing are its pages, which import next to all of TuneTrace.
"""

from tunetrace_site.settings import *  # noqa: F403
from tunetrace_site.settings import INSTALLED_APPS

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig" if app == "django.contrib.admin" else app
    for app in INSTALLED_APPS
]
