"""The shapes of requests and responses, from which the OpenAPI document is made."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

from rest_framework import serializers

from music.domain.like_lists import ListedLike, list_stored
from music.domain.reports import list_refused
from music.models import Dismissal, Steering, UserLikedSong
from music.names.takes import Take
from music.recommender.explanations import HOWS
from music.records import ShownSong, Suggestion, SuggestionList

from .codes import CODES

# --- Songs ----------------------------------------------------------------------------------------

ID_HELP = "The song's address, such as nirvana/come-as-you-are."
VIDEO_ID_HELP = "The YouTube id of its best video that plays here, or null."
TAKE_HELP = (
    "Which take of the song that video is, such as live where nothing else of it plays here; null "
    "without a video."
)


class TakeField(serializers.ChoiceField):
    """Which take of its song the video is that plays it; null without a video."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=list(Take), allow_null=True, help_text=TAKE_HELP, **options)

    def to_representation(self, value: Any) -> Any:
        return value or None


class SongSerializer(serializers.Serializer):
    """A song, and the video that plays it."""

    id = serializers.CharField(source="song_id", help_text=ID_HELP)
    video_id = serializers.CharField(allow_null=True, help_text=VIDEO_ID_HELP)
    take = TakeField()
    title = serializers.CharField()
    artist = serializers.CharField()
    genre = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    language = serializers.CharField()
    duration_seconds = serializers.IntegerField(allow_null=True)
    video_title = serializers.CharField(help_text="As YouTube shows it; empty without a video.")
    channel_title = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Where to watch it, or to look for it.")

    def get_url(self, song: ShownSong) -> str:
        if song.video_id is None:
            words = quote_plus(f"{song.artist} {song.title}")
            return f"https://www.youtube.com/results?search_query={words}"
        return f"https://www.youtube.com/watch?v={song.video_id}"


# --- Suggestions ----------------------------------------------------------------------------------


class CauseSerializer(serializers.Serializer):
    """A song that led to a suggestion."""

    id = serializers.CharField(source="song_id", help_text=ID_HELP)
    title = serializers.CharField()
    artist = serializers.CharField()
    how = serializers.ChoiceField(
        choices=HOWS,
        help_text='What joins the two: one "artist"; "loved": listeners of this artist also love '
        'the suggested song\'s; one "scene" (genre and decade); "together": five listeners or '
        'more like both; one "genre"; or "near", by the model alone.',
    )


