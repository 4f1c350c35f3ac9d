"""Links to videos as the names of songs, against a real server that counts what they cost."""

import threading

import pytest
from django.db import connections

from music.catalogue import resolver
from music.domain import likes, songs
from music.models import MatchCorrection, QueryCache, QuotaUsage, VideoFeature
from tests.factories import ListenerFactory, SongFactory, VideoFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world

pytestmark = pytest.mark.django_db(transaction=True)

WORLD, _ = build_synthetic_world(n_artists=40, n_songs=400)
IDS = list(WORLD.videos)[:50]
GONE = "https://youtu.be/AAAAAAAAAAA"


def link(video_id):
    return f"https://www.youtube.com/watch?v={video_id}&t=1s"


def calls(youtube_server):
    report = youtube_server.report()
    return report["searches"], report["units"]


def test_fifty_links_cost_one_unit_and_no_search(youtube_server):
    answers = resolver.resolve([link(video_id) for video_id in IDS])
    assert [answer.video_id for answer in answers] == IDS
    assert {answer.rung for answer in answers} == {"link"}
    assert calls(youtube_server) == (0, 1)
    assert VideoFeature.objects.exclude(duration=None).count() == 50
    assert QuotaUsage.objects.get(bucket="units", caller="listener").used == 1


def test_link_to_a_stored_video_costs_nothing(youtube_server):
    song = VideoFactory(video_id="abc_DEF-123")
    answer = resolver.resolve(["youtu.be/abc_DEF-123"])[0]
    assert (answer.video_id, answer.rung) == (song.video_id, "link")
    assert calls(youtube_server) == (0, 0)


def test_link_names_the_song_and_the_take(youtube_server):
    video = VideoFactory(video_id="abc_DEF-123", take="live")
    answer = resolver.resolve(["youtu.be/abc_DEF-123"])[0]
    assert (answer.song_id, answer.video_id) == (video.song.address, video.video_id)


def test_link_to_a_video_of_no_song_names_the_video(youtube_server):
    VideoFactory(video_id="abc_DEF-123", song=None)
    answer = resolver.resolve(["youtu.be/abc_DEF-123"])[0]
    assert (answer.song_id, answer.video_id, answer.is_found) == (None, "abc_DEF-123", True)


def test_link_to_nothing_is_unresolved_and_not_asked_again_for_a_day(youtube_server):
    for _ in range(2):
        answer = resolver.resolve([GONE])[0]
        assert (answer.video_id, answer.rung) == (None, "unresolved")
    assert calls(youtube_server) == (0, 1)


def test_link_in_wrong_case_says_nothing_of_the_right_one(youtube_server):
    assert resolver.resolve([link(IDS[0].swapcase())])[0].video_id is None
    assert resolver.resolve([link(IDS[0])])[0].video_id == IDS[0]


def test_link_to_a_stored_video_that_is_gone_is_asked_for(youtube_server):
    VideoFactory(video_id="AAAAAAAAAAA", available=False)
    assert resolver.resolve([GONE])[0].video_id is None
    assert calls(youtube_server) == (0, 1)


def test_without_a_key_only_a_stored_video_is_found(settings):
    settings.YOUTUBE_API_KEY = None
    song = VideoFactory(video_id="abc_DEF-123")
    answers = resolver.resolve(["youtu.be/abc_DEF-123", GONE])
    assert [answer.video_id for answer in answers] == [song.video_id, None]
    assert QueryCache.objects.count() == 0


@pytest.mark.parametrize("mode", ["quotaExceeded", "close", "keyInvalid"])
def test_link_waits_while_youtube_cannot_be_asked(youtube_server, mode):
    youtube_server.fail(mode)
    assert resolver.resolve([link(IDS[0])])[0].rung == "unresolved"
    assert QueryCache.objects.count() == 0
    assert youtube_server.report()["by_resource"].get("search", 0) == 0


def test_rejected_link_is_neither_answered_nor_asked_for(youtube_server):
    video, listener = VideoFactory(video_id="abc_DEF-123"), ListenerFactory()
    like = likes.like_song(listener=listener, song_name="youtu.be/abc_DEF-123")
    likes.correct_match(listener=listener, like_id=like.pk, reference=None)
    assert MatchCorrection.objects.get().rejected_ids == [video.song.address]
    theirs = resolver.resolve(["youtu.be/abc_DEF-123"], listener_id=listener.pk)[0]
    assert not theirs.is_found
    assert calls(youtube_server) == (0, 0)


def test_many_threads_with_one_link_ask_once(youtube_server):
    youtube_server.configure(latency_seconds=0.1)
    answers = []

    def ask():
        answers.append(resolver.resolve([link(IDS[0])])[0].video_id)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [IDS[0]] * 4
    assert calls(youtube_server) == (0, 1)


def test_links_to_one_video_are_one_like_in_the_words_of_the_first(youtube_server):
    listener = ListenerFactory()
    for text in (link(IDS[0]), f"youtu.be/{IDS[0]}"):
        like = likes.like_songs(listener=listener, song_names=[text])[0]
        assert (like.song_name, like.video.video_id) == (link(IDS[0]), IDS[0])
    assert listener.liked_songs.count() == 1


def test_search_page_shows_the_linked_video_alone(youtube_server):
    SongFactory(title="Watch")
    found = songs.search_songs(text=link(IDS[0]))
    assert [song.video_id for song in found.songs] == [IDS[0]]
    assert found.notices == ()
    assert calls(youtube_server) == (0, 1)


def test_search_page_says_that_a_link_leads_nowhere(youtube_server):
    found = songs.search_songs(text=GONE)
    assert found.songs == ()
    assert found.notices == (f"YouTube shows no video at “{GONE}”: it may be deleted or private.",)


def test_search_page_says_when_a_link_can_be_asked_for_again(youtube_server):
    youtube_server.configure(daily_units=0)
    (notice,) = songs.search_songs(text=GONE).notices
    assert notice.startswith("Today’s YouTube calls are used up. They come back at ")
