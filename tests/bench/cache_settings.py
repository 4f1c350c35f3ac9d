"""The settings of the site with the bare view; ``BENCH_NO_MIDDLEWARE``: nothing around it."""

import os

from tunetrace_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.cache_bare_urls"
if os.environ.get("BENCH_NO_MIDDLEWARE"):
    MIDDLEWARE = []
