"""Bodies: JSON by the standard, and nothing that a database could choke on."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.test import APIRequestFactory

from music.api.parsers import MAX_DEPTH, BodyTooLarge, StrictJSONParser, refuse_unstorable_text


def parse(body: bytes):
    request = APIRequestFactory().post("/", body, content_type="application/json")
    return StrictJSONParser().parse(io.BytesIO(body), parser_context={"request": request})


def test_body_in_utf8_is_decoded():
    assert parse('{"songs": ["Ænima", "東京", "🎵 héllo"]}'.encode()) == {
        "songs": ["Ænima", "東京", "🎵 héllo"]
    }


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"{'songs': []}", "not valid JSON"),
        (b'{"limit": NaN}', "NaN is not a JSON number"),
        (b'{"limit": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"a": 1, "b": 2, "a": 3}', "'a' appears twice"),
        (b'{"songs": ["\xff"]}', "not UTF-8 (byte 12)"),
        ('{"songs": ["x"]}'.encode("utf-16"), "not UTF-8"),
        (b"[" * 100_000, "nested more than 16 levels"),
        (b'{"a":' * 30_000 + b"1" + b"}" * 30_000, "nested more than 16 levels"),
        (b'{"limit": ' + b"9" * 5000 + b"}", "not valid JSON"),
    ],
)
def test_body_that_is_not_json_is_refused(body, complaint):
    with pytest.raises(ParseError) as refusal:
        parse(body)
    assert complaint in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["\\u0000", "\\u0007", "\\u001b[2J", "\\u0085", "\\ud83d", "\\udc00x"]
)
def test_control_characters_and_half_pairs_are_refused_naming_the_field(text):
    body = f'{{"user_id": "fine", "songs": ["fine", "a{text}"]}}'.encode()
    with pytest.raises(ValidationError) as refusal:
        parse(body)
    assert list(refusal.value.detail) == ["songs"]


def test_tab_and_line_feed_are_text():
    assert parse(b'{"songs": ["a\\tb\\nc\\rd"]}') == {"songs": ["a\tb\nc\rd"]}


def test_surrogate_pair_is_one_character():
    assert parse(b'{"songs": ["\\ud83c\\udfb5"]}') == {"songs": ["🎵"]}


def test_control_character_in_a_field_name_is_refused():
    with pytest.raises(ParseError):
        parse(b'{"so\\u0000ngs": 1}')


def test_depth_at_the_limit_is_accepted_and_one_more_refused():
    deepest = b"[" * (MAX_DEPTH) + b"]" * (MAX_DEPTH)
    assert parse(deepest) is not None
    with pytest.raises(ParseError):
        parse(b"[" + deepest + b"]")


def test_body_over_the_limit_is_refused(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert parse(b'"' + b"a" * 98 + b'"') == "a" * 98
    with pytest.raises(BodyTooLarge):
        parse(b'"' + b"a" * 99 + b'"')


def test_body_without_an_announced_length_is_read_only_up_to_the_limit(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    stream = io.BytesIO(b'"' + b"a" * 10_000 + b'"')
    with pytest.raises(BodyTooLarge):
        StrictJSONParser().parse(stream, parser_context={})
    assert stream.tell() == 101


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_text_that_is_let_through_can_be_stored_and_sent(value):
    try:
        refuse_unstorable_text(value)
    except (ParseError, ValidationError):
        return
    assert "\x00" not in repr(value).replace("\\x00", "\x00")
    str(value).encode("utf-8")
