"""Prepared statements answer as Django's own queries do, in both databases."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connections
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from music.models import Song
from tests.factories import SongFactory
from tunetrace_site.replication.keys import derive_row_key
from tunetrace_site.replication.prepared import PreparedQuery, insert, insert_missing
from tunetrace_site.replication.unit import current_alias, run_unit

COLUMNS = ("pk", "title", "aliases", "is_bundled", "joined_to__address", "updated_at")


def list_in_order(songs):
    return songs.order_by("title").values_list(*COLUMNS)


TITLED = PreparedQuery(
    Song, lambda titles: list_in_order(Song.objects.filter(title_key__among=titles))
)
KEYED_OR_NEW = PreparedQuery(
    Song,
    lambda pks, artist, since: list_in_order(
        Song.objects.filter(Q(pk__among=pks) | Q(artist_key=artist, updated_at__gte=since))
    ),
)
BRIEF = PreparedQuery(Song, lambda titles: Song.objects.filter(title__among=titles).only("title"))
OF_SONGS = PreparedQuery(Song, lambda pks: list_in_order(Song.objects.filter(joined_to__among=pks)))

CONTAINING = PreparedQuery(
    Song,
    lambda key, words: list_in_order(
        Song.objects.filter(Q(title_key__contains=key) | Q(title__icontains=words))
    ),
)


def make_songs():
    first = SongFactory(artist="Ann", title="One", aliases=["Uno", "Один"], is_bundled=True)
    second = SongFactory(artist="Ann", title="It’s “two”, 100 %", aliases=[])
    SongFactory(artist="Ben", title="Three", joined_to=first)
    Song.objects.filter(pk=first.pk).update(updated_at=timezone.now() - timedelta(days=2))
    return first, second


def test_prepared_queries_answer_as_others_do(preference):
    first, second = run_unit(make_songs)
    songs = Song.objects.all()
    yesterday = timezone.now() - timedelta(days=1)

    def compare():
        for keys in ([first.title_key, second.title_key, "none"], [first.title_key], []):
            expected = list_in_order(songs.filter(title_key__in=keys))
            assert TITLED.fetch(keys) == list(expected)
        for pks in ({first.pk}, {first.pk, second.pk}, set()):
            found = songs.filter(Q(pk__in=pks) | Q(artist_key="ann", updated_at__gte=yesterday))
            assert KEYED_OR_NEW.fetch(pks, "ann", yesterday) == list(list_in_order(found))
        assert OF_SONGS.fetch([first.pk]) == list(list_in_order(songs.filter(joined_to=first)))
        for key, words in (("t", "ON"), ("%", "100 %"), ("two 100", "\\"), ("_", "“TWO”")):
            found = songs.filter(Q(title_key__contains=key) | Q(title__icontains=words))
            assert CONTAINING.fetch(key, words) == list(list_in_order(found))
        everything = list(list_in_order(songs))
        assert CONTAINING.fetch_slice(slice(1, 3), "", "") == everything[1:3]
        [brief] = BRIEF.fetch_models(["It’s “two”, 100 %"])
        assert (brief, brief._state.db) == (second, current_alias())
        assert brief.get_deferred_fields() >= {"artist", "aliases"}
        assert brief.artist == "Ann"

    run_unit(compare, write=False)


def test_prepared_query_is_written_once_for_any_number_of_values(preference):
    run_unit(make_songs)

    def count():
        with CaptureQueriesContext(connections[current_alias()]) as captured:
            TITLED.fetch(["one"])
            TITLED.fetch(["one", "three"])
        # Each value shows as one text in what was sent: the statements are of equal length else.
        one, two = (query["sql"] for query in captured)
        assert one.partition("WHERE")[0] == two.partition("WHERE")[0]
        assert len(TITLED._written) <= 2

    run_unit(count, write=False)


def test_rows_are_inserted_once_and_the_new_ones_counted(preference):
    def make(name):
        return User(pk=derive_row_key(User, name), user_id=name, password="!")

    run_unit(lambda: insert([make("ann"), make("bob")]))
    assert run_unit(lambda: insert_missing([make("bob"), make("cid"), make("dan")])) == 2
    assert run_unit(lambda: insert_missing([make("ann")])) == 0
    assert run_unit(lambda: insert_missing([])) == 0
    with pytest.raises(IntegrityError):
        run_unit(lambda: insert([make("eve"), make("ann")]))
    names = run_unit(lambda: sorted(User.objects.values_list("user_id", flat=True)), write=False)
    assert names == ["ann", "bob", "cid", "dan"]
