"""Template variables of every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEME_COOKIE = "theme"
THEMES = ("light", "dark")


def site(request: HttpRequest) -> dict[str, Any]:
    """Return site-wide settings for templates.

    They say whether songs come from YouTube, whether one can sign in with an account elsewhere or
    connect one at ListenBrainz, and the theme.
    """
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "youtube_is_configured": bool(settings.YOUTUBE_API_KEY),
        "providers_are_configured": bool(settings.SOCIALACCOUNT_PROVIDERS),
        "listenbrainz_is_offered": settings.LISTENBRAINZ,
        "theme": theme if theme in THEMES else "",
    }
