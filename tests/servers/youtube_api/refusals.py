"""Error answers in the shapes that Google documents, or was recorded giving."""

from typing import Any

SEARCH_QUOTA_MESSAGE = (
    "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' of "
    "service 'youtube.googleapis.com' for consumer 'project_number:123456789012'."
)
QUOTA_MESSAGE = (
    "The request cannot be completed because you have exceeded your "
    '<a href="/youtube/v3/getting-started#quota">quota</a>.'
)


class Refused(Exception):
    """An answer other than 200; ``body`` is JSON."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def refuse(
    code: int, reason: str, message: str, *, domain: str = "youtube.parameter", **more: Any
) -> Refused:
    """The usual shape; ``more`` are further members of the ``error`` object."""
    detail = {"message": message, "domain": domain, "reason": reason}
    return Refused(code, {"error": {"code": code, "message": message, "errors": [detail], **more}})


def bad_request(reason: str, message: str) -> Refused:
    return refuse(400, reason, message, status="INVALID_ARGUMENT")


def parameter_invalid() -> Refused:
    return bad_request("invalidParameter", "Request contains an invalid argument.")


def quota_exceeded() -> Refused:
    return refuse(403, "quotaExceeded", QUOTA_MESSAGE, domain="youtube.quota")


def search_quota_exceeded() -> Refused:
    """How searches over the daily limit are refused since 2026: 429, and not "quotaExceeded"."""
    return refuse(
        429,
        "rateLimitExceeded",
        SEARCH_QUOTA_MESSAGE,
        domain="global",
        status="RESOURCE_EXHAUSTED",
        details=[_info("RATE_LIMIT_EXCEEDED")],
    )


def rate_limit_exceeded() -> Refused:
    message = "Too many requests per minute. Please try again later."
    return refuse(403, "rateLimitExceeded", message, domain="usageLimits")


def too_many_requests() -> Refused:
    message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'."
    return refuse(429, "rateLimitExceeded", message, domain="global", status="RESOURCE_EXHAUSTED")


def key_invalid() -> Refused:
    return refuse(
        400,
        "badRequest",
        "API key not valid. Please pass a valid API key.",
        domain="global",
        status="INVALID_ARGUMENT",
        details=[_info("API_KEY_INVALID")],
    )


def key_invalid_old() -> Refused:
    """The shape of older recordings: the reason is in ``errors``."""
    return refuse(400, "keyInvalid", "Bad Request", domain="usageLimits")


def key_missing() -> Refused:
    message = (
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API."
    )
    return refuse(403, "forbidden", message, domain="global", status="PERMISSION_DENIED")


def access_not_configured() -> Refused:
    message = "YouTube Data API v3 has not been used in project 123456789012 or it is disabled."
    return refuse(
        403,
        "accessNotConfigured",
        message,
        domain="usageLimits",
        status="PERMISSION_DENIED",
        details=[_info("SERVICE_DISABLED")],
    )


def playlist_not_found() -> Refused:
    message = (
        "The playlist identified with the request's <code>playlistId</code> parameter "
        "cannot be found."
    )
    return refuse(404, "playlistNotFound", message, domain="youtube.playlistItem")


def playlist_private() -> Refused:
    message = "The request is not properly authorized to retrieve the specified playlist."
    return refuse(403, "playlistItemsNotAccessible", message, domain="youtube.playlistItem")


def chart_not_found() -> Refused:
    message = "The requested video chart is not supported or is not available."
    return refuse(404, "videoChartNotFound", message, domain="youtube.video")


def backend_error() -> Refused:
    return refuse(500, "backendError", "Backend Error", domain="global")


def service_unavailable() -> Refused:
    return refuse(503, "backendError", "The service is currently unavailable.", domain="global")


def _info(reason: str) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "youtube.googleapis.com"},
    }
