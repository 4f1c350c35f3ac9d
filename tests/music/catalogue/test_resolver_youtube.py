"""The rungs that ask YouTube, against a real server that speaks its API and counts quota."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.utils import timezone

from music.catalogue import resolver
from music.catalogue.rungs import searches
from music.collecting import handles
from music.models import Chore, MatchCorrection, QueryCache, Song, VideoFeature
from music.youtube import quota
from tests.factories import ListenerFactory, VideoFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_guesses(monkeypatch):
    """No artist's handle can be guessed: that rung has tests of its own (``test_handles.py``)."""
    monkeypatch.setattr(handles, "SUFFIXES", ())


@pytest.fixture(scope="module")
def songs():
    """What the server knows, with the ids that are right, the best known first."""
    return build_synthetic_world(n_artists=40, n_songs=400)[1]


def name(song):
    return f"{song.artist} - {song.title}"


def plays(answer, song):
    """Whether the answer is a song of which the right video is stored."""
    takes = VideoFeature.objects.filter(song__address=answer.song_id)
    return not song.right_ids.isdisjoint(takes.values_list("video_id", flat=True))


def by_artist(songs, n):
    """The best known artist with at least ``n`` songs, and those songs."""
    first = next(s.artist for s in songs if sum(o.artist == s.artist for o in songs) >= n)
    return [song for song in songs if song.artist == first][:n]


def test_unknown_song_costs_one_search_and_one_unit(youtube_server, songs):
    answer = resolver.resolve([name(songs[0])])[0]
    assert plays(answer, songs[0])
    assert answer.rung == "search"
    report = youtube_server.report()
    assert (report["searches"], report["units"]) == (1, 1)


def test_all_results_of_a_search_are_stored_with_what_is_known_of_them(youtube_server, songs):
    resolver.resolve([name(songs[0])])
    assert VideoFeature.objects.count() == 50
    assert VideoFeature.objects.exclude(duration=None).count() == 50


def test_same_question_again_asks_nobody(youtube_server, songs):
    first = resolver.resolve([name(songs[0])])[0]
    again = resolver.resolve([name(songs[0]).upper()])[0]
    assert (again.song_id, again.rung) == (first.song_id, "query_cache")
    assert youtube_server.report()["searches"] == 1


def test_another_song_of_a_known_artist_costs_no_search(youtube_server, songs):
    known, other = by_artist(songs, 2)
    resolver.resolve([name(known)])
    VideoFeature.objects.exclude(song__title_key=known.title.lower()).delete()
    Song.objects.exclude(title_key=known.title.lower()).delete()
    answer = resolver.resolve([name(other)])[0]
    assert plays(answer, other)
    assert answer.rung == "channel"
    assert youtube_server.report()["searches"] == 1


def test_channel_that_was_read_this_week_is_not_read_again(youtube_server, songs):
    known = songs[0]
    resolver.resolve([name(known)])
    channels = VideoFeature.objects.values_list("channel_id", flat=True).distinct()
    Chore.objects.bulk_create(
        Chore(kind=Chore.Kind.CHANNEL, name=channel, done_at=timezone.now()) for channel in channels
    )
    resolver.resolve([f"{known.artist} - no such song of theirs"])
    assert youtube_server.report()["by_resource"].get("playlistItems", 0) == 0


def test_nonsense_is_remembered_as_nothing(youtube_server):
    first, again = (resolver.resolve(["asdfgh qwerty zxcvb"])[0] for _ in range(2))
    assert (first.is_found, again.is_found) == (False, False)
    assert youtube_server.report()["searches"] == 1
    assert QueryCache.objects.get().song is None
    assert QueryCache.objects.get().expires_at > timezone.now()


def test_what_was_stored_since_it_was_asked_in_vain_is_found(youtube_server):
    resolver.resolve(["Asdfgh - Qwerty Zxcvb"])
    stored = VideoFactory(song__artist="Asdfgh", song__title="Qwerty Zxcvb").song
    answer = resolver.resolve(["Asdfgh - Qwerty Zxcvb"])[0]
    assert (answer.song_id, answer.rung) == (stored.address, "stored")
    assert youtube_server.report()["searches"] == 1


def test_quota_gone_leaves_names_unresolved_and_remembers_nothing(youtube_server, songs, settings):
    settings.YOUTUBE_DAILY_SEARCHES = 0
    assert resolver.resolve([name(songs[0])])[0].rung == "unresolved"
    assert youtube_server.report()["searches"] == 0
    assert QueryCache.objects.count() == 0


def test_last_searches_are_for_names_that_are_asked_for_twice(youtube_server, songs, monkeypatch):
    noon = datetime(2026, 11, 22, 20, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    wanted, other, imported = list({song.artist: song for song in songs}.values())[:3]
    quota.reserve(quota.SEARCH, 94, quota.LISTENER)
    resolver.resolve([name(other)])
    assert youtube_server.report()["searches"] == 1  # 6 of 100 were left at noon
    quota.reserve(quota.SEARCH, 1, quota.LISTENER)
    VideoFeature.objects.all().delete()
    Song.objects.all().delete()
    assert resolver.resolve([name(wanted)])[0].rung == "unresolved"
    assert youtube_server.report()["searches"] == 1
    assert plays(resolver.resolve([name(wanted)])[0], wanted)
    assert youtube_server.report()["searches"] == 2
    VideoFeature.objects.all().delete()
    Song.objects.all().delete()
    # A list that somebody imports waits for searches by itself.
    assert plays(resolver.resolve([name(imported)], caller=quota.IMPORT)[0], imported)


@pytest.mark.parametrize("mode", ["garbage", "close", "half_body"])
def test_broken_youtube_leaves_names_unresolved(youtube_server, songs, mode):
    youtube_server.fail(mode)
    assert resolver.resolve([name(songs[0])])[0].song_id is None
    assert QueryCache.objects.count() == 0


def test_units_gone_keeps_what_the_search_told(youtube_server, songs, settings):
    settings.YOUTUBE_DAILY_UNITS = 0
    answer = resolver.resolve([name(songs[0])])[0]
    assert plays(answer, songs[0])
    assert VideoFeature.objects.count() == 50


def test_one_call_searches_at_most_ten_times_for_a_listener(youtube_server, songs):
    artists = list({song.artist: song for song in songs}.values())[:20]
    resolver.resolve([name(song) for song in artists])
    assert youtube_server.report()["searches"] <= searches.MAX_SEARCHES


def test_many_threads_with_one_question_make_one_search(youtube_server, songs):
    youtube_server.configure(latency_seconds=0.05)
    answers = []

    def ask():
        try:
            answers.append(resolver.resolve([name(songs[0])])[0].song_id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert youtube_server.report()["searches"] == 1


def test_rejected_song_is_not_answered_and_others_are_not_told(youtube_server, songs):
    listener = ListenerFactory()
    first = resolver.resolve([name(songs[0])])[0]
    MatchCorrection.objects.create(
        user=listener, query=QueryCache.objects.get().query, rejected_ids=[first.song_id]
    )
    theirs = resolver.resolve([name(songs[0])], listener_id=listener.pk)[0]
    assert theirs.song_id != first.song_id
    assert resolver.resolve([name(songs[0])])[0].song_id == first.song_id


def test_answer_of_a_search_offers_its_other_results(youtube_server, songs):
    answer = resolver.resolve([name(songs[0])])[0]
    assert len(answer.alternatives) == 10
    assert answer.song_id not in answer.alternatives
