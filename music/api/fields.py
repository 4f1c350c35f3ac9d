"""Serializer fields that convert nothing: no number for a text, no text for a number."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

MAX_UNKNOWN_NAMED = 10


class Text(serializers.CharField):
    """A JSON string, kept as it was sent."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        if not kwargs.get("allow_blank"):
            kwargs.setdefault("min_length", 1)
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if isinstance(data, str) and not data.strip() and not self.allow_blank:
            self.fail("blank")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Whole(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class WholeChoice(serializers.ChoiceField):
    """One of several whole numbers, as a JSON number."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Fraction(serializers.FloatField):
    """A JSON number."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class LikeId(serializers.RegexField):
    """The id of a like as the API writes it: digits in a string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9]{1,19}$", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    """``true`` or ``false``."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class RequestSerializer(serializers.Serializer):
    """The body of a request: an object without unknown fields.

    ``example`` is shown in the OpenAPI document and offered by the browsable API. One of
    ``needs_one_of`` must be given; all of ``excludes`` together must not. ``needs_with`` maps a
    field and its value to groups of fields, one of each of which must be given with that value.
    """

    example: Mapping[str, Any] = {}
    needs_one_of: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    needs_with: Mapping[tuple[str, str], tuple[tuple[str, ...], ...]] = {}

    def get_initial(self) -> dict[str, Any]:
        return dict(self.example)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            refuse_unknown(data, self.fields)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lacks_all = bool(self.needs_one_of) and not attrs.keys() & set(self.needs_one_of)
        has_all = bool(self.excludes) and attrs.keys() >= set(self.excludes)
        if lacks_all or has_all:
            *others, last = self.needs_one_of or self.excludes
            given = f"Give {', '.join(others)} or {last}{', not both' * has_all}."
            raise serializers.ValidationError({(self.needs_one_of or self.excludes)[0]: [given]})
        for (name, value), groups in self.needs_with.items():
            for group in groups if attrs.get(name) == value else ():
                if not attrs.keys() & set(group):
                    needed = f"Give {' or '.join(group)}: this {name} needs it."
                    raise serializers.ValidationError({group[0]: [needed]})
        return attrs


class BodyForm:
    """A view whose page in the browsable API offers the example of its body."""

    serializer_class: type[RequestSerializer]

    def get_serializer(self, *args: Any, **kwargs: Any) -> RequestSerializer:
        return self.serializer_class(*args, **kwargs)


def refuse_unknown(data: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raise ``ValidationError`` naming the fields of ``data`` that are not ``known``."""
    unknown = [name for name in data if name not in known]
    if unknown:
        message = f"This field is not known. Known are: {', '.join(known)}."
        raise serializers.ValidationError({name: [message] for name in unknown[:MAX_UNKNOWN_NAMED]})
