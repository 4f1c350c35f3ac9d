"""Admin pages that answer impossible values in an address, such as the year 99999, with 400.

Django checks the names of filters in a list's address, but a database refuses some values only when
queried: a number beyond 64 bits, a year beyond its calendar, a key that is not a number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError, models
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

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

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what an address fills a new row's form with, without what its fields refuse.

        Django writes such values into the form as they are, where dates and choices break on them.
        """
        filled = super().get_changeform_initial_data(request)
        fields = self.get_form(request).base_fields
        return {
            name: value
            for name, value in filled.items()
            if name in fields and _accepts(fields[name], value)
        }

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with _refusing():
            return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Render the form at once: one that is shown again looks for the choices that were sent."""
        with _refusing():
            response = super().changeform_view(request, object_id, form_url, extra_context)
            return response.render() if isinstance(response, TemplateResponse) else response


@contextmanager
def _refusing() -> Iterator[None]:
    """Answer values that a database or a field refuses with 400."""
    try:
        yield
    except REFUSALS as error:
        raise BadRequest(f"A value in the address or the form is not possible: {error}") from error


def _accepts(field: Field, value: Any) -> bool:
    try:
        field.clean(value)
    except (ValidationError, TypeError, *REFUSALS):
        return False
    return True
