"""The parameters of requests about many likes."""

from rest_framework import serializers

from accounts.models import USER_ID_MAX_LENGTH
from music.domain.like_lists import MAX_AT_ONCE, ORDERS
from music.domain.names import MAX_SONGS
from music.domain.songs import MAX_QUERY_LENGTH, REFERENCE_MAX_LENGTH
from music.models.liked_song import SONG_NAME_MAX_LENGTH

from .fields import LikeId, RequestSerializer, Text
from .requests import USER_ID_HELP, ListQuerySerializer


class LikesQuerySerializer(ListQuerySerializer):
    """Which likes, and in which order."""

    query = Text(
        required=False,
        max_length=MAX_QUERY_LENGTH,
        help_text="Part of the listener's words, of a title or of an artist.",
    )
    order = serializers.ChoiceField(choices=list(ORDERS), default="newest")
    missing = serializers.BooleanField(
        default=False, help_text="Only likes whose song has not been found yet."
    )


class ManyLikesRequestSerializer(RequestSerializer):
    """Songs to like at once: by their names, by their ids, or both."""

    example = {"songs": ["Nirvana - Come As You Are"], "song_ids": ["the-beatles/yesterday"]}
    needs_one_of = ("songs", "song_ids")

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    songs = serializers.ListField(
        child=Text(max_length=SONG_NAME_MAX_LENGTH),
        required=False,
        min_length=1,
        max_length=MAX_SONGS,
        help_text="Names of songs.",
    )
    song_ids = serializers.ListField(
        child=Text(max_length=REFERENCE_MAX_LENGTH),
        required=False,
        min_length=1,
        max_length=MAX_SONGS,
        help_text="Ids of songs, or of videos of them.",
    )


class UnlikeManyRequestSerializer(RequestSerializer):
    """Likes to remove at once; ids that are none of the listener's are ignored."""

    example = {"ids": ["1234567890"]}

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    ids = serializers.ListField(
        child=LikeId(), min_length=1, max_length=MAX_AT_ONCE, help_text="Ids of likes."
    )
