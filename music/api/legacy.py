"""The paths of the older TuneTrace service, answered by the same views.

Its clients show only videos, join several genres by spaces, and write an email into an address
without escaping it.
"""

from rest_framework.request import Request

from accounts.models import User
from music.domain.suggestions import discover_videos, suggest_videos_for_songs

from . import likes, suggestions
from .callers import find_listener
from .encoded_lists import prepare_legacy_suggestions
from .routes import answer
from .serializers import LegacyDiscoverAnswerSerializer, describe_legacy_like
from .warm_answers import answer_again


def find_mailed_listener(request: Request, user_id: str) -> User | None:
    """Return the listener as ``find_listener`` does, reading a space in an email as a plus sign.

    That is what it was before the address was decoded.
    """
    listener = find_listener(request, user_id)
    if listener is None and "@" in user_id and " " in user_id:
        return find_listener(request, user_id.replace(" ", "+"))
    return listener


urlpatterns = [
    *answer(
        "suggestions",
        answer_again(
            suggestions.SuggestionsView.as_view(
                suggest=suggest_videos_for_songs, prepare=prepare_legacy_suggestions
            )
        ),
        "legacy-suggestions",
    ),
    *answer(
        "discover",
        suggestions.DiscoverView.as_view(
            discover=discover_videos, answer_class=LegacyDiscoverAnswerSerializer
        ),
        "legacy-discover",
    ),
    *answer(
        "liked-songs",
        likes.LikedSongsView.as_view(
            find_listener=find_mailed_listener,
            describe=describe_legacy_like,
            http_method_names=["get", "head", "options"],
        ),
        "legacy-liked-songs",
    ),
]
