"""Whether this site can ask YouTube."""

from django.conf import settings


def has_youtube() -> bool:
    """Return whether songs can be searched at YouTube (a key is set)."""
    return bool(settings.YOUTUBE_API_KEY)
