"""The bodies of requests about imports."""

from typing import Any

from rest_framework import serializers

from accounts.models import USER_ID_MAX_LENGTH
from music.domain.import_review import ACTIONS, PILES
from music.domain.import_rows import MAX_ROWS
from music.domain.imports import FILE_NAME_MAX_LENGTH
from music.domain.playlists import MAX_IMPORTED_SONGS, PLAYLIST_MAX_LENGTH
from music.domain.songs import REFERENCE_MAX_LENGTH
from music.models import ImportRow
from music.models.liked_song import SONG_NAME_MAX_LENGTH

from .fields import RequestSerializer, Text, Truth, Whole, refuse_unknown
from .requests import (
    MAX_LISTED,
    SONG_ID_HELP,
    USER_ID_HELP,
    VIDEO_ID_HELP,
    ListQuerySerializer,
)


class ImportRequestSerializer(RequestSerializer):
    """Either a playlist or songs."""

    example = {"songs": ["Come As You Are", "Yesterday", "Like a Rolling Stone"]}
    needs_one_of = excludes = ("playlist", "songs")

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    playlist = Text(
        required=False, max_length=PLAYLIST_MAX_LENGTH, help_text="A YouTube playlist's URL or id."
    )
    songs = serializers.ListField(
        child=Text(max_length=SONG_NAME_MAX_LENGTH),
        required=False,
        min_length=1,
        max_length=MAX_IMPORTED_SONGS,
    )

    review = Truth(
        default=False, help_text="Review the songs before they are liked; for a list of names."
    )


class FileRequestSerializer(serializers.Serializer):
    """A form with a file of at most 20 MB and 10,000 songs; docs/imports.md has what is read."""

    file = serializers.FileField(allow_empty_file=True, max_length=FILE_NAME_MAX_LENGTH)
    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    review = serializers.BooleanField(
        default=True, help_text="Review the songs before they are liked."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        refuse_unknown(data, self.fields)
        return super().to_internal_value(data)


class RowsQuerySerializer(ListQuerySerializer):
    limit = serializers.IntegerField(default=100, min_value=1, max_value=MAX_LISTED)
    state = serializers.ChoiceField(choices=ImportRow.State.choices, required=False)


class ImportActionSerializer(RequestSerializer):
    """What to do with an import, or with one of its rows."""

    example = {"action": "like", "pile": "sure"}
    needs_with = {
        ("action", "like"): (("pile",),),
        ("action", "choose"): (("number",), ("song_id", "video_id")),
        ("action", "leave"): (("number",),),
        ("action", "keep"): (("number",),),
        ("action", "reword"): (("number",), ("words",)),
    }

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    action = serializers.ChoiceField(choices=ACTIONS)
    pile = serializers.ChoiceField(choices=PILES, required=False)
    number = Whole(required=False, min_value=1, max_value=MAX_ROWS, help_text="The row.")
    song_id = Text(required=False, max_length=REFERENCE_MAX_LENGTH, help_text=SONG_ID_HELP)
    video_id = Text(required=False, max_length=REFERENCE_MAX_LENGTH, help_text=VIDEO_ID_HELP)
    words = Text(required=False, max_length=SONG_NAME_MAX_LENGTH, help_text="Other words for it.")
