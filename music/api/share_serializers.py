"""Shares: the bodies of requests, and the shapes of responses."""

from rest_framework import serializers

from accounts.models import USER_ID_MAX_LENGTH
from music.domain.sharing import KINDS
from music.domain.songs import REFERENCE_MAX_LENGTH
from music.models import Share

from .fields import RequestSerializer, Text
from .requests import USER_ID_HELP
from .serializers import SongSerializer


class ShareRequestSerializer(RequestSerializer):
    """What to share at a secret address: songs of a kind, or a mix."""

    example = {"kind": "likes"}
    needs_one_of = excludes = ("kind", "mix")

    user_id = Text(required=False, max_length=USER_ID_MAX_LENGTH, help_text=USER_ID_HELP)
    kind = serializers.ChoiceField(
        choices=Share.Kind.values,
        required=False,
        help_text="likes: the newest 200. suggestions: what is suggested at present.",
    )
    mix = Text(required=False, max_length=REFERENCE_MAX_LENGTH, help_text="The token of a mix.")


class ShareSerializer(serializers.Serializer):
    """Songs shared at a secret address."""

    token = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    mix = serializers.CharField(allow_null=True, source="mix_token", help_text="Its own token.")
    url = serializers.SerializerMethodField(help_text="The page for others.")
    feed_url = serializers.SerializerMethodField(help_text="The same as an Atom feed.")
    created_at = serializers.DateTimeField(source="opened_at")

    def get_url(self, opened: object) -> str:
        return self.context["url"]

    def get_feed_url(self, opened: object) -> str:
        return self.context["feed_url"]


class SharedSongSerializer(serializers.Serializer):
    song = SongSerializer()
    added_at = serializers.DateTimeField(source="at", help_text="When it came to the list.")


class SharedListSerializer(serializers.Serializer):
    """Songs at a shared address, without the name of the listener."""

    title = serializers.CharField()
    updated_at = serializers.DateTimeField()
    songs = SharedSongSerializer(many=True)
