"""Routes of the whole site, except ``/health``, which ``middleware.py`` answers."""

from django.contrib import admin
from django.urls import include, path, re_path

from . import health, metrics

handler400 = "music.api.errors.answer_bad_request"
handler404 = "music.api.errors.answer_not_found"
handler500 = "music.api.errors.answer_server_error"

admin.autodiscover()  # see AdminConfig
urlpatterns = [
    re_path(r"^health/ready/?$", health.ready, name="ready"),
    re_path(r"^metrics/?$", metrics.metrics, name="metrics"),
    path("api/v1/", include("music.api.urls")),
    path("", include("music.api.legacy")),
    path("admin/operations/", include("music.admin.urls")),
    path("admin/operations/", include("tunetrace_site.replication.urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("music.pages.urls")),
]
