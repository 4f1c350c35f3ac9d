"""Admin pages: the state of both databases, and the rows that one of them refuses."""

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from .databases import display_name, has_sqlite, has_two_databases, other
from .failures import DATABASE_ERRORS
from .health import ReplicationState, read_replication_state
from .models import Parked
from .relay import Relay
from .replica_health import list_watches
from .unit import manages_own_units

VIEW = "replication.view_parked"
CHANGE = "replication.change_parked"
_SHOWN = 100


@permission_required(VIEW, raise_exception=True)
@require_GET
def show_databases(request: HttpRequest) -> HttpResponse:
    """Show who leads, who lags by how much, and what is parked; works with one database down."""
    state = read_replication_state()
    context = {
        **admin.site.each_context(request),
        "title": "Databases",
        "state": state,
        "has_sqlite": has_sqlite(),
        "replicas": [watch.describe() for watch in list_watches()],
        "parked": _list_parked(state),
        "may_retry": request.user.has_perm(CHANGE),
    }
    return TemplateResponse(request, "admin/operations/databases.html", context)


@manages_own_units
@permission_required(CHANGE, raise_exception=True)
@require_POST
def retry_parked_rows(request: HttpRequest) -> HttpResponse:
    """Run the relay once, now; it tries the parked rows among the rest."""
    if has_two_databases():
        report = Relay().run_pass()
        messages.success(request, f"{report.n_changed} rows shipped, parked rows tried again.")
    return redirect("databases")


def _list_parked(state: ReplicationState) -> list[tuple[str, Parked]]:
    found = []
    for database in state.databases:
        if database.reachable and database.n_parked:
            rows = Parked.objects.using(database.alias).order_by("-parked_at")[:_SHOWN]
            try:
                found += [(display_name(other(database.alias)), row) for row in rows]
            except DATABASE_ERRORS:
                continue
    return found
