"""Admin pages asked for by values that cannot be, such as the year 99999: a 400, not a crash.

Django checks the names in a list's address, but a database refuses some values only when it is
asked: a number beyond 64 bits, a year beyond its calendar, a key that is no number.
"""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse

REFUSALS = (ValueError, OverflowError, DataError)


class OddValuesAdmin(ModelAdmin):
    """What every table of the admin is made from."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No ranges: one text cannot name both of their ends."""
        return not lookup.endswith("__range") and super().lookup_allowed(lookup, value, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except REFUSALS as error:
            raise BadRequest(f"A value in the address or the form cannot be: {error}") from error
