import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.names.normalization import clean_text, normalize_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Beyoncé — Halo!", "beyonce halo"),
        ("Guns N' Roses", "guns n roses"),
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("AC/DC", "ac dc"),
        ("Ёлка", "елка"),
        ("Каждый раз", "каждый раз"),
        ("हिन्दी गाना", "हिन्दी गाना"),
        ("が", "が"),
        ("ＡＢＣ　ｄｅｆ", "abc def"),
        ("straße", "strasse"),
        ("❤️", ""),
        ("!?…", ""),
        ("\u0301", ""),
        ("snake_case", "snake case"),
    ],
)
def test_normalize_key_sets_aside_what_does_not_matter(text, key):
    assert normalize_key(text) == key


def test_normalize_key_of_composed_and_decomposed_letters_is_equal():
    assert normalize_key("Dvořák が हिन्दी") == normalize_key("Dvor\u030ca\u0301k か\u3099 हिन्दी")


@given(st.text())
def test_normalize_key_is_total_and_idempotent(text):
    key = normalize_key(text)
    assert normalize_key(key) == key
    assert key == " ".join(key.split())


def test_clean_text_removes_what_cannot_be_seen():
    assert clean_text("  a\x00b \n c\ufeff ") == "a b c"
    assert clean_text("Vide\u200bo") == "Video"  # as YouTube writes some titles
