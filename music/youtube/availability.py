"""Whether songs can be asked for at YouTube."""

from django.conf import settings


def has_youtube() -> bool:
    """Whether songs can be asked for at YouTube (a key is set)."""
    return bool(settings.YOUTUBE_API_KEY)
