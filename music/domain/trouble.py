"""Why songs cannot be looked for at YouTube just now, said to people."""

from music.catalogue.sources import has_youtube
from music.youtube import quota


def describe_trouble() -> str:
    """One sentence when YouTube cannot be searched at present, otherwise (or without a key) empty.

    At most one database query; YouTube is not asked.
    """
    if not has_youtube():
        return ""
    from music.youtube.gateway import get_gateway  # Google's client is not imported without a key

    gateway = get_gateway()
    if gateway.is_key_rejected:
        return "YouTube does not accept this site’s key: only songs that are stored here are found."
    if not gateway.is_answering:
        return "YouTube does not answer at the moment: only songs that are stored here are found."
    searches = next(state for state in quota.get_state() if state.bucket == quota.SEARCH)
    if searches.left:
        return ""
    return (
        "Today’s YouTube searches are used up. "
        f"They come back at {searches.resets_at:%H:%M} UTC; until then fewer songs are found."
    )
