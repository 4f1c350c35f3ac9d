"""Routes of the account pages; signing in and up are django-allauth's, under ``accounts/``."""

from allauth.account.views import LoginView, ReauthenticateView
from django.contrib.admin import AdminSite
from django.urls import include, path

from tunetrace_site.replication.unit import manages_own_units

from . import views

# They check a password, which takes a third of a second: too long to hold SQLite's turn to write.
for slow_view in (LoginView, ReauthenticateView, AdminSite.login):
    manages_own_units(slow_view)

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", views.revoke, name="revoke_token"),
    path("accounts/", include("allauth.urls")),
]
