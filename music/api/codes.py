"""The codes by which programs distinguish errors."""

from music.statuses import STATUS_BY_CODE

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
"""Every code of an error response: the domain's, and those of requests that do not reach it."""
