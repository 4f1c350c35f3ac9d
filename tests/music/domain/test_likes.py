import pytest

from music.domain import dismissals, likes, listens
from music.domain.listeners import load_taste
from music.errors import InvalidInput, NotFound
from music.models import Dismissal, MatchCorrection, Playback, UserLikedSong
from tests.factories import DismissalFactory, LikeFactory, ListenerFactory, SongFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener():
    return ListenerFactory()


def liked_words(listener):
    return [like.song_name for like in likes.list_likes(listener=listener)]


def test_like_of_a_stored_song_keeps_the_listeners_words(listener):
    song = SongFactory()
    like = likes.like_song(listener=listener, song_name="that one", reference=song.address)
    assert (like.song_name, like.song) == ("that one", song)


def test_like_without_words_is_named_after_the_song(listener):
    song = SongFactory(artist="Nirvana", title="Polly")
    like = likes.like_song(listener=listener, song_name="", reference=song.address)
    assert like.song_name == "Nirvana – Polly"


def test_like_by_name_finds_the_stored_song(listener):
    song = SongFactory(artist="Nirvana", title="Polly")
    assert likes.like_song(listener=listener, song_name="Polly").song == song


def test_like_of_an_unknown_name_is_kept_without_a_song(listener):
    like = likes.like_song(listener=listener, song_name="Zzyzx Qwrtp")
    assert (like.song_name, like.song) == ("Zzyzx Qwrtp", None)


def test_same_words_or_same_song_are_one_like(listener):
    song = SongFactory(artist="Nirvana", title="Polly")
    first = likes.like_song(listener=listener, song_name="polly")
    again = likes.like_songs(listener=listener, song_names=["Polly!", "Nirvana - Polly"])
    by_id = likes.like_song(listener=listener, song_name="x", reference=song.address)
    assert {first.pk, by_id.pk, *(like.pk for like in again)} == {first.pk}
    assert liked_words(listener) == ["polly"]


def test_like_of_a_song_that_is_not_stored_is_not_found(listener):
    with pytest.raises(NotFound):
        likes.like_song(listener=listener, song_name="x", reference="nothing")
    assert liked_words(listener) == []


def test_like_that_was_pending_takes_the_song_once_it_is_known(listener):
    LikeFactory(user=listener, song_name="Polly", song=None)
    song = SongFactory(artist="Nirvana", title="Polly")
    likes.like_song(listener=listener, song_name="Polly", reference=song.address)
    assert [like.song for like in likes.list_likes(listener=listener)] == [song]


def test_like_ends_a_dismissal(listener):
    dismissal = DismissalFactory(user=listener)
    likes.like_song(listener=listener, song_name="", reference=dismissal.song.address)
    assert not Dismissal.objects.exists()


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
    first = dismissals.dismiss_song(listener=listener, reference=song.address)
    assert dismissals.dismiss_song(listener=listener, reference=song.address) == first
    dismissals.undo_dismissal(listener=listener, reference=song.address)
    dismissals.undo_dismissal(listener=listener, reference=song.address)
    assert list(dismissals.list_dismissals(listener=listener)) == []


def test_correction_names_the_right_song_and_remembers_the_wrong_one(listener):
    wrong, right = SongFactory(), SongFactory()
    like = LikeFactory(user=listener, song_name="Hurt", song=wrong)
    likes.correct_match(listener=listener, like_id=like.pk, reference=right.address)
    correction = MatchCorrection.objects.get()
    assert (correction.query, correction.song) == ("hurt", right)
    assert correction.rejected_ids == [wrong.address]
    assert likes.list_likes(listener=listener)[0].song == right


def test_correction_without_another_song_keeps_the_words(listener):
    like = LikeFactory(user=listener, song_name="Hurt")
    likes.correct_match(listener=listener, like_id=like.pk, reference=None)
    like.refresh_from_db()
    assert (like.song_name, like.song) == ("Hurt", None)


def test_playback_is_remembered_once_with_its_latest_time(listener):
    song = SongFactory()
    for _ in range(2):
        listens.record_playback(listener=listener, reference=song.address, kind="play")
    assert Playback.objects.count() == 1
    with pytest.raises(InvalidInput):
        listens.record_playback(listener=listener, reference=song.address, kind="loved")


@pytest.mark.django_db(transaction=True)
def test_taste_follows_every_change_at_once():
    listener, song = ListenerFactory(), SongFactory()
    assert load_taste(listener).likes == ()
    likes.like_song(listener=listener, song_name="", reference=song.address)
    assert [liked.song_id for liked in load_taste(listener).likes] == [song.address]
    dismissals.dismiss_song(listener=listener, reference=song.address)
    assert [one.song_id for one in load_taste(listener).dismissed] == [song.address]
    assert load_taste(listener).likes == ()
    like = likes.like_song(listener=listener, song_name="", reference=song.address)
    likes.unlike_song(listener=listener, like_id=like.pk)
    assert load_taste(listener).likes == ()
