"""The words by which programs tell errors apart, and the status that each has."""

from rest_framework import status

STATUS_BY_CODE = {
    "invalid_input": status.HTTP_400_BAD_REQUEST,
    "source_rejected": status.HTTP_400_BAD_REQUEST,
    "not_found": status.HTTP_404_NOT_FOUND,
    "source_not_found": status.HTTP_404_NOT_FOUND,
    "nothing_to_suggest": status.HTTP_503_SERVICE_UNAVAILABLE,
    "source_error": status.HTTP_503_SERVICE_UNAVAILABLE,
    "source_unavailable": status.HTTP_503_SERVICE_UNAVAILABLE,
    "quota_exhausted": status.HTTP_503_SERVICE_UNAVAILABLE,
    "key_rejected": status.HTTP_503_SERVICE_UNAVAILABLE,
    "key_used": status.HTTP_409_CONFLICT,
}
"""Errors of the domain (``music/errors.py``)."""
CODES = (
    *STATUS_BY_CODE,
    "authentication_failed",
    "bad_request",
    "error",
    "method_not_allowed",
    "not_acceptable",
    "not_authenticated",
    "parse_error",
    "password_needed",
    "permission_denied",
    "throttled",
    "too_large",
    "unsupported_media_type",
)
"""Every code that an answer can have: those above, and those of requests that reach no domain."""
