"""Addresses are those of Django; of most of them nothing is looked for again."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils.html import escape

from music.templatetags import steady_addresses
from music.templatetags.steady_addresses import find_address


def render(text: str, **values: object) -> str:
    return Template(text).render(Context({"request": RequestFactory().get("/"), **values}))


def test_address_is_that_of_django_and_is_found_once(monkeypatch):
    assert render("{% url 'likes' %}") == reverse("likes")
    monkeypatch.setattr(steady_addresses, "reverse", lambda *_, **__: pytest.fail("found again"))
    assert render('{% url "likes" %}') == "/likes/"


def test_other_forms_are_djangos():
    assert render("{% url name %}", name="likes") == "/likes/"
    assert render("{% url 'song' reference %}", reference="a/b") == "/songs/a/b"
    assert render("{% url 'likes' as here %}<{{ here }}>") == "</likes/>"
    assert render("{% url 'nowhere' as here %}<{{ here }}>") == "<>"
    assert render("{% url 'admin:index' %}") == "/admin/"
    with pytest.raises(NoReverseMatch):
        render("{% url 'nowhere' %}")


ARGUMENTS = ("a/b", "été – ?&#%/'\"<b>", "a b+c;d=e", "東京", "%2F", "x\N{ZERO WIDTH JOINER}y")


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_address_with_an_argument_is_that_of_django(argument):
    assert find_address("song", argument) == reverse("song", args=[argument])
    assert render("{% url 'song' it as here %}{{ here }}", it=argument) == escape(
        reverse("song", args=[argument])
    )


def test_address_of_a_number_or_a_token_is_that_of_django():
    assert find_address("match", 25) == reverse("match", args=[25]) == "/likes/25/match/"
    assert find_address("import_rows", "ab_c-") == reverse("import_rows", args=["ab_c-"])


@pytest.mark.parametrize("arguments", [(), ("",), (None,)])
def test_address_whose_argument_is_missing_is_an_error(arguments):
    with pytest.raises(NoReverseMatch):
        find_address("song", *arguments)


def test_site_under_a_path_has_addresses_of_its_own():
    render("{% url 'likes' %}")
    set_script_prefix("/under/")
    try:
        assert render("{% url 'likes' %}") == "/under/likes/"
        assert find_address("match", 1) == "/under/likes/1/match/"
    finally:
        set_script_prefix("/")
