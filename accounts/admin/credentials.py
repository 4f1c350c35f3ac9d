"""Admin: listeners' access tokens, and the service keys of separate front ends."""

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.models import AccessToken, Credential, Scope, ServiceKey
from accounts.operator_rights import ReachAdmin, SuperuserAdmin
from accounts.paginator import BoundedPaginator
from tunetrace_site.replication.unit import unit_of_work


class ServiceKeyForm(forms.ModelForm):
    """Makes a key: the operator chooses its scopes, the secret is generated."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, initial=Scope.values, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ServiceKey
        fields = ("name", "scopes", "youtube_share", "expires_at")

    def clean_scopes(self) -> str:
        return " ".join(self.cleaned_data["scopes"])


class CredentialAdmin(admin.ModelAdmin):
    """Shared by tokens and service keys, which can be revoked, but not edited."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_filter = (
        ("revoked_at", admin.EmptyFieldListFilter),
        "created_at",
        "last_used_at",
        "expires_at",
    )
    ordering = ("-created_at", "-id")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Credential | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.delete_{self.opts.model_name}")

    @admin.action(description="Revoke the selected ones", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        with unit_of_work():
            n_revoked = self.model.objects.filter(pk__in=keys, revoked_at=None).update(
                revoked_at=timezone.now()
            )
        self.message_user(request, f"{n_revoked} revoked.", messages.SUCCESS)


@admin.register(AccessToken)
class AccessTokenAdmin(ReachAdmin, CredentialAdmin):
    """Lists tokens, which listeners make themselves on the account page or by the API."""

    list_display = (
        "name",
        "prefix",
        "user",
        "scopes",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email", "user__user_id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(ServiceKey)
class ServiceKeyAdmin(SuperuserAdmin, CredentialAdmin):
    """Shows a key's secret once, in the response to the form: in no cookie and no log."""

    form = ServiceKeyForm
    list_display = (
        "name",
        "prefix",
        "scopes",
        "youtube_share",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    search_fields = ("name", "prefix")

    def save_model(
        self, request: HttpRequest, obj: ServiceKey, form: forms.ModelForm, change: bool
    ) -> None:
        issued, obj.secret = ServiceKey.issue()
        obj.digest, obj.prefix = issued.digest, issued.prefix
        with unit_of_work():
            super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ServiceKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": "New service key", "key": obj}
        response = TemplateResponse(request, "admin/accounts/new_service_key.html", context)
        add_never_cache_headers(response)
        return response
