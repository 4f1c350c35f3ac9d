"""What people are told when YouTube cannot be asked; the server in the tests is made to fail."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from music.domain.songs import search_songs
from music.domain.suggestions import suggest_for_songs
from music.domain.youtube_trouble import describe_trouble
from music.youtube import quota
from tests.factories import SongFactory

UNKNOWN = "Nobody Inparticular - Unheard of Tune"

TROUBLES = [
    ("close", "YouTube does not answer at the moment"),
    ("garbage", "YouTube does not answer at the moment"),
    ("keyInvalid", "YouTube does not accept this site’s key"),
    ("searchQuotaExceeded", "Today’s YouTube searches are used up"),
]


@pytest.mark.parametrize(("mode", "told"), TROUBLES)
def test_suggestions_say_why_a_song_is_not_found(mode, told, gateway, youtube_server):
    SongFactory()
    youtube_server.fail(mode, resource="search" if "Quota" in mode else None)
    answer = suggest_for_songs(songs=[UNKNOWN]).shown
    assert answer.unresolved == (UNKNOWN,)
    assert [notice.startswith(told) for notice in answer.notices] == [False, True]


@pytest.mark.parametrize(("mode", "told"), TROUBLES)
def test_search_page_blames_youtube_and_not_the_spelling(mode, told, gateway, youtube_server):
    youtube_server.fail(mode, resource="search" if "Quota" in mode else None)
    (notice,) = search_songs(text=UNKNOWN).notices
    assert notice.startswith(told)


def test_time_at_which_searches_come_back_is_told(gateway, youtube_server, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 15, 20, tzinfo=UTC))
    youtube_server.configure(daily_searches=0)
    search_songs(text=UNKNOWN)
    assert "They come back at 08:00 UTC" in describe_trouble()


def test_short_of_searches_a_song_is_to_be_asked_for_twice(gateway, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 15, 20, tzinfo=UTC))
    quota.reserve(quota.SEARCH, 94, quota.LISTENER)
    assert describe_trouble() == ""
    quota.reserve(quota.SEARCH, 2, quota.LISTENER)
    (notice,) = search_songs(text=UNKNOWN).notices
    assert "when it is asked for a second time" in notice
    assert describe_trouble(caller=quota.IMPORT) == ""
    assert describe_trouble(quota.UNITS) == ""


def test_nothing_is_told_while_youtube_answers(gateway):
    assert search_songs(text=UNKNOWN).notices == (
        f"Nothing was found for “{UNKNOWN}”. Check the spelling, or add the artist.",
    )
    assert describe_trouble() == ""


def test_without_a_key_there_is_no_trouble(settings):
    settings.YOUTUBE_API_KEY = None
    assert describe_trouble() == ""
