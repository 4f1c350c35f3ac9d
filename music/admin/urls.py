"""Routes of the operators' pages that are not tables, under ``/admin/operations/``."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern

from . import caches, listeners, youtube

app_name = "operations"


def _page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    _page("caches/", caches.show_caches, "caches"),
    _page("caches/key/", caches.show_key, "caches_key"),
    _page("caches/key/delete/", caches.delete_key, "caches_delete_key"),
    _page("caches/listener/delete/", caches.delete_cached_lists, "caches_delete_listener"),
    _page("youtube/ask/", youtube.ask_youtube, "ask_youtube"),
    _page("youtube/reopen/", youtube.reopen, "reopen_buckets"),
    _page(
        "listeners/<int:listener_pk>/suggestions/",
        listeners.show_suggestions,
        "listener_suggestions",
    ),
    _page("caches/all/delete/", caches.delete_all, "caches_delete_all"),
]
