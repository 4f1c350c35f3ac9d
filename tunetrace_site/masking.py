"""Hides passwords inside URLs in error pages (with DEBUG) and error reports.

Django hides settings by their names (SECRET, TOKEN, PASS, ...); the URL of a database has none of
these in its name, but a password in its value.
"""

import re
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

_PASSWORD = re.compile(r"(?<=://)([^\s/:@?#]*):[^\s/?#]*@")


def mask_urls(text: str) -> str:
    """Turn ``postgres://user:secret@host/name`` into ``postgres://user:********@host/name``."""
    if "://" not in text:
        return text
    return _PASSWORD.sub(r"\1:********@", text)


class MaskingFilter(SafeExceptionReporterFilter):
    """Django's filter, which also masks passwords in URLs, in settings and in local variables."""

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Return a setting, or a value of the request, as it may be shown."""
        cleansed = super().cleanse_setting(key, value)
        return mask_urls(cleansed) if isinstance(cleansed, str) else cleansed

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:
        """Return the masked local variables of a frame, which Django would show with DEBUG."""
        shown = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleanse_setting(name, value)) for name, value in shown]
