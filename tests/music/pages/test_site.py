"""Pages about the site, its theme, its errors and its headers."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import LikeFactory, SongFactory, VideoFactory

PAGES = ["home", "search", "likes", "add_likes", "new_import", "taste", "about", "privacy"]


@pytest.mark.parametrize("name", [*PAGES, "account", "account_login", "account_signup"])
def test_pages_answer_anybody_and_load_nothing_from_elsewhere(guest, name):
    response = guest.get(reverse(name))
    assert response.status_code == 200
    loaded = re.findall(
        r'<(?:script|img|iframe|use|source)\b[^>]*(?:src|href)="([^"]+)"', response.text
    )
    loaded += re.findall(r'<link\b[^>]*href="([^"]+)"', response.text)
    assert [address for address in loaded if not address.startswith("/static/")] == []


@pytest.mark.parametrize("name", [*PAGES, "account", "account_login"])
def test_pages_have_no_inline_script_or_style(guest, name):
    text = guest.get(reverse(name)).text
    script = r"<script(?![^>]*\s(?:src=|type=.application/json))"
    assert re.findall(rf"<style|\sstyle=|\son\w+=|{script}", text) == []


def test_thumbnails_come_from_youtube_only_for_its_videos(guest):
    VideoFactory(video_id="dQw4w9WgXcQ", song=SongFactory(title="On YouTube"))
    SongFactory(title="In The Catalogue")
    text = guest.get("/for-you/").text
    assert re.findall(r'<img [^>]*src="(https:[^"]+)"', text) == [
        "https://i.ytimg.com/vi/dQw4w9WgXcQ/mqdefault.jpg"
    ]


def test_a_page_may_be_framed_by_nobody_and_tells_the_player_where_it_is(guest):
    headers = guest.get("/").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_privacy_links_to_the_terms_that_youtube_asks_for(guest):
    text = guest.get(reverse("privacy")).text
    for address in (
        "https://www.youtube.com/t/terms",
        "https://policies.google.com/privacy",
        "https://security.google.com/settings/security/permissions",
    ):
        assert f'href="{address}"' in text


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("", ""), ("x", "")],
)
def test_the_theme_is_remembered_without_a_script(guest, chosen, shown):
    response = guest.post(reverse("theme"), {"theme": chosen, "next": "/about/"})
    assert response.url == "/about/"
    assert f'<html lang="en"{shown}>' in guest.get("/about/").text


def test_a_forged_theme_cookie_is_ignored(guest):
    guest.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in guest.get("/about/").text


def test_an_unknown_page_is_not_found(guest):
    response = guest.get("/nope/")
    assert response.status_code == 404
    assert "There is nothing here" in response.text


def test_a_page_that_breaks_answers_500_without_a_database(monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr("music.pages.views.site.render", break_down)
    response = Client(raise_request_exception=False).get("/about/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.text


def test_pages_about_the_site_ask_no_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/about/").status_code == 200
        assert client.get("/privacy/").status_code == 200


def test_programs_that_read_no_page_find_the_mark(guest):
    assert guest.get("/favicon.ico").url.endswith("img/favicon.ico")


@pytest.mark.parametrize(("view", "name"), [("for_you", "plays"), ("likes", "missing")])
def test_box_to_tick_stands_before_its_label(browser, listener, songs, view, name):
    """Below its label it would look like a field of its own, whichever widget draws it."""
    LikeFactory(user=listener, song=songs[0])
    page = browser.get(reverse(view)).text
    assert re.search(
        rf'<div class="field field-check">\s*<input type="checkbox" name="{name}"', page
    )
