"""The shapes of requests and answers. The OpenAPI document is made from them."""

from typing import Any
from urllib.parse import quote_plus

from rest_framework import serializers

from accounts.models import AccessToken, User
from music.models import Dismissal, PlaylistImport, UserLikedSong, VideoFeature
from music.records import Suggestion, SuggestionList, is_catalogue_id

# --- Suggestions ----------------------------------------------------------------------------------


class CauseSerializer(serializers.Serializer):
    """A song that led to a suggestion."""

    title = serializers.CharField()
    youtube_video_id = serializers.CharField(source="video_id")


class SuggestionSerializer(serializers.Serializer):
    """A suggested song. The score is TuneTrace's own and orders one list only."""

    title = serializers.CharField()
    artist = serializers.CharField()
    youtube_video_id = serializers.CharField(
        source="video_id",
        help_text='A YouTube id, or "catalogue:…" for a song of the bundled catalogue.',
    )
    score = serializers.FloatField()
    because = CauseSerializer(many=True)
    source = serializers.CharField(
        source="stage", help_text="The part of the recommender that found the song."
    )


class SuggestionListSerializer(serializers.Serializer):
    suggestions = SuggestionSerializer(many=True)
    unresolved = serializers.ListField(
        child=serializers.CharField(), help_text="Songs that were not found; they are kept."
    )
    notices = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What limits this answer."
    )


def describe_suggestions(answer: SuggestionList) -> dict[str, Any]:
    """``SuggestionListSerializer``'s shape, built without one: this is the hot path."""
    data: dict[str, Any] = {
        "suggestions": [_describe_suggestion(song) for song in answer.suggestions],
        "unresolved": list(answer.unresolved),
    }
    if answer.notices:
        data["notices"] = list(answer.notices)
    return data


def _describe_suggestion(song: Suggestion) -> dict[str, Any]:
    return {
        "title": song.title,
        "artist": song.artist,
        "youtube_video_id": song.video_id,
        "score": song.score,
        "because": [
            {"title": cause.title, "youtube_video_id": cause.video_id} for cause in song.because
        ],
        "source": song.stage,
    }


class DiscoveredSongSerializer(serializers.Serializer):
    title = serializers.CharField()
    artist = serializers.CharField()
    youtube_video_id = serializers.CharField(source="video_id")
    genre = serializers.CharField()
    score = serializers.FloatField()


class DiscoverAnswerSerializer(serializers.Serializer):
    query = serializers.CharField()
    results = DiscoveredSongSerializer(many=True)


# --- Songs ----------------------------------------------------------------------------------------


class SongSerializer(serializers.ModelSerializer):
    """A song as its source knows it."""

    duration_seconds = serializers.IntegerField(source="duration", allow_null=True)
    playable = serializers.BooleanField(source="is_playable")
    url = serializers.SerializerMethodField(help_text="Where to watch it, or to look for it.")

    class Meta:
        model = VideoFeature
        fields = [
            "video_id",
            "title",
            "artist",
            "song_title",
            "channel_title",
            "genre",
            "year",
            "language",
            "duration_seconds",
            "playable",
            "source",
            "url",
        ]

    def get_url(self, song: VideoFeature) -> str:
        if is_catalogue_id(song.video_id):
            words = quote_plus(f"{song.artist} {song.song_title}")
            return f"https://www.youtube.com/results?search_query={words}"
        return f"https://www.youtube.com/watch?v={song.video_id}"


class SearchAnswerSerializer(serializers.Serializer):
    songs = SongSerializer(many=True)
    notices = serializers.ListField(child=serializers.CharField())


class GenreSerializer(serializers.Serializer):
    name = serializers.CharField()
    n_songs = serializers.IntegerField()


# --- Likes, dismissals, playbacks -----------------------------------------------------------------


class LegacyLikeSerializer(serializers.ModelSerializer):
    """A like as older clients know it; a song not found yet has its words for a title."""

    video_id = serializers.SerializerMethodField()
    title = serializers.SerializerMethodField()
    artist = serializers.SerializerMethodField()

    class Meta:
        model = UserLikedSong
        fields = ["video_id", "title", "artist", "created_at"]

    def get_video_id(self, like: UserLikedSong) -> str | None:
        return like.video.video_id if like.video else None

    def get_title(self, like: UserLikedSong) -> str:
        return (like.video.song_title or like.video.title) if like.video else like.song_name

    def get_artist(self, like: UserLikedSong) -> str:
        return like.video.artist if like.video else ""


class LikeSerializer(LegacyLikeSerializer):
    """A like. ``id`` is a string: JavaScript cannot hold a 63-bit number."""

    id = serializers.CharField()

    class Meta(LegacyLikeSerializer.Meta):
        fields = ["id", "song_name", *LegacyLikeSerializer.Meta.fields, "learn"]


class DismissalSerializer(serializers.ModelSerializer):
    video_id = serializers.CharField(source="video.video_id")
    title = serializers.CharField(source="video.title")
    artist = serializers.CharField(source="video.artist")

    class Meta:
        model = Dismissal
        fields = ["video_id", "title", "artist", "created_at"]


# --- Imports --------------------------------------------------------------------------------------


class ImportSerializer(serializers.ModelSerializer):
    class Meta:
        model = PlaylistImport
        fields = ["token", "state", "n_total", "n_done", "n_unresolved", "error", "created_at"]
        extra_kwargs = {
            "n_total": {"help_text": "Names given, or entries that the playlist says it has."},
            "error": {"help_text": "Why it failed; when done, what of the playlist was not read."},
        }


# --- The caller -----------------------------------------------------------------------------------


class ProfileSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["user_id", "email", "display_name", "is_guest", "created_at"]


class CountSerializer(serializers.Serializer):
    label = serializers.CharField()
    n_likes = serializers.IntegerField()


class TasteSerializer(serializers.Serializer):
    """What the listener likes, counted."""

    n_likes = serializers.IntegerField()
    genres = CountSerializer(many=True)
    decades = CountSerializer(many=True)
    artists = CountSerializer(many=True)
    languages = CountSerializer(many=True)


class TokenSerializer(serializers.ModelSerializer):
    id = serializers.CharField()
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=AccessToken.all_scopes), source="list_scopes"
    )

    class Meta:
        model = AccessToken
        fields = ["id", "name", "prefix", "scopes", "created_at", "last_used_at", "expires_at"]


class NewTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="The secret; it is shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]


class ErrorSerializer(serializers.Serializer):
    """Every error."""

    detail = serializers.CharField(help_text="What was wrong.")
    code = serializers.CharField()
    hint = serializers.CharField(required=False, help_text="What to do about it.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
