"""Pages of a listener's account. Export and deletion are in ``music.pages``, which knows it all."""

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from .account_forms import SignUpForm
from .claims import AddressTaken
from .forms import DisplayNameForm, TokenForm
from .guests import find_listener
from .models import User
from .profiles import rename_listener
from .tokens import MAX_TOKENS, TooManyTokens, issue_token, list_tokens, revoke_token


class SignUpView(SignupView):
    """allauth's page; of sign-ups with one address at once, one wins and the others hear why."""

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except AddressTaken:
            form.add_error("email", get_adapter().error_messages["email_taken"])
            return self.form_invalid(form)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """The listener's name and the ways to their data; for a guest, the way to an account."""
    listener = find_listener(request)
    name = listener.display_name if listener else ""
    is_change = request.method == "POST" and request.user.is_authenticated
    form = DisplayNameForm(request.POST if is_change else None, initial={"display_name": name})
    if form.is_valid():
        rename_listener(request.user, form.cleaned_data["display_name"])
        messages.success(request, "Your name is changed.")
        return redirect("account")
    context = {"form": form, "listener": listener}
    status = 400 if form.is_bound else 200
    return render(request, "accounts/account.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Access tokens. A new one's secret is in the answer to its form, and never again."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (secret := _issue(request.user, form)):
        return _show_tokens(request, TokenForm(), 201, secret)
    return _show_tokens(request, form, 400 if form.is_bound else 200)


def _issue(listener: User, form: TokenForm) -> str:
    """A new secret, or an empty text and the reason in ``form``."""
    try:
        return issue_token(listener, **form.cleaned_data)[1]
    except TooManyTokens:
        form.add_error(None, f"You have {MAX_TOKENS} tokens: revoke one that is not used.")
        return ""


def _show_tokens(
    request: HttpRequest, form: TokenForm, status: int, secret: str = ""
) -> HttpResponse:
    context = {"form": form, "tokens": list_tokens(request.user), "secret": secret}
    return render(request, "accounts/tokens.html", context, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Stop accepting one of the listener's tokens."""
    if not revoke_token(request.user, token_id):
        raise Http404("There is no such token.")
    messages.success(request, "The token is revoked: programs that use it are refused from now on.")
    return redirect("tokens")
