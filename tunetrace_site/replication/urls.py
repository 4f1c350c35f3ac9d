"""Addresses of the operators' page about the databases, under ``/admin/operations/``."""

from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("databases/", admin.site.admin_view(views.show_databases), name="databases"),
    path(
        "databases/retry/", admin.site.admin_view(views.retry_parked_rows), name="databases_retry"
    ),
]
