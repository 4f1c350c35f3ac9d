"""The plain check of the hot path, and the serializer that documents it, say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from music.api.suggestion_request import (
    SuggestionRequest,
    SuggestionRequestSerializer,
    read_suggestion_request,
)


def test_only_songs_are_needed():
    assert read_suggestion_request({"songs": ["Yesterday"]}) == SuggestionRequest(
        songs=["Yesterday"], user_id=None, genre=None, limit=10, adventurousness=0.5
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "songs"),
        ({"songs": []}, "songs"),
        ({"songs": ["a"] * 51}, "songs"),
        ({"songs": "Yesterday"}, "songs"),
        ({"songs": [1]}, "songs"),
        ({"songs": [["a"]]}, "songs"),
        ({"songs": [" "]}, "songs"),
        ({"songs": ["a" * 201]}, "songs"),
        ({"songs": ["a\x00"]}, "songs"),
        ({"songs": None}, "songs"),
        ({"songs": ["a"], "limit": 0}, "limit"),
        ({"songs": ["a"], "limit": 51}, "limit"),
        ({"songs": ["a"], "limit": "10"}, "limit"),
        ({"songs": ["a"], "limit": True}, "limit"),
        ({"songs": ["a"], "limit": 10.5}, "limit"),
        ({"songs": ["a"], "limit": None}, "limit"),
        ({"songs": ["a"], "genre": 5}, "genre"),
        ({"songs": ["a"], "genre": "a" * 129}, "genre"),
        ({"songs": ["a"], "user_id": ""}, "user_id"),
        ({"songs": ["a"], "user_id": " "}, "user_id"),
        ({"songs": ["a"], "user_id": "a" * 256}, "user_id"),
        ({"songs": ["a"], "user_id": 7}, "user_id"),
        ({"songs": ["a"], "user_id": "a\x00"}, "user_id"),
        ({"songs": ["a"], "genre": "\x00"}, "genre"),
        ({"songs": ["a"], "adventurousness": 1.1}, "adventurousness"),
        ({"songs": ["a"], "song": "b"}, "song"),
    ],
)
def test_bad_value_is_refused_naming_its_field(body, field):
    with pytest.raises(ValidationError) as refusal:
        read_suggestion_request(body)
    assert list(refusal.value.detail) == [field]


@pytest.mark.parametrize("body", [None, [], "songs", 1, True])
def test_body_that_is_no_object_is_refused(body):
    with pytest.raises(ValidationError):
        read_suggestion_request(body)


def test_every_field_at_fault_is_named():
    with pytest.raises(ValidationError) as refusal:
        read_suggestion_request({"limit": 0, "genre": 1})
    assert set(refusal.value.detail) == {"songs", "limit", "genre"}


song_texts = st.text(max_size=3) | st.sampled_from(["a" * 200, "a" * 201, " ", "", "\x00"])
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 60),
    st.floats(-1, 2),
    song_texts,
    st.sampled_from(["a" * 128, "a" * 129, "a" * 255, "a" * 256]),
    st.lists(song_texts, max_size=3),
    st.lists(st.none() | st.integers(), min_size=1, max_size=2),
)
bodies = st.fixed_dictionaries(
    {"songs": st.lists(song_texts, max_size=3) | values},
    optional={
        "user_id": values,
        "genre": values,
        "limit": values,
        "adventurousness": values,
        "other": values,
    },
)


@given(bodies)
def test_plain_check_and_documented_serializer_accept_the_same_bodies(body):
    serializer = SuggestionRequestSerializer(data=body)
    documented = serializer.is_valid()
    if documented:
        read = read_suggestion_request(body)
        assert {name: getattr(read, name) for name in body} == {
            name: serializer.validated_data[name] for name in body
        }
    else:
        with pytest.raises(ValidationError) as refusal:
            read_suggestion_request(body)
        assert set(refusal.value.detail) == set(serializer.errors)
