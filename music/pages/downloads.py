"""Responses that a browser saves as a file."""

from urllib.parse import quote

from django.http import HttpResponse


def answer_file(body: bytes, content_type: str, name: str) -> HttpResponse:
    """Return a file called ``name`` (any letters), never shown as a page of this site."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-") else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body, content_type=f"{content_type}; charset=utf-8", headers=headers)
