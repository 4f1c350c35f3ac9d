"""Admin: a listener's suggestions, as they see them."""

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from accounts.audit_entries import AuditEntry
from accounts.auditing import note
from accounts.models import User
from accounts.operator_rights import get_operator, is_within_reach
from music.domain.suggestions import suggest_for_others
from music.errors import TuneTraceError

VIEW = ("accounts.view_user", "music.view_impression")
N_SHOWN = 20


@permission_required(VIEW, raise_exception=True)
@require_GET
def show_suggestions(request: HttpRequest, listener_pk: int) -> HttpResponse:
    """Show a listener's present suggestions, without recording impressions.

    The view is recorded in the audit, where the listener finds it in their own export.
    """
    listener = get_object_or_404(User, pk=listener_pk)
    if not is_within_reach(get_operator(request), listener):
        raise PermissionDenied
    note(
        request,
        AuditEntry.Kind.ADMIN,
        actor_pk=request.user.pk,
        subject_pk=listener.pk,
        what=f"looked at the suggestions {request.path}"[:200],
    )
    try:
        found, trouble = suggest_for_others(listener=listener, limit=N_SHOWN), ""
    except TuneTraceError as error:
        found, trouble = None, f"{error.message} {error.hint}".strip()
    context = {
        **admin.site.each_context(request),
        "title": f"Suggestions for {listener}",
        "listener": listener,
        "found": found,
        "trouble": trouble,
    }
    return TemplateResponse(request, "admin/operations/listener_suggestions.html", context)
