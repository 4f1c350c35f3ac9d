"""Answers in fewer bytes, where that tells nobody anything."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/javascript",
    "application/vnd.oai.openapi",
    "image/svg+xml",
)
_OF_SECRETS = ("/account/", "/accounts/", "/api/v1/me/tokens", "/share/", "/shared/")
"""Passwords, factors, recovery codes, new tokens, links that open what they lead to."""
OK = 200


class CompressionMiddleware(GZipMiddleware):
    """Django's, which makes the length of an answer vary at random, but for what shows a secret.

    Who can have a browser ask for an answer with words of their own in it, and sees how long it is
    compressed, can guess what else stands in it (BREACH). So nothing under ``_OF_SECRETS`` is
    compressed, and no page that answers a form: new keys are shown there.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.status_code != OK or not _may_be_compressed(request, response):
            return response
        return super().process_response(request, response)


def _may_be_compressed(request: HttpRequest, response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "")
    if not kind.startswith(_COMPRESSIBLE) or request.path_info.startswith(_OF_SECRETS):
        return False
    return request.method in {"GET", "HEAD"} or not kind.startswith("text/html")
