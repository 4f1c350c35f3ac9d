"""The settings of the site, with the bare view beside its routes."""

from tunetrace_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.cache_bare_urls"
