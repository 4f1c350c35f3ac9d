"""Admin: how listeners sign in, by addresses, second factors, sessions and identity providers."""

from typing import Any

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.admin import AuthenticatorAdmin
from allauth.mfa.models import Authenticator
from allauth.socialaccount.admin import SocialAccountAdmin, SocialAppAdmin
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSessionAdmin
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.operator_rights import ReachAdmin, SuperuserAdmin
from tunetrace_site.replication.unit import unit_of_work

# Importing allauth's own admins above registers them, but they do not know which operator may
# change whose account (operator_rights.py). Tokens of identity providers are never stored, so they
# have no page.
REPLACED = (EmailAddress, SocialAccount, SocialApp, SocialToken, Authenticator, UserSession)
for replaced in REPLACED:
    admin.site.unregister(replaced)


@admin.register(EmailAddress)
class ListenerEmailAdmin(ReachAdmin, EmailAddressAdmin):
    """Addresses by which a listener signs in and resets their password."""


@admin.register(SocialAccount)
class ListenerSocialAccountAdmin(ReachAdmin, SocialAccountAdmin):
    """Accounts at identity providers by which a listener signs in."""

    # A filter by provider would read all rows to find which there are.
    list_filter = ()

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Search by the listener's names, and by the provider."""
        return [*super().get_search_fields(request), "=provider"]


@admin.register(Authenticator)
class FactorAdmin(ReachAdmin, AuthenticatorAdmin):
    """Second factors, which can be removed; their secrets are neither shown nor searchable."""

    fields = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__user_id", "user__email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return not lookup.startswith("data") and super().lookup_allowed(lookup, value, request)


@admin.register(UserSession)
class ListenerSessionAdmin(ReachAdmin, UserSessionAdmin):
    """Sessions of listeners; deleting a row signs that browser out."""

    fields = ("user", "ip", "user_agent", "created_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("user__user_id", "user__email", "=ip")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Forbid a lookup by session key, which is as powerful as the session itself."""
        is_key = lookup.startswith("session_key")
        return not is_key and super().lookup_allowed(lookup, value, request)

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        with unit_of_work():
            obj.end()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        with unit_of_work():
            for session in queryset:
                session.end()


@admin.register(SocialApp)
class ProviderAdmin(SuperuserAdmin, SocialAppAdmin):
    """Identity providers kept in the database, whose secrets only superusers may see."""

    def has_view_permission(self, request: HttpRequest, obj: SocialApp | None = None) -> bool:
        return super().has_view_permission(request, obj) and request.user.is_superuser
