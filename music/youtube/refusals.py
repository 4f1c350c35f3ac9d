"""The meanings of the API's error answers, and what the caller may do about each.

Shapes: the page "Errors" of the YouTube Data API, and recorded answers. One meaning has had several
shapes over the years (a search quota is refused as 403 ``quotaExceeded``, or as 429
``rateLimitExceeded`` with "per day" in the message), so that neither status nor reason alone
suffices.
"""

import json
import re
from dataclasses import dataclass
from enum import Enum, auto


class RefusalMeaning(Enum):
    """The meaning of a refusal for the caller."""

    QUOTA_GONE = auto()
    KEY_WRONG = auto()
    TRY_AGAIN = auto()
    NOT_FOUND = auto()
    BAD_REQUEST = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error answer: its meaning, its status and Google's reason code ("" if it gave none)."""

    meaning: RefusalMeaning
    status: int
    reason: str


_QUOTA_REASONS = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"}
_RATE_REASONS = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_KEY_REASONS = {
    "keyInvalid",
    "keyExpired",
    "accessNotConfigured",
    "ipRefererBlocked",
    "authError",
    "unauthorized",
    "API_KEY_INVALID",
    "API_KEY_SERVICE_BLOCKED",
    "API_KEY_HTTP_REFERRER_BLOCKED",
    "API_KEY_IP_ADDRESS_BLOCKED",
    "SERVICE_DISABLED",
    "CONSUMER_INVALID",
    "CONSUMER_SUSPENDED",
}
_NOT_FOUND_REASONS = {
    "notFound",
    "videoNotFound",
    "videoChartNotFound",
    "channelNotFound",
    "playlistNotFound",
    "playlistItemsNotAccessible",
    "playlistForbidden",
    "channelForbidden",
}
_A_DAY = re.compile(r"\bper day\b|\bdaily\b", re.IGNORECASE)
_ABOUT_KEY = re.compile(r"\bAPI key\b|unregistered callers", re.IGNORECASE)
_REASON_CODE = re.compile(r"[A-Za-z_]{1,64}")


def read_refusal(status: int, body: bytes) -> Refusal:
    """Return the meaning of an answer with a ``status`` from 300 on; ``body`` may be anything."""
    reasons, message = _read_error(body)
    reason = reasons[0] if reasons else ""
    return Refusal(_find_meaning(status, set(reasons), message), status, reason)


def is_from_api(body: bytes) -> bool:
    """Return whether ``body`` is JSON of the API: Google's error object, or a YouTube resource."""
    try:
        answer = json.loads(body)
        if "error" in answer:
            return isinstance(answer["error"]["code"], int)
        return answer["kind"].startswith("youtube#")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _find_meaning(status: int, reasons: set[str], message: str) -> RefusalMeaning:
    if status >= 500:
        return RefusalMeaning.TRY_AGAIN
    if reasons & _QUOTA_REASONS:
        return RefusalMeaning.QUOTA_GONE
    if status == 429 or reasons & _RATE_REASONS:
        return RefusalMeaning.QUOTA_GONE if _A_DAY.search(message) else RefusalMeaning.TRY_AGAIN
    if status == 401 or reasons & _KEY_REASONS:
        return RefusalMeaning.KEY_WRONG
    if status in (400, 403) and _ABOUT_KEY.search(message):
        return RefusalMeaning.KEY_WRONG
    if status == 404 or reasons & _NOT_FOUND_REASONS:
        return RefusalMeaning.NOT_FOUND
    # A redirect is not YouTube's: it is a login page of some network in between.
    return RefusalMeaning.BAD_REQUEST if status >= 400 else RefusalMeaning.TRY_AGAIN


def _read_error(body: bytes) -> tuple[list[str], str]:
    """Return the reason codes, most general shape first, and the message; empty if missing."""
    try:
        error = json.loads(body)["error"]
        parts = [*error.get("errors", []), *error.get("details", [])]
        codes = [part.get("reason") for part in parts]
        message = error.get("message", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [], ""
    # Google repeats the request's text in messages, never in reasons; still, only codes pass.
    reasons = [c for c in codes if isinstance(c, str) and _REASON_CODE.fullmatch(c)]
    return reasons, message if isinstance(message, str) else ""
