"""Routes under ``/api/v1/``."""

from django.urls import path, re_path
from django.views.decorators.cache import cache_page
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from . import (
    dismissals,
    exports,
    imports,
    likes,
    me,
    mixes,
    reports,
    root,
    shares,
    songs,
    steering,
    suggestions,
)
from .permissions import Everyone
from .routes import answer
from .warm_answers import answer_again

DOCUMENT_SECONDS = 3600
app_name = "api"

# The document takes 0.1 s to make and is the same for everybody while a process lives.
schema = cache_page(DOCUMENT_SECONDS, cache="process")(
    SpectacularAPIView.as_view(
        permission_classes=[Everyone],
        # Plain JSON, which a browser shows, before the document's own type, which it downloads.
        renderer_classes=[
            OpenApiYamlRenderer,
            OpenApiYamlRenderer2,
            OpenApiJsonRenderer2,
            OpenApiJsonRenderer,
        ],
    )
)
# It has an HTML form only, in which metadata could not be returned.
docs = SpectacularSwaggerView.as_view(
    url_name="api:schema", permission_classes=[Everyone], metadata_class=None
)

urlpatterns = [
    path("", root.RootView.as_view(), name="root"),
    *answer("schema", schema, "schema"),
    *answer("docs", docs, "docs"),
    *answer("suggestions", answer_again(suggestions.SuggestionsView.as_view()), "suggestions"),
    *answer("discover", suggestions.DiscoverView.as_view(), "discover"),
    *answer("liked-songs", likes.LikedSongsView.as_view(), "liked-songs"),
    *answer("liked-songs/export", exports.LikesFileView.as_view(), "likes-file"),
    *answer("liked-songs/many", likes.ManyLikedSongsView.as_view(), "many-liked-songs"),
    *answer("liked-songs/many/remove", likes.UnlikedSongsView.as_view(), "unliked-songs"),
    *answer("liked-songs/<int:like_id>", likes.LikedSongView.as_view(), "liked-song"),
    *answer("dismissals", dismissals.DismissalsView.as_view(), "dismissals"),
    *answer("dismissals/<song:reference>", dismissals.DismissalView.as_view(), "dismissal"),
    *answer("steering", steering.SteeringView.as_view(), "steering"),
    *answer("steering/<str:kind>/<song:key>", steering.OneSteeringView.as_view(), "one-steering"),
    *answer("playbacks", likes.PlaybacksView.as_view(), "playbacks"),
    *answer("video-reports", reports.VideoReportsView.as_view(), "video-reports"),
    *answer("mixes", mixes.MixesView.as_view(), "mixes"),
    *answer("mixes/<slug:token>", mixes.MixView.as_view(), "mix"),
    *answer("mixes/<slug:token>/export", exports.MixFileView.as_view(), "mix-file"),
    *answer("shares", shares.SharesView.as_view(), "shares"),
    *answer("shares/<slug:token>", shares.ShareView.as_view(), "share"),
    *answer("shared/<slug:token>", shares.SharedView.as_view(), "shared"),
    *answer("songs", songs.SongsView.as_view(), "songs"),
    *answer(
        "songs/<exact_song:reference>/similar", songs.SimilarSongsView.as_view(), "similar-songs"
    ),
    *answer("songs/<song:reference>", songs.SongView.as_view(), "song"),
    *answer("genres", songs.GenresView.as_view(), "genres"),
    *answer("imports", imports.ImportsView.as_view(), "imports"),
    *answer("imports/<slug:token>", imports.ImportView.as_view(), "import"),
    *answer("imports/<slug:token>/rows", imports.ImportRowsView.as_view(), "import-rows"),
    *answer("imports/<slug:token>/actions", imports.ImportActionsView.as_view(), "import-actions"),
    *answer("me", me.MeView.as_view(), "me"),
    *answer("me/suggestions", suggestions.OwnSuggestionsView.as_view(), "own-suggestions"),
    *answer("me/suggestions/export", exports.SuggestionsFileView.as_view(), "suggestions-file"),
    *answer("me/taste", me.TasteView.as_view(), "taste"),
    *answer("me/export", me.ExportView.as_view(), "export"),
    *answer("me/tokens", me.TokensView.as_view(), "tokens"),
    *answer("me/tokens/<int:token_id>", me.TokenView.as_view(), "token"),
    re_path(r"^[\s\S]*$", root.NothingHereView.as_view(), name="nothing-here"),
]
