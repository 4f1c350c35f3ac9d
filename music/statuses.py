"""The HTTP status for each error of the domain, the same for pages and the API."""

from http import HTTPStatus

from music.errors import TuneTraceError

STATUS_BY_CODE = {
    "invalid_input": HTTPStatus.BAD_REQUEST,
    "source_rejected": HTTPStatus.BAD_REQUEST,
    "not_found": HTTPStatus.NOT_FOUND,
    "source_not_found": HTTPStatus.NOT_FOUND,
    "nothing_to_suggest": HTTPStatus.SERVICE_UNAVAILABLE,
    "source_error": HTTPStatus.SERVICE_UNAVAILABLE,
    "source_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "quota_exhausted": HTTPStatus.SERVICE_UNAVAILABLE,
    "key_rejected": HTTPStatus.SERVICE_UNAVAILABLE,
    "key_used": HTTPStatus.CONFLICT,
    "not_now": HTTPStatus.CONFLICT,
}


def find_status(error: TuneTraceError) -> int:
    """Return the status for an error's code; 500 for a code that has none."""
    return STATUS_BY_CODE.get(error.code, HTTPStatus.INTERNAL_SERVER_ERROR).value
