"""The operators' pages at 1,280 px: nothing lies over anything else, no column is out of sight."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from music.models import Playback
from tests.browser.operators import PICTURES, find_overlaps
from tests.factories import (
    DismissalFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
    VideoFactory,
)
from tests.music.admin.test_tables import TABLES

LONG = "Wolfgang Amadeus Mozart & the Orchestra of Somewhere"


@pytest.fixture
def operator_page(page, live_server):
    """A page of a signed-in superuser, and rows with long names in every table."""
    named = ListenerFactory(email=None, user_id="a-front-end-with-a-long-name:" + "4" * 40)
    song = SongFactory(artist=LONG, title="Succession (Main Title Theme) (Extended Intro Version)")
    LikeFactory(user=named, song=song, song_name=f"{LONG} Succession (Main Title Theme)")
    DismissalFactory(user=named, song=song)
    Playback.objects.create(user=named, song=song, kind="play")
    VideoFactory(song=song, title=f"{LONG} - Succession (Official)", channel_title=LONG)
    for add, _ in TABLES.values():
        add()
    client = Client()
    client.force_login(
        get_user_model().objects.create_superuser("op@example.org", "secret-word-9"),
        "django.contrib.auth.backends.ModelBackend",
    )
    client.get("/admin/jsi18n/")  # the session notes when its operator's hours began
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])
    return page


def test_nothing_overlaps_on_any_page(operator_page):
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    found = {}
    for address in dict.fromkeys([*PICTURES.values(), *lists]):
        assert operator_page.goto(address).status == 200, address
        if overlaps := find_overlaps(operator_page):
            found[address] = overlaps
    assert found == {}
