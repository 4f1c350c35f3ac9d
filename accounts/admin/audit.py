"""Admin: the audit, which records who did what to whom."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.impossible_values import OddValuesAdmin
from accounts.models import AuditEntry, User
from accounts.paginator import BoundedPaginator

MAX_FOUND = 100


@admin.register(AuditEntry)
class AuditEntryAdmin(OddValuesAdmin):
    """A read-only, searchable list of audit entries."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_display = ("at", "kind", "actor", "subject", "what")
    list_filter = ("kind", "at")
    search_fields = ("what",)
    search_help_text = "A listener's user_id or email, or a part of the action."
    ordering = ("-at", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Return entries by or about a listener, or whose action contains the words."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if not term:
            return found, may_repeat
        named = User.objects.filter(Q(email__icontains=term) | Q(user_id=term))
        keys = list(named.values_list("pk", flat=True)[:MAX_FOUND])
        return found | queryset.filter(Q(actor_pk__in=keys) | Q(subject_pk__in=keys)), may_repeat

    @admin.display(description="who")
    def actor(self, entry: AuditEntry) -> str:
        return _name(entry.actor_pk)

    @admin.display(description="to whom")
    def subject(self, entry: AuditEntry) -> str:
        return _name(entry.subject_pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False


def _name(pk: int | None) -> str:
    return "" if pk is None else f"listener {pk}"
