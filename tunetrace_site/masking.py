"""What the page of an error shows with DEBUG, and what a report of it holds: no passwords of URLs.

Django hides settings by their names (SECRET, TOKEN, PASS, ...); a database's URL has none of these
in its name and a password inside.
"""

import re
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

_PASSWORD = re.compile(r"(?<=://)([^\s/:@?#]*):[^\s/?#]*@")


def mask_urls(text: str) -> str:
    """``postgres://user:secret@host/name`` becomes ``postgres://user:********@host/name``."""
    if "://" not in text:
        return text
    return _PASSWORD.sub(r"\1:********@", text)


class MaskingFilter(SafeExceptionReporterFilter):
    """Django's filter, and passwords in URLs are masked, in settings and in local variables."""

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """One setting, or one value of the request, as it may be shown."""
        cleansed = super().cleanse_setting(key, value)
        return mask_urls(cleansed) if isinstance(cleansed, str) else cleansed

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:
        """The local variables of one frame; with DEBUG Django would show them as they are."""
        shown = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleanse_setting(name, value)) for name, value in shown]
