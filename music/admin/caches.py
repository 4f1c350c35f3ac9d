"""Admin: the cache tiers; what Redis holds, and deleting it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.operator_rights import get_operator
from music.caching import browsing, keys, stack
from tunetrace_site.machine.breaker import list_breakers
from tunetrace_site.replication.unit import unit_of_work

VIEW = "music.view_querycache"
DELETE = "music.delete_querycache"
MAX_CURSOR = 2**64 - 1


class CacheSearchForm(forms.Form):
    """Part of a key, or a listener by id or email; ``cursor`` continues an earlier page."""

    q = forms.CharField(required=False, max_length=255, label="Key, or listener")
    cursor = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_CURSOR, widget=forms.HiddenInput
    )


class KeyField(forms.CharField):
    """A form field for the text of a key of ours."""

    def clean(self, value: Any) -> keys.CacheKey:
        key = keys.parse_suggestions_key(super().clean(value))
        if key is None:
            raise forms.ValidationError("This is not the key of a suggestion list.")
        return key


class CacheKeyForm(forms.Form):
    key = KeyField(max_length=255)


class ListenerForm(forms.Form):
    listener = forms.CharField(max_length=255, label="Listener (id or e-mail)")

    def clean_listener(self) -> Any:
        listener = find_named_listener(self.cleaned_data["listener"])
        if listener is None:
            raise forms.ValidationError("There is no such listener.")
        return listener


@permission_required(VIEW, raise_exception=True)
@require_GET
def show_caches(request: HttpRequest) -> HttpResponse:
    """Show every tier, every breaker, and a page of the keys in Redis."""
    form = CacheSearchForm(request.GET)
    words = form.cleaned_data if form.is_valid() else {}
    pattern = choose_pattern(words.get("q", ""))
    page = browsing.list_keys(pattern, words.get("cursor") or 0)
    context = {
        "tiers": stack.report_tiers(),
        "breakers": [breaker.report() for breaker in list_breakers()],
        "form": form,
        "page": browsing.list_near_keys(pattern) if page is None else page,
        "is_near": page is None,
        "has_redis": bool(settings.REDIS_URL),
        "listener_form": ListenerForm(),
        "may_delete": request.user.has_perm(DELETE),
    }
    return _render(request, "admin/operations/caches.html", "Caches", context)


@permission_required(VIEW, raise_exception=True)
@require_GET
def show_key(request: HttpRequest) -> HttpResponse:
    """Show one key's decoded value and its time to live."""
    form = CacheKeyForm(request.GET)
    if not form.is_valid():
        return _refuse(request, form)
    key = form.cleaned_data["key"]
    context = {
        "key": key,
        "found": browsing.find_value(key),
        "may_delete": request.user.has_perm(DELETE),
    }
    return _render(request, "admin/operations/caches_key.html", str(key), context)


@permission_required(DELETE, raise_exception=True)
@require_POST
def delete_key(request: HttpRequest) -> HttpResponse:
    """Delete one suggestion list everywhere."""
    form = CacheKeyForm(request.POST)
    if not form.is_valid():
        return _refuse(request, form)
    key = form.cleaned_data["key"]
    n_deleted = stack.invalidate_key(key)
    return _tell(request, f"cached list {key}", n_deleted)


@permission_required(DELETE, raise_exception=True)
@require_POST
def delete_cached_lists(request: HttpRequest) -> HttpResponse:
    """Delete everything cached for one listener."""
    form = ListenerForm(request.POST)
    if not form.is_valid():
        return _refuse(request, form)
    listener = form.cleaned_data["listener"]
    stack.invalidate_listener(listener.pk)
    n_deleted = browsing.delete_lists_of_listener(listener.pk)
    messages.info(request, f"That was the listener {listener}.")
    return _tell(request, f"cached lists of listener {listener.pk}", n_deleted)


@permission_required(DELETE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_all(request: HttpRequest) -> HttpResponse:
    """Delete all cached suggestion lists and likes, after a confirmation."""
    if request.method != "POST":
        title = "Forget all cached lists and likes?"
        return _render(request, "admin/operations/caches_forget.html", title, {})
    stack.invalidate_all()
    return _tell(request, "all cached lists", browsing.delete_all_lists())


def choose_pattern(words: str) -> str:
    """Return the SCAN pattern for what an operator typed: a listener's lists, or keys with it."""
    listener = find_named_listener(words)
    if listener is not None:
        return keys.listener_pattern(listener.pk)
    return browsing.search_pattern(words)


def find_named_listener(words: str) -> Any:
    """Return the listener with this public id or email, or with the only id that begins so.

    None where there is none, or where several ids begin so.
    """
    text = words.strip().replace("\x00", "")
    if not text:
        return None
    listeners = get_user_model().objects.filter(Q(user_id=text) | Q(email=text.lower()))
    exact = listeners.first()
    if exact is not None:
        return exact
    begun = list(get_user_model().objects.filter(user_id__startswith=text)[:2])
    return begun[0] if len(begun) == 1 else None


def _tell(request: HttpRequest, what: str, n_deleted: int | None) -> HttpResponse:
    if not settings.REDIS_URL:
        message = f"Forgotten: {what}."
    elif n_deleted is None:
        message = f"Forgotten: {what}. Redis did not answer; its entries go when it is back."
    else:
        message = f"Forgotten: {what} ({n_deleted} in Redis)."
    with unit_of_work():
        LogEntry.objects.create(
            user=get_operator(request),
            object_repr=what[:200],
            action_flag=DELETION,
            change_message=message,
        )
    messages.success(request, message)
    return redirect("operations:caches")


def _refuse(request: HttpRequest, form: forms.Form) -> HttpResponse:
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("operations:caches")


def _render(
    request: HttpRequest, template: str, title: str, context: dict[str, Any]
) -> HttpResponse:
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **context}
    )
