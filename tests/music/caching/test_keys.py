"""music/caching/keys.py: different requests never share a key, equal ones always do."""

import ast
import inspect
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

import music.caching
from music.caching import keys, liked_songs, queries, responses, stack

TEXT = st.text(max_size=12)
NAMES = st.lists(
    st.sampled_from(
        ["Halo", "halo", " HALO ", "Hálo", "Ha-lo", "!!!", "???", "", "夜に駆ける", "Motörhead"]
    )
    | TEXT,
    max_size=4,
)
PARTS = {
    "seeds": NAMES,
    "song_ids": st.lists(st.sampled_from(["dQw4w9WgXcQ", "dqw4w9wgxcq", "x"]), max_size=2),
    "text": st.sampled_from(["", "sad 90s rock", "Sad  90s ROCK"]),
    "taste": st.sampled_from(["", "a", "b"]),
    "genres": st.lists(st.sampled_from(["Rock", "rock", "any", "K-pop"]), max_size=2),
    "limit": st.integers(1, 3),
    "adventurousness": st.sampled_from([0, 0.0, 0.5, 1.0]),
    "source": st.sampled_from(["youtube", "catalogue"]),
    "index_version": st.sampled_from(["1", "2"]),
    "listener_pk": st.sampled_from([None, 1, 12]),
}
REQUESTS = st.fixed_dictionaries(PARTS)


def _meaning(request):
    """What the answer depends on, written the slow and obvious way."""
    genres = {keys.fold_text(genre) for genre in request["genres"]} - {"any", ""}
    return (
        {keys.fold_text(name) for name in request["seeds"]},
        set(request["song_ids"]),
        keys.fold_text(request["text"]),
        genres,
        float(request["adventurousness"]),
        *(request[name] for name in ("taste", "limit", "source", "index_version", "listener_pk")),
    )


@given(REQUESTS, REQUESTS)
def test_two_requests_share_a_key_exactly_when_they_mean_the_same(one, other):
    same = _meaning(one) == _meaning(other)
    assert (keys.suggestions_key(**one) == keys.suggestions_key(**other)) is same


@given(REQUESTS, st.sampled_from(list(PARTS)), st.data())
def test_changing_any_one_part_changes_the_key(request_, part, data):
    other = {**request_, part: data.draw(PARTS[part])}
    same = _meaning(request_) == _meaning(other)
    assert (keys.suggestions_key(**request_) == keys.suggestions_key(**other)) is same


@given(st.lists(TEXT, max_size=6), st.randoms(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_order_case_spacing_and_unicode_form_make_no_difference(names, random, form):
    written = [f"  {unicodedata.normalize(form, name)}\t" for name in names] + names[:1]
    random.shuffle(written)
    assert keys.suggestions_key(seeds=written) == keys.suggestions_key(seeds=names)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert keys.fold_text(keys.fold_text(text)) == keys.fold_text(text)


def test_upper_and_lower_case_meet():
    written = ["COME AS YOU ARE", "Straße", "ＡＢＣ", "Ünïcode"]
    other = ["come as you are", "STRASSE", "abc", "U\u0308NI\u0308CODE"]
    assert keys.suggestions_key(seeds=written) == keys.suggestions_key(seeds=other)


def test_names_of_only_punctuation_stay_apart():
    assert len({keys.suggestions_key(seeds=[name]) for name in ("!!!", "???", "+", "-", "")}) == 5


def test_names_cannot_be_joined_into_another_request():
    pairs = [["a", "b"], ["a,b"], ['a","b'], ["a\x1fb"], ["ab"], ["a b"]]
    assert len({keys.suggestions_key(seeds=names) for names in pairs}) == len(pairs) - 1
    assert keys.suggestions_key(seeds=["a\x1fb"]) == keys.suggestions_key(seeds=["a b"])


def test_lone_surrogates_and_nul_have_keys():
    assert keys.suggestions_key(seeds=["\ud800"]) != keys.suggestions_key(seeds=["\udfff"])
    assert keys.suggestions_key(seeds=["a\x00"]) == keys.suggestions_key(seeds=["a"])


def test_a_key_shows_nothing_of_what_was_asked():
    key = keys.suggestions_key(seeds=["Secret Song"], listener_pk=42)
    assert key == f"suggestions:42-{key.digest}"
    assert len(key.digest) == 40
    assert key.scopes == (key, "suggestions", "listener:42")


def test_a_key_read_back_is_the_same_key():
    for pk in (None, 7, 2**63 - 1):
        key = keys.suggestions_key(seeds=["x"], listener_pk=pk)
        read = keys.parse_suggestions_key(str(key))
        assert (read, read.digest, read.scopes) == (key, key.digest, key.scopes)


def test_texts_that_are_no_key_of_ours_are_none():
    bad = ["", "suggestions:", "lease:suggestions:x", f"suggestions:x-{'0' * 40}", "suggestions:*"]
    assert [keys.parse_suggestions_key(text) for text in bad] == [None] * len(bad)


@given(st.randoms())
def test_a_taste_is_the_same_in_any_order_and_another_when_anything_changes(random):
    likes = [("Halo", "v1", True), ("halo", None, True), ("Yellow", "v2", False)]
    feedback = [("play", "v1", 1.0), ("skip", "v1", 1.0), ("dismiss", "v2", 2.5)]
    shuffled = random.sample(likes, 3), random.sample(feedback, 3)
    digest = keys.taste_digest(likes=likes, feedback=feedback)
    assert keys.taste_digest(likes=shuffled[0], feedback=shuffled[1]) == digest
    others = [
        keys.taste_digest(likes=likes[1:], feedback=feedback),
        keys.taste_digest(likes=[("Halo", "v1", False), *likes[1:]], feedback=feedback),
        keys.taste_digest(likes=likes, feedback=[("play", "v1", 1.5), *feedback[1:]]),
        keys.taste_digest(likes=likes),
        keys.taste_digest(),
    ]
    assert len({digest, *others}) == 6


def test_a_response_key_depends_on_the_call_and_every_parameter():
    made = [
        keys.response_key("search", q="a", n=1),
        keys.response_key("search", q="a", n=2),
        keys.response_key("videos", q="a", n=1),
        keys.response_key("search", n=1, q="a"),
    ]
    assert len(set(made)) == 3
    assert made[0] == made[3]


def test_every_call_that_the_package_shows_exists():
    shown = inspect.getdoc(music.caching).split("::\n\n")[1].split("\n\n``compute``")[0]
    parts = {m.__name__.rpartition(".")[2]: m for m in (keys, liked_songs, queries, responses)}
    parts |= {"stack": stack}
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.cleandoc(shown)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert len(calls) == 9
    for call in calls:
        called = eval(ast.unparse(call.func), {}, parts)
        keywords = {word.arg: ... for word in call.keywords}
        if "..." not in map(ast.unparse, call.args):
            inspect.signature(called).bind(*call.args, **keywords)
