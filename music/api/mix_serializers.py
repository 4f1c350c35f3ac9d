"""Mixes: the bodies of requests, and the shapes of responses."""

from rest_framework import serializers

from accounts.models import USER_ID_MAX_LENGTH
from music.domain.mixes import MAX_SONGS
from music.domain.songs import REFERENCE_MAX_LENGTH
from music.models import Mix
from music.models.mix import NAME_MAX_LENGTH

from .fields import RequestSerializer, Text
from .requests import USER_ID_HELP
from .serializers import SongSerializer

SONG_IDS_HELP = "Ids of its songs, in their order; those that are not known are left out."


class MixRequestSerializer(RequestSerializer):
    """A list of songs to save under a name."""

    example = {"name": "Morning", "song_ids": ["nirvana/come-as-you-are"]}

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    name = Text(max_length=NAME_MAX_LENGTH)
    song_ids = serializers.ListField(
        child=Text(max_length=REFERENCE_MAX_LENGTH),
        min_length=1,
        max_length=MAX_SONGS,
        help_text=SONG_IDS_HELP,
    )


class MixChangeSerializer(MixRequestSerializer):
    """What to change about a mix: its name, or which songs it has and in which order."""

    example = {"name": "Evening"}
    needs_one_of = ("name", "song_ids")

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for name in ("name", "song_ids"):
            fields[name].required = False
        return fields


class MixSerializer(serializers.ModelSerializer):
    """A mix: a list of songs that a listener saved under a name."""

    n_songs = serializers.SerializerMethodField()

    class Meta:
        model = Mix
        fields = ["token", "name", "n_songs", "created_at", "updated_at"]

    def get_n_songs(self, mix: Mix) -> int:
        return len(mix.song_ids)


class OpenedMixSerializer(MixSerializer):
    """A mix with its songs; songs that are not known at present are left out."""

    songs = SongSerializer(many=True)

    class Meta(MixSerializer.Meta):
        fields = [*MixSerializer.Meta.fields, "songs"]
