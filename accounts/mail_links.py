"""Makes links in mails lead to the site, not to a port taken from a forged Host header."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port


def get_mail_host(request: HttpRequest) -> str:
    """Return the host for links in mails: that of the request, which ``ALLOWED_HOSTS`` allows.

    Its port is kept only if the site listens there, or ``CSRF_TRUSTED_ORIGINS`` names it.
    """
    claimed = request.get_host()
    host, port = split_domain_port(claimed)
    origins = {f"{scheme}://{claimed}" for scheme in ("http", "https")}
    if not port or port == str(settings.PORT) or origins & set(settings.CSRF_TRUSTED_ORIGINS):
        return claimed
    return host


def correct_links(context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """Return a mail's template context with the host of its links replaced by ``get_mail_host``."""
    claimed, host = f"//{request.get_host()}/", f"//{get_mail_host(request)}/"
    return {
        name: value.replace(claimed, host) if isinstance(value, str) else value
        for name, value in context.items()
    }
