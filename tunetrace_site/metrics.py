"""``GET /metrics``: counts and states in the Prometheus text format, for operators only.

Counters are summed over all worker processes of this machine (``machine/counters.py``); states
(breakers) are those of the process that answers. Another part of the site adds its own with
``register``.
"""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from music.caching import stack
from music.domain.build_progress import read_progress
from music.youtube import quota
from tunetrace_site.replication.health import collect_replication
from tunetrace_site.replication.replica_health import collect_replicas
from tunetrace_site.replication.unit import manages_own_units

from .latencies import COUNTED, SPENT, collect_latencies
from .machine.breaker import list_breakers
from .machine.counters import read_totals
from .operators import is_operator

PREFIX = "tunetrace_"
STATES = ("closed", "half-open", "open")
Collect = Callable[[], Iterable[Metric]]

_SHOWN_OTHERWISE = {"cache_entries", COUNTED, SPENT}

_collects: list[Collect] = []


def register(collect: Collect) -> Collect:
    """Have ``collect`` called at every scrape; it must answer quickly and never raise."""
    _collects.append(collect)
    return collect


@csrf_exempt  # so that a POST is answered with 405, not with a CSRF failure
@login_not_required
@require_safe
@never_cache
@manages_own_units
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics for a staff session or ``Authorization: Bearer METRICS_TOKEN``.

    Else 403.
    """
    if not is_operator(request):
        return HttpResponseForbidden("Sign in as staff, or send METRICS_TOKEN as bearer token.\n")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(_Collector.registry), content_type=content_type)


class _Collector:
    """Yields the metrics of every registered function."""

    registry = CollectorRegistry(auto_describe=False)

    def collect(self) -> Iterable[Metric]:
        for collect in _collects:
            yield from collect()


_Collector.registry.register(_Collector())


@register
def collect_counters() -> Iterable[Metric]:
    """Yield every ``Counter`` of the site; ``cache_hits|tier=near`` is one series of a family."""
    families: dict[str, CounterMetricFamily] = {}
    for text, number in sorted(read_totals().items()):
        name, *pairs = text.split("|")
        if name in _SHOWN_OTHERWISE or not name.isidentifier():
            continue
        labels = dict(pair.partition("=")[::2] for pair in pairs)
        family = families.get(name)
        if family is None:
            described = f"{name.replace('_', ' ')}, all processes of this machine"
            family = CounterMetricFamily(PREFIX + name, described, labels=list(labels))
            families[name] = family
        family.add_metric(list(labels.values()), number)
    return families.values()


@register
def collect_tiers() -> Iterable[Metric]:
    """Yield entries and memory of each cache tier, where the tier can tell."""
    entries = GaugeMetricFamily(f"{PREFIX}cache_entries", "Entries held.", labels=["tier"])
    memory = GaugeMetricFamily(
        f"{PREFIX}cache_memory_bytes", "Memory held (estimated in process).", labels=["tier"]
    )
    for tier in stack.report_tiers():
        for family, number in ((entries, tier.n_entries), (memory, tier.memory_bytes)):
            if number is not None:
                family.add_metric([tier.name], number)
    return entries, memory


@register
def collect_breakers() -> Iterable[Metric]:
    """Yield the state of each breaker of this process, and the calls it has seen."""
    state = GaugeMetricFamily(
        f"{PREFIX}breaker_state", "1 for the present state.", labels=["breaker", "state"]
    )
    failures = CounterMetricFamily(f"{PREFIX}breaker_failures", "Failed calls.", labels=["breaker"])
    for breaker in list_breakers():
        report = breaker.report()
        failures.add_metric([report.name], report.n_failures)
        for name in STATES:
            state.add_metric([report.name, name], name == report.state)
    return state, failures


@register
def collect_quota() -> Iterable[Metric]:
    """Yield today's YouTube quota by bucket; nothing without a key, or when no database can say."""
    if not settings.YOUTUBE_API_KEY:
        return
    try:
        states = quota.get_state()
    except DatabaseError:
        return
    described = {
        "used": "Counted since midnight Pacific time.",
        "limit": "Given a day.",
        "left": "Left today; 0 as soon as YouTube says so.",
    }
    for name, text in described.items():
        gauge = GaugeMetricFamily(f"{PREFIX}youtube_quota_{name}", text, labels=["bucket"])
        for state in states:
            gauge.add_metric([state.bucket], getattr(state, name))
        yield gauge


@register
def collect_build() -> Iterable[Metric]:
    """Yield how far this machine's build of the index is, while one runs."""
    text = "How much of the present step of the build is done."
    share = GaugeMetricFamily(f"{PREFIX}index_build_share", text, labels=["step"])
    if progress := read_progress():
        share.add_metric([progress.what], progress.share)
    yield share


register(collect_replication)
register(collect_replicas)
register(collect_latencies)
