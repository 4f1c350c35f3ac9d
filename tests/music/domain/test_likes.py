import pytest

from music.domain import likes
from music.domain.listeners import load_taste
from music.errors import InvalidInput, NotFound
from music.models import Dismissal, Impression, MatchCorrection, Playback, UserLikedSong
from tests.factories import DismissalFactory, LikeFactory, ListenerFactory, SongFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener():
    return ListenerFactory()


def liked_words(listener):
    return [like.song_name for like in likes.list_likes(listener=listener)]


def test_like_of_a_stored_song_keeps_the_listeners_words(listener):
    song = SongFactory()
    like = likes.like_song(listener=listener, song_name="that one", video_id=song.video_id)
    assert (like.song_name, like.video) == ("that one", song)


def test_like_without_words_is_named_after_the_song(listener):
    song = SongFactory(artist="Nirvana", song_title="Polly")
    like = likes.like_song(listener=listener, song_name="", video_id=song.video_id)
    assert like.song_name == "Nirvana – Polly"


def test_like_by_name_finds_the_stored_song(listener):
    song = SongFactory(artist="Nirvana", song_title="Polly")
    assert likes.like_song(listener=listener, song_name="Polly").video == song


def test_like_of_an_unknown_name_is_kept_without_a_song(listener):
    like = likes.like_song(listener=listener, song_name="Zzyzx Qwrtp")
    assert (like.song_name, like.video) == ("Zzyzx Qwrtp", None)


def test_same_words_or_same_song_are_one_like(listener):
    song = SongFactory(artist="Nirvana", song_title="Polly")
    first = likes.like_song(listener=listener, song_name="polly")
    again = likes.like_songs(listener=listener, song_names=["Polly!", "Nirvana - Polly"])
    by_id = likes.like_song(listener=listener, song_name="x", video_id=song.video_id)
    assert {first.pk, by_id.pk, *(like.pk for like in again)} == {first.pk}
    assert liked_words(listener) == ["polly"]


def test_like_of_a_song_that_is_not_stored_is_not_found(listener):
    with pytest.raises(NotFound):
        likes.like_song(listener=listener, song_name="x", video_id="nothing")
    assert liked_words(listener) == []


def test_like_that_was_pending_takes_the_song_once_it_is_known(listener):
    LikeFactory(user=listener, song_name="Polly", video=None)
    song = SongFactory(artist="Nirvana", song_title="Polly")
    likes.like_song(listener=listener, song_name="Polly", video_id=song.video_id)
    assert [like.video for like in likes.list_likes(listener=listener)] == [song]


def test_like_ends_a_dismissal_and_makes_its_impression_a_success(listener):
    dismissal = DismissalFactory(user=listener)
    impression = Impression.objects.create(
        request_id="r", user=listener, video=dismissal.video, position=1, stage="content"
    )
    likes.like_song(listener=listener, song_name="", video_id=dismissal.video.video_id)
    impression.refresh_from_db()
    assert not Dismissal.objects.exists()
    assert impression.liked_at is not None


def test_unlike_forgets_only_the_listeners_own_like(listener):
    mine, other = LikeFactory(user=listener), LikeFactory()
    with pytest.raises(NotFound):
        likes.unlike_song(listener=listener, like_id=other.pk)
    likes.unlike_song(listener=listener, like_id=mine.pk)
    assert list(UserLikedSong.objects.all()) == [other]


def test_like_not_to_learn_from_stays_in_the_list(listener):
    like = LikeFactory(user=listener)
    likes.set_learning(listener=listener, like_id=like.pk, learn=False)
    assert [like.learn for like in likes.list_likes(listener=listener)] == [False]


def test_dismissal_twice_is_one_and_can_be_undone(listener):
    song = SongFactory()
    first = likes.dismiss_song(listener=listener, video_id=song.video_id)
    assert likes.dismiss_song(listener=listener, video_id=song.video_id) == first
    likes.undo_dismissal(listener=listener, video_id=song.video_id)
    likes.undo_dismissal(listener=listener, video_id=song.video_id)
    assert list(likes.list_dismissals(listener=listener)) == []


def test_correction_names_the_right_song_and_remembers_the_wrong_one(listener):
    wrong, right = SongFactory(), SongFactory()
    like = LikeFactory(user=listener, song_name="Hurt", video=wrong)
    likes.correct_match(listener=listener, like_id=like.pk, video_id=right.video_id)
    correction = MatchCorrection.objects.get()
    assert (correction.query, correction.video) == ("hurt", right)
    assert correction.rejected_ids == [wrong.video_id]
    assert likes.list_likes(listener=listener)[0].video == right


def test_correction_without_another_song_keeps_the_words(listener):
    like = LikeFactory(user=listener, song_name="Hurt")
    likes.correct_match(listener=listener, like_id=like.pk, video_id=None)
    like.refresh_from_db()
    assert (like.song_name, like.video) == ("Hurt", None)


def test_playback_is_remembered_once_with_its_latest_time(listener):
    song = SongFactory()
    for _ in range(2):
        likes.record_playback(listener=listener, video_id=song.video_id, kind="play")
    assert Playback.objects.count() == 1
    with pytest.raises(InvalidInput):
        likes.record_playback(listener=listener, video_id=song.video_id, kind="loved")


@pytest.mark.django_db(transaction=True)
def test_taste_follows_every_change_at_once():
    listener, song = ListenerFactory(), SongFactory()
    assert load_taste(listener).likes == ()
    like = likes.like_song(listener=listener, song_name="", video_id=song.video_id)
    assert [liked.video_id for liked in load_taste(listener).likes] == [song.video_id]
    likes.dismiss_song(listener=listener, video_id=song.video_id)
    assert [video.video_id for video in load_taste(listener).dismissed] == [song.video_id]
    likes.unlike_song(listener=listener, like_id=like.pk)
    assert load_taste(listener).likes == ()
