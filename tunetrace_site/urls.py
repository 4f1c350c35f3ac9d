"""Routes of the whole site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("music.api.urls")),
    path("", include("music.api.legacy")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("music.pages.urls")),
]
