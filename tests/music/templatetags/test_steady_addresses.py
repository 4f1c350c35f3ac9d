"""Addresses without arguments are found once, and every other one as Django finds it."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse, set_script_prefix

from music.templatetags import steady_addresses


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


def test_site_under_a_path_has_addresses_of_its_own():
    render("{% url 'likes' %}")
    set_script_prefix("/under/")
    try:
        assert render("{% url 'likes' %}") == "/under/likes/"
    finally:
        set_script_prefix("/")
