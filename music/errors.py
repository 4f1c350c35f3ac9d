"""Everything that can go wrong in the domain. The interfaces map ``code`` to a status, once."""

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


class KeyUsed(TuneTraceError):
    """The key by which a request is told from others came with another request before."""

    code = "key_used"


class NotFound(TuneTraceError):
    """The thing named does not exist, or is not the caller's to see."""

    code = "not_found"


class NothingToSuggest(TuneTraceError):
    """No source, no cache and no stored song can answer."""

    code = "nothing_to_suggest"


class SourceError(TuneTraceError):
    """A source of songs did not answer as hoped; its children say what the caller may do."""

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
    """Slow, down or answering garbage. ``retry_after_seconds`` says when to try again."""

    code = "source_unavailable"

    def __init__(
        self, message: str, *, retry_after_seconds: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class SourceNotFound(SourceError):
    """The source says that the thing asked for does not exist (a playlist, a channel)."""

    code = "source_not_found"


class SourceRejected(SourceError):
    """The source says that the request itself is wrong. Never retried."""

    code = "source_rejected"
