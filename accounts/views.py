"""Pages of a listener's account, except export and deletion, which are in ``music.pages``."""

import logging
import secrets

import requests
from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tunetrace_site.replication.unit import manages_own_units

from .account_forms import SignUpForm
from .email_ownership import AddressTaken
from .forms import DisplayNameForm, EndSessionsForm, TokenForm
from .guests import AccountRequest, find_listener
from .models import User
from .profiles import rename_listener
from .repeated_forms import was_sent
from .sessions import end_all_sessions, end_session, list_sessions
from .tokens import MAX_TOKENS, TooManyTokens, issue_token, list_tokens, revoke_token

logger = logging.getLogger(__name__)


class SignUpView(SignupView):
    """allauth's page; if several sign up with one address at once, all but one get an error."""

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except AddressTaken:
            form.add_error("email", get_adapter().error_messages["email_taken"])
            return self.form_invalid(form)


@manages_own_units  # it requests the provider's configuration
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def go_to_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """allauth's page, which redirects the browser to an OpenID Connect provider."""
    try:
        return openid_connect.login(request, provider_id)
    except requests.RequestException as error:
        logger.warning("OpenID Connect provider %s: %s", provider_id, error)
        return render(request, "socialaccount/authentication_error.html", status=503)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the listener's name and links to their data; to a guest, how to get an account."""
    listener = find_listener(request)
    name = listener.display_name if listener else ""
    is_change = request.method == "POST" and request.user.is_authenticated
    form = DisplayNameForm(request.POST if is_change else None, initial={"display_name": name})
    if request.user.is_authenticated and form.is_valid():
        rename_listener(request.user, form.cleaned_data["display_name"])
        messages.success(request, "Your name has been changed.")
        return redirect("account")
    context = {"form": form, "listener": listener}
    status = 400 if form.is_bound else 200
    return render(request, "accounts/account.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: AccountRequest) -> HttpResponse:
    """List access tokens and make one, whose secret is shown only in the response to the form."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and was_sent(request):
        messages.info(request, "That token was made already. Its secret is shown only once.")
        return redirect("tokens")
    if form.is_valid() and (secret := _issue(request.user, form)):
        return _show_tokens(request, TokenForm(), 201, secret)
    return _show_tokens(request, form, 400 if form.is_bound else 200)


def _issue(listener: User, form: TokenForm) -> str:
    """Return a new secret, or an empty text and the reason in ``form``."""
    try:
        return issue_token(listener, **form.cleaned_data)[1]
    except TooManyTokens:
        form.add_error(None, f"You have {MAX_TOKENS} tokens: revoke one that is not used.")
        return ""


def _show_tokens(
    request: AccountRequest, form: TokenForm, status: int, secret: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "tokens": list_tokens(request.user),
        "secret": secret,
        "once": secrets.token_hex(8),
    }
    return render(request, "accounts/tokens.html", context, status=status)


@login_required
@require_POST
def revoke(request: AccountRequest, token_id: int) -> HttpResponse:
    """Revoke one of the listener's tokens."""
    if not revoke_token(request.user, token_id):
        raise Http404("There is no such token.")
    messages.success(request, "The token is revoked: programs that use it are refused from now on.")
    return redirect("tokens")


@never_cache
@login_required
@require_safe
def sessions(request: AccountRequest) -> HttpResponse:
    """List where the listener is signed in."""
    context = {"sessions": list_sessions(request.user), "current": request.session.session_key}
    return render(request, "accounts/sessions.html", context)


@login_required
@require_POST
def end_sessions(request: AccountRequest) -> HttpResponse:
    """Sign out one other browser, all others, or all."""
    form = EndSessionsForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such session.")
    which, row_pk = form.cleaned_data["which"], form.cleaned_data["session"]
    if which == EndSessionsForm.ONE:
        if row_pk is None or not end_session(request.user, row_pk):
            raise Http404("There is no such session.")
        messages.success(request, "That browser is signed out.")
        return redirect("sessions")
    end_all_sessions(request.user)
    if which == EndSessionsForm.ALL:
        logout(request)
        messages.success(request, "You are signed out everywhere.")
        return redirect("home")
    update_session_auth_hash(request, request.user)
    UserSession.objects.create_from_request(request)
    messages.success(request, "Every other browser is signed out.")
    return redirect("sessions")
