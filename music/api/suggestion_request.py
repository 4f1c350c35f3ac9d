"""The body of ``POST /suggestions``, validated by one plain function.

It is the request that every client repeats: a serializer takes 0.3 ms to validate it, more than a
whole cached answer. ``SuggestionRequestSerializer`` documents the same rules and draws the form of
the browsable API; a test compares the two.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from accounts.models import USER_ID_MAX_LENGTH
from music.domain.names import MAX_SONGS
from music.domain.suggestions import (
    DEFAULT_ADVENTUROUSNESS,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    check_adventurousness,
    check_limit,
)
from music.errors import InvalidInput
from music.models.liked_song import SONG_NAME_MAX_LENGTH

from .fields import Fraction, RequestSerializer, Text, Whole, refuse_unknown

GENRE_MAX_LENGTH = 128


@dataclass(frozen=True, slots=True)
class SuggestionRequest:
    """A validated request; ``genre`` None means any."""

    songs: list[str]
    user_id: str | None = None
    genre: str | None = None
    limit: int = DEFAULT_LIMIT
    adventurousness: float = DEFAULT_ADVENTUROUSNESS


class SuggestionRequestSerializer(RequestSerializer):
    """Songs to start from, and what the suggestions should be like."""

    example = {"songs": ["Come As You Are", "The Beatles - Yesterday"], "genre": "rock", "limit": 5}

    user_id = Text(
        required=False,
        allow_null=True,
        max_length=USER_ID_MAX_LENGTH,
        help_text="The listener to act for; without it, the caller. Their songs become likes.",
    )
    songs = serializers.ListField(
        child=Text(max_length=SONG_NAME_MAX_LENGTH),
        min_length=1,
        max_length=MAX_SONGS,
        help_text='Songs you like, such as "Nirvana - Come As You Are".',
    )
    genre = Text(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=GENRE_MAX_LENGTH,
        help_text='Only songs of this genre (see /api/v1/genres); "any" is no filter.',
    )
    limit = Whole(required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)
    adventurousness = Fraction(
        required=False,
        default=DEFAULT_ADVENTUROUSNESS,
        min_value=0.0,
        max_value=1.0,
        help_text="0: familiar songs first. 1: songs further away.",
    )


def read_suggestion_request(data: Any) -> SuggestionRequest:
    """Validate a decoded body; raise ``ValidationError`` with every field at fault."""
    if not isinstance(data, Mapping):
        raise serializers.ValidationError("Send a JSON object.")
    refuse_unknown(data, _CHECKS)
    values, errors = {}, {}
    for name, check in _CHECKS.items():
        if name in data:
            try:
                values[name] = check(data[name])
            except ValueError as error:
                errors[name] = [str(error)]
            except InvalidInput as error:
                errors[name] = [error.message]
    if "songs" not in data:
        errors["songs"] = ["This field is required."]
    if errors:
        raise serializers.ValidationError(errors)
    return SuggestionRequest(**values)


def _check_songs(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("Send a list of song names.")
    if not 1 <= len(value) <= MAX_SONGS:
        raise ValueError(f"Name 1 to {MAX_SONGS} songs, not {len(value)}.")
    for position, song in enumerate(value, start=1):
        if not isinstance(song, str):
            raise ValueError(f"Item {position}: not a string.")
        if not song.strip():
            raise ValueError(f"Item {position}: empty.")
        if len(song) > SONG_NAME_MAX_LENGTH:
            raise ValueError(
                f"Item {position}: more than {SONG_NAME_MAX_LENGTH} characters ({len(song)})."
            )
        if "\x00" in song:
            raise ValueError(f"Item {position}: null characters are not allowed.")
    return value


def _check_user_id(value: Any) -> str | None:
    if isinstance(value, str) and not value.strip():
        raise ValueError("This field may not be blank.")
    return _check_text(value, USER_ID_MAX_LENGTH)


def _check_genre(value: Any) -> str | None:
    return _check_text(value, GENRE_MAX_LENGTH)


def _check_text(value: Any, max_length: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("Not a string.")
    if len(value) > max_length:
        raise ValueError(f"More than {max_length} characters ({len(value)}).")
    if "\x00" in value:
        raise ValueError("Null characters are not allowed.")
    return value


def _check_limit(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("Not a whole number.")
    check_limit(value)
    return value


def _check_adventurousness(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Not a number.")
    check_adventurousness(value)
    return float(value)


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "user_id": _check_user_id,
    "songs": _check_songs,
    "genre": _check_genre,
    "limit": _check_limit,
    "adventurousness": _check_adventurousness,
}
