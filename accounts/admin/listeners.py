"""Admin: listeners, and the permissions of operators."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.operator_rights import ReachAdmin, SuperuserAdmin, get_operator
from tunetrace_site.replication.unit import unit_of_work

PRIVILEGES = ("is_staff", "is_superuser", "groups", "user_permissions")


class LowerCaseEmailForm(forms.ModelForm):
    """Stores emails in lower case, as sign-in looks them up."""

    def clean_email(self) -> str | None:
        email = (self.cleaned_data["email"] or "").lower()
        others = User.objects.exclude(pk=self.instance.pk).filter(email=email)
        if email and email != self.instance.email and others.exists():
            raise forms.ValidationError("Another account has this address.")
        return email or None


class ListenerCreationForm(LowerCaseEmailForm, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}


class ListenerChangeForm(LowerCaseEmailForm, UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "display_name", "password", "is_active", "is_guest", *PRIVILEGES)
        field_classes: dict[str, Any] = {}


class AccountFilter(admin.SimpleListFilter):
    """Filters by whether a listener has an account, is a guest, or belongs to a front end."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("account", "with an account"), ("guest", "guest"), ("named", "named by a client")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "account":
            return queryset.filter(email__isnull=False)
        if self.value() == "guest":
            return queryset.filter(is_guest=True)
        if self.value() == "named":
            return queryset.filter(email__isnull=True, is_guest=False)
        return queryset


# Operators sign in on the site's page, as all listeners do, with the same limits and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's way


@admin.register(User)
class ListenerAdmin(ReachAdmin, UserAdmin):
    owner = ""
    form = ListenerChangeForm
    add_form = ListenerCreationForm
    list_display = (
        "user_id",
        "email",
        "display_name",
        "n_likes",
        "is_guest",
        "is_staff",
        "is_active",
        "created_at",
    )
    list_filter = (AccountFilter, "is_staff", "is_superuser", "is_active", "created_at")
    search_fields = ("user_id", "email", "display_name")
    search_help_text = "Part of a user_id, an email or a name."
    ordering = ("-created_at", "-id")
    readonly_fields = ("user_id", "created_at", "last_login", "belongings")
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("user_id", "email", "display_name", "password")}),
        ("May do", {"fields": ("is_active", "is_guest", *PRIVILEGES)}),
        ("When", {"fields": ("created_at", "last_login")}),
        ("What is theirs", {"fields": ("belongings",)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "usable_password", "password1", "password2"),
            },
        ),
    )
    actions = ("block", "unblock")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Add the number of likes, counted only for the rows of the page."""
        like: Any = User._meta.get_field("liked_songs").related_model
        counts = like.objects.filter(user=OuterRef("pk")).order_by().values("user")
        n_likes = Subquery(counts.annotate(n=Count("pk")).values("n"))
        return super().get_queryset(request).annotate(n_likes=Coalesce(n_likes, 0))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Allow only superusers to change permissions."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *PRIVILEGES)

    @admin.display(description="lists")
    def belongings(self, listener: User) -> SafeString:
        """Links to the admin lists with rows of the listener."""
        pairs = sorted(
            (str(relation.related_model._meta.verbose_name_plural), relation)
            for relation in User._meta.related_objects
            if relation.related_model in self.admin_site._registry and relation.one_to_many
        )
        return format_html_join(
            " · ",
            '<a href="{}?{}__id__exact={}">{}</a>',
            (
                (_list_address(relation.related_model), relation.field.name, listener.pk, name)
                for name, relation in pairs
            ),
        )

    @admin.display(description="likes", ordering="n_likes")
    def n_likes(self, listener: User) -> int:
        return vars(listener)["n_likes"]

    @admin.action(description="Block the selected listeners", permissions=["change"])
    def block(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset.exclude(pk=get_operator(request).pk), is_active=False)

    @admin.action(description="Unblock the selected listeners", permissions=["change"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, is_active=True)

    def _set_active(
        self, request: HttpRequest, queryset: QuerySet[User], *, is_active: bool
    ) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        with unit_of_work():
            n_changed = (
                User.objects.filter(pk__in=keys)
                .exclude(is_active=is_active)
                .update(is_active=is_active)
            )
        word = "unblocked" if is_active else "blocked"
        self.message_user(request, f"{n_changed} listener(s) {word}.", messages.SUCCESS)


def _list_address(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


admin.site.unregister(Group)


@admin.register(Group)
class PowersAdmin(SuperuserAdmin, GroupAdmin):
    """Edits groups, which give permissions to operators."""
