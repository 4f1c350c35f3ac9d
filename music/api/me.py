"""API: the listener's own profile, taste, tokens and data."""

from dataclasses import asdict
from typing import Any, cast

from django.contrib.auth import logout
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.authentication import ServiceCaller
from accounts.models import User
from accounts.profiles import rename_listener
from accounts.recent_sign_in import is_fresh, proves_identity
from accounts.tokens import (
    MAX_TOKENS,
    RequestKeyUsed,
    TooManyTokens,
    issue_token,
    list_tokens,
    revoke_token,
)
from music.domain.privacy import delete_listener, export_listener
from music.domain.taste import describe_taste
from music.errors import KeyUsed, NotFound, NotNow

from .callers import get_listener, get_listener_of_query
from .fields import BodyForm
from .idempotency import CONFLICT, ONCE, read_key
from .likes import FORBIDDEN, ListenerView
from .me_serializers import (
    NewTokenSerializer,
    ProfileSerializer,
    TasteSerializer,
    TokenSerializer,
)
from .permissions import SignedInAccounts
from .requests import (
    DeletionRequestSerializer,
    ListenerQuerySerializer,
    ProfileChangeSerializer,
    TokenRequestSerializer,
    read_body,
)
from .schema import document


def _get_account(request: Request) -> User:
    """Return the user of a request to a view of ``SignedInAccounts``."""
    return cast(User, request.user)


class MeView(BodyForm, ListenerView):
    """The listener's profile."""

    serializer_class = ProfileChangeSerializer

    @document(
        "me",
        {200: ProfileSerializer},
        errors=FORBIDDEN,
        parameters=[ListenerQuerySerializer],
        operation_id="get_me",
        summary="See the profile",
    )
    def get(self, request: Request) -> Response:
        return Response(ProfileSerializer(get_listener_of_query(request)).data)

    @document(
        "me",
        {200: ProfileSerializer},
        errors=FORBIDDEN,
        request=ProfileChangeSerializer,
        operation_id="change_me",
        summary="Change the profile",
    )
    def patch(self, request: Request) -> Response:
        asked = read_body(request, ProfileChangeSerializer)
        listener = get_listener(request, asked.get("user_id"))
        rename_listener(listener, asked["display_name"])
        return Response(ProfileSerializer(listener).data)

    @document(
        "me",
        {204: None},
        errors=FORBIDDEN,
        parameters=[ListenerQuerySerializer],
        operation_id="delete_me",
        summary="Delete the listener",
        description="Deletes the listener and all their data, for good. An account needs "
        "its password in the body, or a session that signed in a moment ago.",
        request=DeletionRequestSerializer,
    )
    def delete(self, request: Request) -> Response:
        asked = read_body(request, DeletionRequestSerializer)
        listener = get_listener_of_query(request)
        if listener.has_account:
            _require_identity(request, listener, asked.get("password", ""))
        delete_listener(listener=listener)
        if request.auth is None:
            logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _require_identity(request: Request, listener: User, password: str) -> None:
    """Raise ``PermissionDenied`` unless the listener proves their identity now or did so lately."""
    if isinstance(request.user, ServiceCaller):
        raise PermissionDenied("An account can only be deleted by its listener.")
    in_browser = request.auth is None
    if in_browser and is_fresh(request._request):
        return
    if not proves_identity(listener, password):
        raise PermissionDenied(
            "Send the password of the account, or sign in again and repeat this at once.",
            code="password_needed",
        )


class TasteView(ListenerView):
    """Statistics of the listener's likes by genre, decade, artist and language."""

    @document(
        "me",
        {200: TasteSerializer},
        errors=FORBIDDEN,
        parameters=[ListenerQuerySerializer],
        operation_id="get_taste",
        summary="See statistics of the listener's likes",
        description="Likes counted by genre, decade, artist and language, the most frequent first.",
    )
    def get(self, request: Request) -> Response:
        taste = asdict(describe_taste(listener=get_listener_of_query(request)))
        n_likes = taste.pop("n_likes")
        counts = {name: _describe_counts(pairs) for name, pairs in taste.items()}
        return Response(TasteSerializer({"n_likes": n_likes, **counts}).data)


def _describe_counts(pairs: Any) -> list[dict[str, Any]]:
    return [{"label": label, "n_likes": n_likes} for label, n_likes in pairs]


class ExportView(ListenerView):
    """All data of the listener."""

    @document(
        "me",
        {200: dict[str, Any]},
        errors=FORBIDDEN,
        parameters=[ListenerQuerySerializer],
        operation_id="export_me",
        summary="Export all data of the listener",
        description=(
            "All data of the listener, as JSON. Suggestions of the last days (`IMPRESSION_DAYS` of "
            "the site, usually 90) come one by one; of older ones it is told how many were shown, "
            "liked and dismissed. Of each song there is the last play, whenever it was."
        ),
    )
    def get(self, request: Request) -> Response:
        data = export_listener(listener=get_listener_of_query(request))
        is_file = request.accepted_renderer.format == "json"
        headers = {"Content-Disposition": 'attachment; filename="tunetrace.json"'}
        return Response(data, headers=headers if is_file else None)


class TokensView(BodyForm, APIView):
    """The listener's access tokens, newest first."""

    permission_classes = [SignedInAccounts]
    serializer_class = TokenRequestSerializer

    @document(
        "me",
        {200: TokenSerializer(many=True)},
        errors=(401, 403),
        operation_id="list_tokens",
        summary="List access tokens",
        description="The listener's access tokens, newest first, without their secrets.",
    )
    def get(self, request: Request) -> Response:
        return Response(TokenSerializer(list_tokens(_get_account(request)), many=True).data)

    @document(
        "me",
        {201: NewTokenSerializer},
        errors=(*FORBIDDEN, CONFLICT),
        parameters=[ONCE],
        request=TokenRequestSerializer,
        operation_id="make_token",
        summary="Make an access token",
        description="Makes an access token. Its secret is shown only once, and again for a "
        "repeated request with the same `Idempotency-Key`.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, TokenRequestSerializer)
        try:
            token, secret = issue_token(
                _get_account(request), **asked, request_key=read_key(request)
            )
        except RequestKeyUsed:
            raise KeyUsed(
                "This key was used before, for a different token or one that is no longer valid.",
                hint="Make a new key for each token.",
            ) from None
        except TooManyTokens:
            raise NotNow(
                "name", f"You have {MAX_TOKENS} tokens, the limit.", hint="Revoke one first."
            ) from None
        token.secret = secret
        address = reverse("api:token", args=[token.pk], request=request)
        return Response(
            NewTokenSerializer(token).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )


class TokenView(APIView):
    """One access token."""

    permission_classes = [SignedInAccounts]

    @document(
        "me",
        {200: TokenSerializer},
        errors=(401, 403, 404),
        operation_id="get_token",
        summary="See one access token",
    )
    def get(self, request: Request, token_id: int) -> Response:
        token = list_tokens(_get_account(request)).filter(pk=token_id).first()
        if token is None:
            raise NotFound("There is no such token.")
        return Response(TokenSerializer(token).data)

    @document(
        "me",
        {204: None},
        errors=(401, 403, 404),
        operation_id="revoke_token",
        summary="Revoke an access token",
        description="It stops working at once.",
    )
    def delete(self, request: Request, token_id: int) -> Response:
        if not revoke_token(_get_account(request), token_id):
            raise NotFound("There is no such token.")
        return Response(status=status.HTTP_204_NO_CONTENT)
