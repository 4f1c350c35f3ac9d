"""What every page's template may read."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Whether songs come from YouTube, and whether Google sign-in is configured."""
    return {
        "youtube_is_configured": bool(settings.YOUTUBE_API_KEY),
        "google_is_configured": bool(settings.SOCIALACCOUNT_PROVIDERS),
    }
