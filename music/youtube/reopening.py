"""Reopens buckets that YouTube closed: by an operator, or because the key has changed."""

from django.conf import settings
from django.utils.crypto import salted_hmac

from music.models import QuotaUsage
from tunetrace_site.replication.unit import unit_of_work

from .pacific_days import get_pacific_day

KEY_MARK = "youtube_key.digest"
"""The file in ``STATE_DIR`` that tells whether the key has changed; it does not contain the key."""


def reopen_buckets() -> int:
    """Delete today's marks that YouTube has no quota left; return how many buckets were closed.

    The counts stay: a bucket that is used up by our own count is still used up.
    """
    closed = QuotaUsage.objects.filter(day=get_pacific_day(), exhausted_at__isnull=False)
    with unit_of_work():
        return closed.update(exhausted_at=None)


def reopen_for_new_key() -> int:
    """Call ``reopen_buckets`` when the key has changed since the last start of this machine.

    YouTube's refusals concerned the old key. Does nothing at the first start and without a key.
    """
    if not settings.YOUTUBE_API_KEY:
        return 0
    digest = salted_hmac("music.youtube.key", settings.YOUTUBE_API_KEY, algorithm="sha256")
    mark = settings.STATE_DIR / KEY_MARK
    known = mark.read_text(encoding="ascii") if mark.exists() else ""
    if known == digest.hexdigest():
        return 0
    n_closed = reopen_buckets() if known else 0
    mark.write_text(digest.hexdigest(), encoding="ascii")
    return n_closed
