"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunetrace_site.settings")
application = get_wsgi_application()
# Imports all views, which took most of the time of a process's first request.
get_resolver().url_patterns  # noqa: B018
