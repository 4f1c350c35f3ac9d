"""A song is shown once, by its best take that plays here."""

import pytest

from music.caching import stack
from music.collecting import backlog
from music.domain.dismissals import dismiss_song
from music.domain.likes import like_song
from music.domain.playing import find_playing_takes, show_likes, show_songs
from music.domain.suggestions import suggest_for_listener, suggest_popular
from music.models import VideoFeature
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory
from tests.music.collecting.test_handles import find_song

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def song(db):
    return SongFactory(artist="Nirvana", title="Come As You Are", genre="Grunge")


def test_best_take_is_the_song_itself_then_official_then_most_seen(song):
    live = VideoFactory(song=song, take="live", view_count=9_000, channel_title="NirvanaVEVO")
    assert find_playing_takes([song]) == {song.pk: live}
    lyrics = VideoFactory(song=song, take="lyrics", view_count=8_000, channel_title="Somebody")
    assert find_playing_takes([song]) == {song.pk: lyrics}
    seen = VideoFactory(song=song, view_count=7_000, channel_title="Somebody Else")
    assert find_playing_takes([song]) == {song.pk: seen}
    official = VideoFactory(song=song, view_count=10, channel_title="Nirvana")
    assert find_playing_takes([song]) == {song.pk: official}
    more = VideoFactory(song=song, view_count=20, channel_title="Nirvana - Topic")
    assert find_playing_takes([song]) == {song.pk: more}


def test_take_that_was_meant_comes_before_all_others(song):
    VideoFactory(song=song, view_count=10**9, channel_title="NirvanaVEVO")
    karaoke = VideoFactory(song=song, take="karaoke", view_count=1)
    assert find_playing_takes([song], meant={song.pk: karaoke.video_id}) == {song.pk: karaoke}


@pytest.mark.parametrize("take", ["cover", "karaoke", "remix", "instrumental", "reaction", "clip"])
def test_takes_by_others_never_play_a_song(song, take):
    VideoFactory(song=song, take=take)
    assert find_playing_takes([song]) == {}


@pytest.mark.parametrize(
    "facts",
    [
        {"available": False},
        {"embeddable": False},
        {"is_live": True},
        {"blocked_regions": ["US"]},
        {"allowed_regions": ["DE"]},
        {"duration": 20},
        {"duration": 3600},
        {"video_id": "unwanted001"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_what_does_not_play_here_is_not_taken(song, facts):
    VideoFactory(song=song, **facts)
    assert find_playing_takes([song], unwanted={"unwanted001"}) == {}


def test_songs_are_shown_in_one_query(song, django_assert_num_queries):
    songs = [song, *SongFactory.create_batch(20)]
    for one in songs[:10]:
        VideoFactory.create_batch(2, song=one)
    with django_assert_num_queries(1):
        shown = show_songs(songs)
    assert [one.song_id for one in shown] == [one.address for one in songs]
    assert [one.video_id is not None for one in shown] == [True] * 10 + [False] * 11


def test_like_is_shown_by_the_take_that_was_meant(song):
    VideoFactory(song=song, view_count=10**9)
    live = VideoFactory(song=song, take="live")
    like = LikeFactory(song=song, video=live)
    assert show_likes([like])[like.pk].video_id == live.video_id


def test_like_of_a_video_of_no_song_is_shown_by_the_video(db):
    video = VideoFactory(song=None, title="Rain for ten hours")
    like = LikeFactory(song=None, video=video, song_name="rain")
    assert (show_likes([like])[like.pk].song_id, str(show_likes([like])[like.pk])) == (
        video.video_id,
        "Rain for ten hours",
    )


@pytest.mark.django_db(transaction=True)
def test_suggestion_has_the_facts_of_the_song_and_the_video_that_plays_it(song):
    video = VideoFactory(song=song, genre="")
    (suggestion,) = suggest_popular(genre="Grunge", limit=1).suggestions
    assert (suggestion.song_id, suggestion.video_id) == (song.address, video.video_id)
    assert (suggestion.title, suggestion.genre) == ("Come As You Are", "Grunge")


@pytest.mark.django_db(transaction=True)
def test_songs_that_play_are_suggested_before_others(db):
    silent = SongFactory.create_batch(10, popularity=90)
    playing = [VideoFactory(song=one).song for one in SongFactory.create_batch(5, popularity=10)]
    shown = suggest_popular(limit=8).suggestions
    assert {one.song_id for one in shown[:5]} == {one.address for one in playing}
    assert {one.song_id for one in shown[5:]} < {one.address for one in silent}


@pytest.mark.django_db(transaction=True)
def test_song_liked_or_dismissed_by_any_take_does_not_come_back_by_another(song):
    listener, takes = ListenerFactory(), VideoFactory.create_batch(3, song=song)
    dismiss_song(listener=listener, reference=takes[0].video_id)
    assert suggest_for_listener(listener=listener).suggestions == ()
    like_song(listener=listener, song_name="", reference=takes[1].video_id)
    assert suggest_for_listener(listener=listener).suggestions == ()


@pytest.mark.django_db(transaction=True)
def test_song_without_a_video_has_one_at_the_next_look_without_a_search(youtube_server):
    named, _ = find_song(is_guessable=True)
    SongFactory(artist=named.artist, title=named.title)
    assert suggest_popular(limit=1).suggestions[0].video_id is None
    backlog.wait_for_growth()
    assert youtube_server.report()["searches"] == 0
    assert VideoFeature.objects.filter(video_id__in=named.right_ids).exists()
    stack.forget_everything()
    shown = suggest_popular(limit=50).suggestions
    assert named.right_ids & {suggestion.video_id for suggestion in shown}
