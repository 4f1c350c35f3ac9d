"""``GET /health/ready``: the state of each part; strangers learn only "up" or "down".

It answers 200 while anything can be served (some database answers, whatever else is broken) and 503
otherwise, so that a load balancer does not remove a site that still works.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from music.caching import stack
from music.domain import index
from music.youtube import quota
from tunetrace_site.replication.databases import (
    display_name,
    has_two_databases,
    in_order_of_preference,
)
from tunetrace_site.replication.health import describe_replication
from tunetrace_site.replication.marks import is_behind, is_down
from tunetrace_site.replication.replica_health import describe_replicas
from tunetrace_site.replication.unit import manages_own_units

from .machine.breaker import list_breakers
from .operators import is_operator

Part = Callable[[], dict[str, Any]]


@csrf_exempt  # so that a POST is answered with 405, not with a CSRF failure
@login_not_required
@require_safe
@never_cache
@manages_own_units
def ready(request: HttpRequest) -> HttpResponse:
    """Return the state of each part for operators; for others, whether anything can be served.

    The parts are databases and what they miss, caches, index, remaining quota, and breakers.
    """
    databases = describe_databases()
    can_serve = "up" in databases.values()
    code = 200 if can_serve else 503
    if not is_operator(request):
        return JsonResponse({"status": "up" if can_serve else "down"}, status=code)
    parts = {name: describe() for name, describe in PARTS.items()}
    is_whole = set(databases.values()) == {"up"} and "down" not in parts["caches"].values()
    is_whole = is_whole and not parts["replication"].get("refuses_writes")
    is_whole = is_whole and all(replica["used"] for replica in parts["replicas"].values())
    status = ("ready" if is_whole else "degraded") if can_serve else "unavailable"
    return JsonResponse({"status": status, "databases": databases, **parts}, status=code)


def describe_databases() -> dict[str, str]:
    """Return ``up``, ``behind`` or ``down`` for each database, without using one marked as down."""
    return {display_name(alias): _describe_database(alias) for alias in in_order_of_preference()}


def describe_caches() -> dict[str, str]:
    """Return the state of each cache tier, as the operators' page shows it."""
    return {tier.name: tier.describe_state() for tier in stack.tiers}


def describe_index() -> dict[str, Any]:
    """Return which recommender index this process serves from."""
    try:
        return {"version": index.get_version(), "built_at": _to_text(index.get_built_at())}
    except DatabaseError:
        return {"version": None, "built_at": None}


def _to_text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def describe_quota() -> dict[str, int]:
    """Return what is left of each YouTube bucket today; empty when no database can say."""
    try:
        return {state.bucket: state.left for state in quota.get_state()}
    except DatabaseError:
        return {}


def describe_breakers() -> dict[str, str]:
    """Return the state of every breaker of the process that answers."""
    return {breaker.name: breaker.state for breaker in list_breakers()}


PARTS: dict[str, Part] = {
    "replication": describe_replication,
    "replicas": describe_replicas,
    "caches": describe_caches,
    "index": describe_index,
    "quota_left": describe_quota,
    "breakers": describe_breakers,
}


def _describe_database(alias: str) -> str:
    if has_two_databases() and is_down(alias):
        return "down"
    if has_two_databases() and is_behind(alias):
        return "behind"
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connections[alias].close()
        return "down"
    return "up"
