"""Admin pages that answer impossible values in an address, such as the year 99999, with 400.

Django checks the names of filters in a list's address, but a database refuses some values only when
queried: a number beyond 64 bits, a year beyond its calendar, a key that is not a number.
"""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest
from django.db import DataError, models
from django.http import HttpRequest, HttpResponse

REFUSALS = (ValueError, OverflowError, DataError)


class OddValuesAdmin(ModelAdmin):
    """The base class of all admin pages."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Forbid range lookups, whose two ends cannot be given as one text."""
        return not lookup.endswith("__range") and super().lookup_allowed(lookup, value, request)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> models.Model | None:
        """Return the row; Django would look for a field without a name where it is given empty."""
        return super().get_object(request, object_id, from_field or None)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except REFUSALS as error:
            raise BadRequest(
                f"A value in the address or the form is not possible: {error}"
            ) from error
