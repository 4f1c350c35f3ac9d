"""Suggestion lists are written behind the answers, and given up before anything else."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from music.domain import impressions
from music.domain.dismissals import dismiss_song
from music.domain.history import list_history
from music.domain.likes import like_song
from music.domain.song_joining import join_songs
from music.models import Impression
from music.records import Suggestion
from tests.factories import ListenerFactory, SongFactory, show_list


@pytest.fixture(autouse=True)
def in_worker(monkeypatch):
    """As in a worker of the site, but that nobody writes until the test says so."""
    impressions._is_written_beside.set()
    yield
    impressions._is_written_beside.clear()
    impressions._waiting.clear()


def shown(n):
    return tuple(
        Suggestion(
            song_id=f"a/{i}", song_pk=i + 1, title="T", artist="A", score=1.0, stage="content"
        )
        for i in range(n)
    )


def record(listener, list_key, n=10):
    impressions.record_impressions(listener=listener, list_key=list_key, suggestions=shown(n))


@pytest.mark.django_db
def test_lists_wait_and_are_written_in_one_statement(django_assert_max_num_queries):
    listeners = ListenerFactory.create_batch(3)
    for n, listener in enumerate(listeners):
        record(listener, f"{n:016x}")
        record(listener, f"{n:016x}")
    assert Impression.objects.count() == 0
    with django_assert_max_num_queries(4):
        impressions.write_waiting()
    assert [len(row.song_pks) for row in Impression.objects.all()] == [10] * 3


@pytest.mark.django_db
def test_lists_that_there_is_no_room_for_are_shed_and_counted(monkeypatch):
    monkeypatch.setattr(impressions, "MAX_WAITING", 2)
    before, listener = impressions.SHED.value, ListenerFactory()
    for n in range(4):
        record(listener, f"{n:016x}")
    assert impressions.SHED.value == before + 2
    impressions.write_waiting()
    assert Impression.objects.count() == 2


@pytest.mark.django_db
def test_list_of_a_listener_who_was_deleted_meanwhile_is_left_out():
    stays, goes = ListenerFactory.create_batch(2)
    for listener in (stays, goes):
        record(listener, "1" * 16)
    goes.delete()
    impressions.write_waiting()
    assert set(Impression.objects.values_list("user", flat=True)) == {stays.pk}


@pytest.mark.django_db
def test_like_and_dismissal_are_noted_in_every_list_that_the_song_stood_in():
    songs, listener = SongFactory.create_batch(3), ListenerFactory()
    join_songs(song=songs[1], into=songs[2])
    show_list(*songs[:2], user=listener)
    show_list(songs[2], user=listener)
    before = Impression.objects.create(  # as the version before wrote it
        request_id="before", user=listener, song=songs[2], position=4, stage="popular"
    )
    show_list(songs[2])  # to somebody else

    dismiss_song(listener=listener, reference=songs[2].address)
    noted = read_outcomes()
    like_song(listener=listener, song_name="", reference=songs[2].address)
    like_song(listener=listener, song_name="other words", reference=songs[0].address)

    assert [row.dismissed_at is not None for row in noted] == [False, True, True, True, False]
    assert [song.dismissed_at for song in read_outcomes()] == [row.dismissed_at for row in noted]
    liked = [song.liked_at is not None for song in read_outcomes()]
    assert liked == [True, True, True, True, False]
    before.refresh_from_db()
    assert before.liked_at is not None


def read_outcomes():
    """The songs of all lists, in the order in which those were shown."""
    return [song for row in Impression.objects.order_by("created_at") for song in row.list_songs()]


@pytest.mark.django_db
def test_like_of_somebody_with_many_lists_takes_one_statement(django_assert_num_queries):
    listener = ListenerFactory()
    for _ in range(3):
        show_list(*SongFactory.create_batch(2), user=listener)
    with django_assert_num_queries(1):
        impressions.record_outcome(listener=listener, song_pks=[2**62], outcome="liked_at")


@pytest.mark.django_db
def test_history_shows_each_song_of_a_day_once_whoever_wrote_the_list():
    songs, listener = SongFactory.create_batch(4), ListenerFactory()
    now = timezone.now().replace(hour=12)
    join_songs(song=songs[3], into=songs[2])
    show_list(songs[2], songs[0], user=listener, created_at=now)
    Impression.objects.create(
        request_id="before", user=listener, song=songs[1], position=1, stage="popular",
        created_at=now - timedelta(minutes=1),
    )  # fmt: skip
    show_list(songs[3], songs[0], user=listener, created_at=now - timedelta(minutes=2))
    [day] = list_history(listener=listener)
    assert [song.song_pk for song in day.suggested] == [songs[n].pk for n in (2, 0, 1)]


@pytest.mark.django_db(transaction=True)
def test_worker_writes_them_every_second(monkeypatch):
    monkeypatch.setattr(impressions, "WRITE_EVERY_SECONDS", 0.05)
    record(ListenerFactory(), "2" * 16)
    impressions.write_beside()
    deadline = time.monotonic() + 30
    while not Impression.objects.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    impressions.stop_writing_beside()
