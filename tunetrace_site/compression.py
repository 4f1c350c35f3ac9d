"""Compression of responses, where their length reveals no secret."""

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
_OF_SECRETS = (
    *("/account/", "/accounts/", "/share/", "/shared/"),
    *("/api/v1/me/tokens", "/api/v1/shares", "/api/v1/shared/"),
)
"""Passwords, factors, recovery codes, new tokens, links that open what they lead to."""
OK = 200


class CompressionMiddleware(GZipMiddleware):
    """Django's GZip middleware, whose lengths vary at random, except for responses with secrets.

    An attacker who can make a browser request a page that contains words of the attacker's, and who
    sees the compressed length, can guess what else the page contains (BREACH). So nothing under
    ``_OF_SECRETS`` is compressed, nor any page that answers a form: new keys are shown there.
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
