"""The paths that clients of the older TuneTrace service call, answered by the same views."""

from . import likes, suggestions
from .routes import answer
from .serializers import LegacyDiscoverAnswerSerializer, LegacyLikeSerializer

urlpatterns = [
    *answer(
        "suggestions", suggestions.SuggestionsView.as_view(is_legacy=True), "legacy-suggestions"
    ),
    *answer(
        "discover",
        suggestions.DiscoverView.as_view(answer_class=LegacyDiscoverAnswerSerializer),
        "legacy-discover",
    ),
    *answer(
        "liked-songs",
        likes.LikedSongsView.as_view(
            answer_class=LegacyLikeSerializer, http_method_names=["get", "head", "options"]
        ),
        "legacy-liked-songs",
    ),
]