class SuggestionSerializer(serializers.Serializer):
    """A suggested song. The score is TuneTrace's own and orders one list only."""

    id = serializers.CharField(source="song_id", help_text=ID_HELP)
    video_id = serializers.CharField(allow_null=True, help_text=VIDEO_ID_HELP)
    take = TakeField()
    title = serializers.CharField()
    artist = serializers.CharField()
    genre = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField()
    because = CauseSerializer(many=True)
    source = serializers.CharField(  # type: ignore[assignment]  # a field, not Field's own
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
    """Return suggestions in the shape of ``SuggestionListSerializer``, without it: the hot path."""
    return _describe_list(answer, [_describe_suggestion(song) for song in answer.suggestions])


def describe_legacy_suggestions(answer: SuggestionList) -> dict[str, Any]:
    """Return suggestions as older clients know them."""
    songs = [_describe_legacy_suggestion(song) for song in answer.suggestions]
    return _describe_list(answer, songs)


def _describe_list(answer: SuggestionList, suggestions: list[dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "suggestions": suggestions,
        "unresolved": list(answer.unresolved),
    }
    if answer.notices:
        data["notices"] = list(answer.notices)
    return data


def _describe_suggestion(song: Suggestion) -> dict[str, Any]:
    return {
        "id": song.song_id,
        "video_id": song.video_id,
        "take": song.take or None,
        "title": song.title,
        "artist": song.artist,
        "genre": song.genre,
        "year": song.year,
        "score": song.score,
        "because": [
            {"id": c.song_id, "title": c.title, "artist": c.artist, "how": c.how}
            for c in song.because
        ],
        "source": song.stage,
    }


def _describe_legacy_suggestion(song: Suggestion) -> dict[str, Any]:
    return {
        "title": song.title,
        "artist": song.artist,
        "youtube_video_id": song.video_id,
        "score": song.score,
        "because": [{"title": c.title, "youtube_video_id": c.video_id} for c in song.because],
        "source": song.stage,
    }


class ReadFacetSerializer(serializers.Serializer):
    id = serializers.CharField(source="facet_id", help_text='For "without".')
    kind = serializers.CharField(help_text='What it is, such as "mood" or "time".')
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not Field's own


class DiscoverAnswerSerializer(serializers.Serializer):
    query = serializers.CharField()
    results = SuggestionSerializer(many=True)
    read_as = ReadFacetSerializer(many=True, help_text="How the query was read.")
    notices = serializers.ListField(child=serializers.CharField())


class LegacyDiscoveredSongSerializer(serializers.Serializer):
    title = serializers.CharField()
    artist = serializers.CharField()
    youtube_video_id = serializers.CharField(source="video_id", allow_null=True)
    genre = serializers.CharField()
    score = serializers.FloatField()


class LegacyDiscoverAnswerSerializer(serializers.Serializer):
    query = serializers.CharField()
    results = LegacyDiscoveredSongSerializer(many=True)


# --- Lists of songs -------------------------------------------------------------------------------


class SearchAnswerSerializer(serializers.Serializer):
    songs = SongSerializer(many=True)
    notices = serializers.ListField(child=serializers.CharField())


class GenreSerializer(serializers.Serializer):
    name = serializers.CharField()
    n_songs = serializers.IntegerField()


class SteeringSerializer(serializers.ModelSerializer):
    """What is suggested less: an artist's key and name, or a song's id and title."""

    class Meta:
        model = Steering
        fields = ["kind", "key", "name", "created_at"]


# --- Likes, dismissals, playbacks -----------------------------------------------------------------


class LikeSerializer(serializers.Serializer):
    """A like. Its id is a string: JavaScript cannot hold a 63-bit number."""

    id = serializers.CharField()
    song_name = serializers.CharField(help_text="The listener's own words.")
    song_id = serializers.CharField(allow_null=True, help_text=ID_HELP)
    video_id = serializers.CharField(allow_null=True, help_text=VIDEO_ID_HELP)
    title = serializers.CharField()
    artist = serializers.CharField()
    created_at = serializers.DateTimeField()
    take = TakeField()
    learn = serializers.BooleanField(help_text="Off: kept in the list, not used for suggestions.")


def describe_legacy_like(like: ListedLike) -> dict[str, Any]:
    """Return a like as older clients know it.

    A song not found yet has the listener's words as its title.
    """
    song = like.song
    return {
        "video_id": song.video_id if song else None,
        "title": song.title if song else like.song_name,
        "artist": song.artist if song else "",
        "created_at": like.created_at,
    }


def describe_like(like: ListedLike) -> dict[str, Any]:
    """Return a like in the shape of ``LikeSerializer``, without it: lists are long."""
    song = like.song
    return {
        "id": str(like.pk),
        "song_name": like.song_name,
        # Of a video without a song there is something to show, but no song to name.
        "song_id": song.song_id if song and song.song_pk else None,
        **describe_legacy_like(like),
        "take": song.take or None if song else None,
        "learn": like.learn,
    }


def describe_likes(likes: Sequence[UserLikedSong]) -> list[dict[str, Any]]:
    """Return likes of one listener, read with their songs and videos, as ``describe_like`` does.

    Two queries: for their takes, and for the videos that do not play for the listener.
    """
    unwanted = list_refused(likes[0].user_id) if likes else ()
    return [describe_like(like) for like in list_stored(likes, unwanted=unwanted)]


class RemovedCountSerializer(serializers.Serializer):
    n_removed = serializers.IntegerField()


class DismissalSerializer(serializers.ModelSerializer):
    song_id = serializers.CharField(source="song.address", help_text=ID_HELP)
    title = serializers.CharField(source="song.title")
    artist = serializers.CharField(source="song.artist")

    class Meta:
        model = Dismissal
        fields = ["song_id", "title", "artist", "created_at"]


# --- Errors ---------------------------------------------------------------------------------------


class ErrorSerializer(serializers.Serializer):
    """What was wrong, for people and for programs: problem details (RFC 9457) and more."""

    title = serializers.CharField(help_text="What the status means.")
    status = serializers.IntegerField(help_text="The status of the answer.")
    detail = serializers.CharField(help_text="What was wrong.")
    code = serializers.ChoiceField(choices=CODES, help_text="The kind of error, as a word.")
    hint = serializers.CharField(required=False, help_text="What to do about it.")
    fields = serializers.DictField(  # type: ignore[assignment]  # a field, not the fields
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
