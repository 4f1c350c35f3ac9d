"""All errors of the domain. The interfaces map ``code`` to an HTTP status (music/statuses.py)."""

from datetime import datetime


class TuneTraceError(Exception):
    """Base of all: a stable ``code``, a ``message`` for people, and a ``hint`` on what to do."""

    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInput(TuneTraceError):
    """A value that cannot be accepted; ``field`` names it."""

    code = "invalid_input"

    def __init__(self, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class NotNow(InvalidInput):
    """The value is valid but cannot be accepted in the present state; ``field`` names it.

    There are too many of something already, or something is finished.
    """

    code = "not_now"


class KeyUsed(TuneTraceError):
    """The idempotency key was used before, with a different request."""

    code = "key_used"


class NotFound(TuneTraceError):
    """The named thing does not exist, or the caller may not see it."""

    code = "not_found"


class NothingToSuggest(TuneTraceError):
    """There is nothing to suggest: no source, no cache and no stored song can answer."""

    code = "nothing_to_suggest"


class SourceError(TuneTraceError):
    """A source of songs failed; the subclasses say what the caller may do."""

    code = "source_error"


class QuotaExhausted(SourceError):
    """A quota bucket is used up. ``until`` is when it resets (UTC)."""

    code = "quota_exhausted"

    def __init__(self, message: str, *, bucket: str, until: datetime, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.bucket = bucket
        self.until = until


class KeyRejected(SourceError):
    """The API key is missing, wrong or not allowed to do this. Never retried."""

    code = "key_rejected"


class SourceUnavailable(SourceError):
    """The source is slow, down or gives invalid answers; retry in ``retry_after_seconds``."""

    code = "source_unavailable"

    def __init__(
        self, message: str, *, retry_after_seconds: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class SourceNotFound(SourceError):
    """The source says that what was asked for (a playlist, a channel) does not exist."""

    code = "source_not_found"


class SourceRejected(SourceError):
    """The source says that the request itself is invalid. Never retried."""

    code = "source_rejected"
