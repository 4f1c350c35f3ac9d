"""Query strings and bodies of requests, validated before anything is done."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import (
    CREDENTIAL_NAME_MAX_LENGTH,
    DISPLAY_NAME_MAX_LENGTH,
    USER_ID_MAX_LENGTH,
    AccessToken,
)
from accounts.tokens import MAX_TOKEN_DAYS
from music.domain.filters import FIRST_DECADE, LAST_DECADE, MOODS
from music.domain.songs import MAX_QUERY_LENGTH, MAX_RESULTS, REFERENCE_MAX_LENGTH
from music.domain.suggestions import (
    DEFAULT_ADVENTUROUSNESS,
    DEFAULT_LIMIT,
    MAX_LEFT_OUT,
    MAX_LIMIT,
)
from music.libraries.writing import FORMATS
from music.models import Playback, Steering, VideoReport
from music.models.liked_song import SONG_NAME_MAX_LENGTH

from .fields import RequestSerializer, Text, Truth, Whole, WholeChoice
from .parsers import refuse_unstorable_text
from .suggestion_request import GENRE_MAX_LENGTH

STEERING_CHOICES = [(kind.value, kind.label) for kind in Steering.BY_SONG]
MAX_LISTED = 1000
MAX_WITHOUT = 200
MAX_WITHOUT_LENGTH = 50_000
SONG_ID_HELP = "The id of a song, such as nirvana/come-as-you-are."
VIDEO_ID_HELP = "The YouTube id of a video of it."
MAX_PASSWORD_LENGTH = 4096
USER_ID_HELP = "The listener to act for; needed with a service key, else the caller."


def read_query(request: Request, form: type[serializers.Serializer]) -> dict[str, Any]:
    """Return the query string as validated by ``form``; raise ``ValidationError``.

    Unknown names are ignored.
    """
    values = request.query_params.dict()
    # Once: a serializer makes its fields anew for each instance, which takes as long as all else.
    asked = form(data=values)
    refuse_unstorable_text(
        {name: values[name] for name in map(str, asked.fields) if name in values}
    )
    return _read(asked)


def read_body(request: Request, form: type[RequestSerializer]) -> dict[str, Any]:
    """Return the body as validated by ``form``.

    Raise ``ValidationError``, also for unknown fields.
    """
    return _read(form(data=request.data))


def read_reference(asked: Mapping[str, Any]) -> str | None:
    """Return the song that a body names, by its id or by a video of it.

    Either field takes either.
    """
    return asked.get("song_id") or asked.get("video_id")


def _read(form: serializers.Serializer) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return form.validated_data


class DiscoverRequestSerializer(RequestSerializer):
    example = {"query": "sad 90s rock", "limit": 5}

    query = Text(max_length=MAX_QUERY_LENGTH, help_text='Free text, such as "sad 90s rock".')
    limit = Whole(required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)
    without = serializers.ListField(
        child=Text(max_length=MAX_QUERY_LENGTH),
        required=False,
        default=list,
        max_length=MAX_LEFT_OUT,
        help_text="Ids of facets in `read_as` to ignore.",
    )


class ListenerQuerySerializer(serializers.Serializer):
    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)


class ListQuerySerializer(ListenerQuerySerializer):
    """A part of a list; all of it by default, as older clients expect."""

    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LISTED)
    offset = serializers.IntegerField(default=0, min_value=0, max_value=2**31)


class OwnSuggestionsQuerySerializer(ListenerQuerySerializer):
    """What a listener's list should be like.

    For the next part, ask again ``without`` these songs.
    """

    genre = Text(required=False, max_length=GENRE_MAX_LENGTH)
    limit = serializers.IntegerField(default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)
    adventurousness = serializers.FloatField(
        default=DEFAULT_ADVENTUROUSNESS, min_value=0.0, max_value=1.0
    )
    decade = serializers.ChoiceField(
        required=False,
        choices=list(range(FIRST_DECADE, LAST_DECADE + 1, 10)),
        help_text="Its first year, such as 1990.",
    )
    mood = serializers.ChoiceField(required=False, choices=list(MOODS))
    language = Text(required=False, max_length=16, help_text="Such as en.")
    plays = serializers.BooleanField(default=False, help_text="Only songs with a video.")
    like = Text(
        required=False,
        max_length=REFERENCE_MAX_LENGTH,
        help_text="A song that the list should resemble most.",
    )
    without = Text(
        required=False,
        max_length=MAX_WITHOUT_LENGTH,
        help_text="Ids of songs to leave out, separated by spaces; at most 200.",
    )

    def validate_without(self, value: str) -> list[str]:
        ids = value.split()
        if len(ids) > MAX_WITHOUT:
            raise serializers.ValidationError(f"At most {MAX_WITHOUT} songs, not {len(ids)}.")
        return ids


class OwnSuggestionsRequestSerializer(RequestSerializer, OwnSuggestionsQuerySerializer):
    """What a listener's list should be like, in a body: an address has no room for long lists."""

    example = {"decade": 1990, "plays": True, "without": ["nirvana/come-as-you-are"]}

    without = serializers.ListField(  # type: ignore[assignment]  # in an address it is one text
        required=False,
        child=Text(max_length=REFERENCE_MAX_LENGTH),
        max_length=MAX_WITHOUT,
        help_text="Ids of songs to leave out.",
    )

    def validate_without(self, value: Any) -> list[str]:
        return value


