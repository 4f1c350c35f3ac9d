"""Routes of the account pages; signing in and up are django-allauth's, under ``accounts/``."""

from django.urls import include, path

from . import views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", views.revoke, name="revoke_token"),
    path("accounts/", include("allauth.urls")),
]
