"""Redirects after a form was accepted."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def go_back(request: HttpRequest, default: str) -> HttpResponseRedirect:
    """Redirect to the page named by the form's ``next`` if it is ours, else to ``default``."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if is_ours and target.startswith("/") else default)