class SteeringRequestSerializer(RequestSerializer):
    """An artist to hide (by any song of theirs), or a song that should count less."""

    example = {"kind": "artist", "song_id": "nirvana/come-as-you-are"}

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    kind = serializers.ChoiceField(
        choices=STEERING_CHOICES, help_text="artist: hide them. less: count the song less."
    )
    song_id = Text(max_length=REFERENCE_MAX_LENGTH, help_text=SONG_ID_HELP)


class ExportQuerySerializer(ListenerQuerySerializer):
    format = serializers.ChoiceField(choices=list(FORMATS), default="csv")


class SuggestionsFileQuerySerializer(ExportQuerySerializer):
    genre = Text(required=False, max_length=GENRE_MAX_LENGTH)
    limit = serializers.IntegerField(default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)
    adventurousness = serializers.FloatField(
        default=DEFAULT_ADVENTUROUSNESS, min_value=0.0, max_value=1.0
    )


class SearchQuerySerializer(serializers.Serializer):
    query = Text(max_length=MAX_QUERY_LENGTH, help_text="A song, with or without its artist.")
    limit = serializers.IntegerField(default=20, min_value=1, max_value=MAX_RESULTS)


class LimitQuerySerializer(serializers.Serializer):
    limit = serializers.IntegerField(default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)


class LikeRequestSerializer(RequestSerializer):
    """A song to like: its name, its id or a video of it, or a name and one of these."""

    example = {"song_name": "Nirvana - Come As You Are"}
    needs_one_of = ("song_name", "song_id", "video_id")

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    song_name = Text(required=False, max_length=SONG_NAME_MAX_LENGTH)
    song_id = Text(required=False, max_length=REFERENCE_MAX_LENGTH, help_text=SONG_ID_HELP)
    video_id = Text(required=False, max_length=REFERENCE_MAX_LENGTH, help_text=VIDEO_ID_HELP)


class LikeChangeSerializer(RequestSerializer):
    """What to change about a like."""

    example = {"learn": False}
    needs_one_of = ("learn", "song_id", "video_id")

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    learn = Truth(required=False, help_text="Whether it counts for suggestions.")
    song_id = Text(
        required=False,
        allow_null=True,
        max_length=REFERENCE_MAX_LENGTH,
        help_text="The song that was meant; null: only that it is not the present one.",
    )
    video_id = Text(
        required=False,
        allow_null=True,
        max_length=REFERENCE_MAX_LENGTH,
        help_text="The same song, by one of its videos.",
    )


class SongRequestSerializer(RequestSerializer):
    """A song, by its id or by a video of it."""

    example = {"song_id": "nirvana/come-as-you-are"}
    needs_one_of = ("song_id", "video_id")

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    song_id = Text(required=False, max_length=REFERENCE_MAX_LENGTH, help_text=SONG_ID_HELP)
    video_id = Text(required=False, max_length=REFERENCE_MAX_LENGTH, help_text=VIDEO_ID_HELP)


class PlaybackRequestSerializer(SongRequestSerializer):
    example = {"song_id": "nirvana/come-as-you-are", "kind": "play"}

    kind = serializers.ChoiceField(choices=Playback.Kind.choices)


class ReportRequestSerializer(RequestSerializer):
    """A video, and what YouTube's player said of it."""

    example = {"video_id": "dQw4w9WgXcQ", "code": 150}

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    video_id = Text(max_length=REFERENCE_MAX_LENGTH)
    code = WholeChoice(
        choices=VideoReport.Code.values,
        help_text="100: the video is gone. 101, 150: its owner does not allow it on other sites.",
    )


class ProfileChangeSerializer(RequestSerializer):
    example = {"display_name": "Ada"}

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    display_name = Text(allow_blank=True, max_length=DISPLAY_NAME_MAX_LENGTH)


class TokenRequestSerializer(RequestSerializer):
    example = {"name": "command line", "scopes": ["read"], "expires_in_days": 90}

    name = Text(max_length=CREDENTIAL_NAME_MAX_LENGTH, help_text="What the token is for.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=AccessToken.all_scopes),
        required=False,
        min_length=1,
        max_length=len(AccessToken.all_scopes),
        help_text="What it may do; everything by default.",
    )
    expires_in_days = Whole(
        required=False,
        min_value=1,
        max_value=MAX_TOKEN_DAYS,
        help_text="How long it is valid; until it is revoked by default.",
    )


class DeletionRequestSerializer(RequestSerializer):
    """The password, from a listener who has not signed in a moment ago."""

    example = {"password": "the password of the account"}

    password = Text(required=False, max_length=MAX_PASSWORD_LENGTH)
