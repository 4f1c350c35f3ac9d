"""Routes of the account pages; those under ``accounts/`` for sign-in and sign-up are allauth's."""

from allauth.account import views as allauth
from django.urls import include, path
from django.views.generic import RedirectView

from tunetrace_site.replication.unit import manages_own_units

from . import views

# Hashing a password takes a third of a second: too long to hold SQLite's turn to write.
# ``adapters.py`` opens the unit of work afterwards.
HASHING_VIEWS = (
    allauth.LoginView,
    allauth.PasswordChangeView,
    allauth.PasswordResetFromKeyView,
    allauth.ReauthenticateView,
    allauth.SignupView,
)
for hashing_view in HASHING_VIEWS:
    manages_own_units(hashing_view)

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", views.revoke, name="revoke_token"),
    path("account/sessions/", views.sessions, name="sessions"),
    path("account/sessions/end/", views.end_sessions, name="end_sessions"),
    # allauth's own page writes to the database when it lists sessions.
    path("accounts/sessions/", RedirectView.as_view(pattern_name="sessions")),
    path("accounts/signup/", views.SignUpView.as_view(), name="account_signup"),
    path("accounts/oidc/<str:provider_id>/login/", views.go_to_provider),
    path("accounts/", include("allauth.urls")),
]
