"""Explains to people why YouTube cannot be searched at present."""

from music.youtube import quota
from music.youtube.availability import has_youtube
from music.youtube.gateway import get_gateway
from music.youtube.shortage import is_short

_CALLS = {quota.SEARCH: "searches", quota.UNITS: "calls"}


def describe_trouble(bucket: str = quota.SEARCH, caller: str = quota.LISTENER) -> str:
    """Return a sentence when YouTube cannot be asked at present; else (or without a key) empty.

    ``bucket`` is the quota that is needed: searches for a name, units for a link to a video.
    ``caller`` is who needs it. At most two database queries; YouTube is not asked.
    """
    if not has_youtube():
        return ""
    gateway = get_gateway()
    if gateway.is_key_rejected:
        return "YouTube does not accept this site’s key: only songs that are stored here are found."
    if not gateway.is_answering:
        return "YouTube does not answer at the moment: only songs that are stored here are found."
    state = next(state for state in quota.get_state() if state.bucket == bucket)
    if state.left:
        return _describe_own_share(bucket, caller) or _describe_shortage(bucket, caller)
    return (
        f"Today’s YouTube {_CALLS[bucket]} are used up. "
        f"They come back at {state.resets_at:%H:%M} UTC; until then fewer songs are found."
    )


def _describe_shortage(bucket: str, caller: str) -> str:
    if bucket != quota.SEARCH or not is_short(bucket, caller):
        return ""
    return (
        "Few of today’s YouTube searches are left: a song that is not stored here is searched for "
        "when it is asked for a second time."
    )


def _describe_own_share(bucket: str, caller: str) -> str:
    spent = quota.find_spent_budget(bucket, caller)
    if spent is None:
        return ""
    return (
        f"Your share of today’s YouTube {_CALLS[bucket]} is used up. "
        f"New ones come at {spent.until:%H:%M} UTC; until then fewer songs are found."
    )
