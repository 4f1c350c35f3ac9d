"""How long the body of a request may be: short, except for files of songs at import addresses."""

import re
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from waitress.parser import HTTPRequestParser

UPLOAD_SECONDS = 120.0
"""The time from the first byte of a file to its last: a slow line needs it for 20 MB."""
_ADDRESSES = re.compile(r"/(?:import|api/v1/imports)/?")


def is_upload(path: str, content_type: str) -> bool:
    """Return whether a request may carry a file: a multipart form, sent to an import address."""
    is_form = content_type.strip().casefold().startswith("multipart/form-data")
    return is_form and _ADDRESSES.fullmatch(path) is not None


def find_limit(path: str, content_type: str) -> int:
    """Return the largest number of bytes that the body of such a request may have."""
    if is_upload(path, content_type):
        return settings.UPLOAD_MAX_BYTES
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class FileHandler(MemoryFileUploadHandler):
    """Keeps an uploaded file in memory, at import addresses and up to the length allowed there.

    Nothing is written to the disk; a file sent to another address is not kept at all.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        request = cast(HttpRequest, self.request)
        limit = find_limit(request.path_info, request.META.get("CONTENT_TYPE", ""))
        self.activated = content_length <= limit


@dataclass(frozen=True, slots=True)
class _Limits:
    """The settings that waitress' parser reads once it has read a header."""

    max_request_body_size: int


class RequestParser(HTTPRequestParser):
    """A waitress request being received; ``is_upload`` tells that it may be long."""

    is_upload = False

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header; from then on the body has the limit of its address."""
        super().parse_header(header_plus)
        if is_upload(self.path, self.headers.get("CONTENT_TYPE", "")):
            self.is_upload = True
            # A little more than the site allows, so that the site refuses it with its own message.
            self.adj = _Limits(settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
