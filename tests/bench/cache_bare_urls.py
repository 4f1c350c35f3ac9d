"""The routes of the site, and a bare view that returns the bytes of a warm POST."""

import os
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tunetrace_site.replication.unit import manages_own_units
from tunetrace_site.urls import urlpatterns as site_urlpatterns

_BODY = Path(os.environ["BENCH_BODY"])


@csrf_exempt
@manages_own_units  # as POST /suggestions does: without, each request would be a transaction
def bare(request: HttpRequest) -> HttpResponse:
    """Return the stored bytes, whatever the request."""
    return HttpResponse(_read_body(), content_type="application/json")


def _read_body(kept: list[bytes] = []) -> bytes:  # noqa: B006
    if not kept:
        kept.append(_BODY.read_bytes())
    return kept[0]


urlpatterns = [path("bare", bare), *site_urlpatterns]
