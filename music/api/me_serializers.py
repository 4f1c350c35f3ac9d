"""The shapes of what the API tells callers about themselves."""

from rest_framework import serializers

from accounts.models import AccessToken, User


class ProfileSerializer(serializers.ModelSerializer):
    email = serializers.EmailField(allow_null=True)

    class Meta:
        model = User
        fields = ["user_id", "email", "display_name", "is_guest", "created_at"]


class CountSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not Field's own
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
    token = serializers.CharField(source="secret", help_text="The secret; it is shown only once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
