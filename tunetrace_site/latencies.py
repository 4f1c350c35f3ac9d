"""Request latencies by route, counted by every process and summed for ``/metrics``."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import cache

from django.http import HttpRequest, HttpResponse
from prometheus_client.core import HistogramMetricFamily, Metric

from .machine.counters import Counter, read_totals

GetResponse = Callable[[HttpRequest], HttpResponse]
BOUNDS_SECONDS = (0.01, 0.05, 0.2, 1.0, 5.0)
COUNTED = "request_duration"
SPENT = "request_microseconds"
_ROUTE_LENGTH = 60
_ELSEWHERE = "none"


class LatencyMiddleware:
    """Measures the time from a request to its response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        record_latency(name_route(request), time.perf_counter() - began)
        return response


def name_route(request: HttpRequest) -> str:
    """Return the pattern in ``urls.py`` that answered; it contains no value of a listener.

    All pages of the admin count as one route, and so do all addresses without a route.
    """
    match = request.resolver_match
    if match is None:
        return _ELSEWHERE
    route = match.route.strip("^$").removesuffix("/?").rstrip("/")
    name = "admin" if route.split("/")[0] == "admin" else route
    return name.replace("|", "/")[:_ROUTE_LENGTH] or "home"


def record_latency(route: str, seconds: float) -> None:
    """Count one request to ``route`` that took ``seconds``."""
    counters, spent = _make_counters(route)
    counters[bisect_left(BOUNDS_SECONDS, seconds)].increment()
    spent.increment(round(seconds * 1_000_000))


@cache
def _make_counters(route: str) -> tuple[tuple[Counter, ...], Counter]:
    bounds = (*map(str, BOUNDS_SECONDS), "+Inf")
    counters = tuple(Counter(COUNTED, le=bound, route=route) for bound in bounds)
    return counters, Counter(SPENT, route=route)


def collect_latencies() -> Iterable[Metric]:
    """Yield a histogram of seconds per route, over all processes of this machine."""
    counted: dict[str, dict[str, int]] = {}
    spent: dict[str, int] = {}
    for text, number in read_totals().items():
        name, *pairs = text.split("|")
        labels = dict(pair.partition("=")[::2] for pair in pairs)
        if name == COUNTED:
            counted.setdefault(labels["route"], {})[labels["le"]] = number
        elif name == SPENT:
            spent[labels["route"]] = number
    histogram = HistogramMetricFamily(
        "tunetrace_request_seconds", "Time from a request to its answer.", labels=["route"]
    )
    for route, numbers in sorted(counted.items()):
        buckets, total = [], 0
        for bound in (*map(str, BOUNDS_SECONDS), "+Inf"):
            total += numbers.get(bound, 0)
            buckets.append((bound, total))
        histogram.add_metric([route], buckets, sum_value=spent.get(route, 0) / 1_000_000)
    return [histogram]
