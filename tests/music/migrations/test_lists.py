"""Suggestion lists take the place of rows of a song each, whichever version writes and reads."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from music.domain.history import list_history
from music.domain.impressions import record_outcome
from music.domain.song_joining import join_songs
from music.domain.suggestion_sums import sum_up_old_suggestions
from music.models import Impression, Song, SuggestionSum
from tests.factories import show_list
from tests.tunetrace_site.replication.rows import assert_equal_databases, change_only
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.keys import derive_key, derive_row_key
from tunetrace_site.replication.unit import run_unit

from .old_site import BEFORE_LISTS, CONTRACTED, COPIED, insert, key_of_user, migrate_to

HELLO, LITHIUM, YESTERDAY = (
    derive_row_key(Song, *names)
    for names in (("adele", "hello"), ("nirvana", "lithium"), ("the beatles", "yesterday"))
)


def show_as_before(alias, request_id, song_pks, at):
    """A list as the version before writes it: a row for each song, of the columns it knows."""
    for position, song_pk in enumerate(song_pks, start=1):
        insert(
            alias,
            "music_impression",
            id=derive_key("music.impression", request_id, song_pk),
            request_id=request_id,
            user_id=key_of_user("ann"),
            song_id=song_pk,
            position=position,
            stage="popular",
            created_at=f"{at:%Y-%m-%d %H:%M:%S}",
        )


@pytest.fixture
def two_versions(old_pair, sync):
    """Both databases with what the version before wrote, before its tables were expanded in one of
    them and afterwards, beside a list of this version that each of them has alone.
    """
    now = timezone.now()
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, BEFORE_LISTS)
    show_as_before(SQLITE, "one", [HELLO, LITHIUM], now - timedelta(minutes=3))
    show_as_before(POSTGRES, "old", [LITHIUM], now - timedelta(days=100))
    migrate_to(POSTGRES, COPIED)
    show_as_before(POSTGRES, "two", [YESTERDAY], now - timedelta(minutes=2))
    ann = User(pk=key_of_user("ann"))
    change_only(POSTGRES, lambda: show_list(Song(pk=LITHIUM), Song(pk=HELLO), user=ann))
    migrate_to(SQLITE, COPIED)
    change_only(SQLITE, lambda: show_list(Song(pk=YESTERDAY), user=ann))
    sync()
    return User.objects.get(user_id="ann")


def read_lists():
    """The songs of the lists that were just shown, and whether they were liked."""
    rows = Impression.objects.filter(created_at__gt=timezone.now() - timedelta(hours=1))
    return [[(song.song_pk, song.liked_at is not None) for song in r.list_songs()] for r in rows]


def test_nothing_that_either_version_wrote_is_lost(two_versions, sync):
    listener = two_versions
    assert_equal_databases()
    assert sorted(read_lists()) == sorted(
        [
            [(HELLO, False)],
            [(LITHIUM, False)],
            [(YESTERDAY, False)],
            [(LITHIUM, False), (HELLO, False)],
            [(YESTERDAY, False)],
        ]
    )
    [today, *_] = list_history(listener=listener)
    assert {song.song_pk for song in today.suggested} == {HELLO, LITHIUM, YESTERDAY}

    run_unit(lambda: record_outcome(listener=listener, song_pks=[HELLO], outcome="liked_at"))
    run_unit(lambda: join_songs(song=Song.objects.get(pk=LITHIUM),
                                into=Song.objects.get(pk=YESTERDAY)))  # fmt: skip
    assert sum_up_old_suggestions() >= 1
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, CONTRACTED)
    sync()

    assert_equal_databases()
    assert sorted(read_lists()) == sorted(
        [
            [(HELLO, True)],
            [(YESTERDAY, False)],
            [(YESTERDAY, False)],
            [(LITHIUM, False), (HELLO, True)],
            [(YESTERDAY, False)],
        ]
    )
    assert SuggestionSum.objects.get(user=listener).by_stage["popular"][0] == 1
