"""Two songs made one, a take given to another song, and both undone."""

import pytest

from music.domain.listeners import load_taste
from music.domain.song_joining import join_songs, move_take, undo_move
from music.errors import InvalidInput
from music.models import (
    Dismissal,
    Impression,
    MatchCorrection,
    Playback,
    QueryCache,
    Song,
    SongMove,
    UserLikedSong,
    VideoFeature,
)
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory, show_list

pytestmark = pytest.mark.django_db
SAID = (UserLikedSong, Dismissal, Playback, Impression, MatchCorrection, QueryCache, VideoFeature)


@pytest.fixture
def wrong():
    """A song that is "Yesterday", misspelt, of which listeners have said something."""
    song = SongFactory(artist="The Beatles", title="Yesterdy", is_bundled=False)
    VideoFactory.create_batch(2, song=song)
    say_everything_of(song, ListenerFactory())
    say_everything_of(song, ListenerFactory())
    QueryCache.objects.create(query="yesterdy", song=song, rung="search")
    QueryCache.objects.create(query="beatles", candidate_ids=[song.address, "a/b"], rung="search")
    return song


@pytest.fixture
def right():
    return SongFactory(artist="The Beatles", title="Yesterday")


def say_everything_of(song, listener):
    LikeFactory(user=listener, song=song)
    Dismissal.objects.create(user=listener, song=song)
    Playback.objects.create(user=listener, song=song, kind="play")
    show_list(song, user=listener)
    Impression.objects.create(  # as the version before wrote it
        request_id=f"r{listener.pk}"[:32], user=listener, song=song, position=1, stage="content"
    )
    MatchCorrection.objects.create(
        user=listener, query="that", song=song, rejected_ids=[song.address]
    )


def read_everything():
    """Every row about songs, but for when a song last changed."""
    rows = {model: sorted(model.objects.values_list(), key=str) for model in SAID}
    return rows | {Song: sorted(Song.objects.values_list("pk", "address", "joined_to"))}


def count_about(song):
    return [model.objects.filter(song=song).count() for model in SAID]


def test_joined_song_is_the_other_one_everywhere(wrong, right):
    counts = count_about(wrong)
    move = join_songs(song=wrong, into=right)
    assert count_about(wrong) == [0] * len(SAID)
    assert count_about(right) == counts == [2, 2, 2, 2, 2, 1, 2]
    assert {tuple(c.rejected_ids) for c in MatchCorrection.objects.all()} == {(right.address,)}
    assert QueryCache.objects.get(query="beatles").candidate_ids == [right.address, "a/b"]
    wrong.refresh_from_db()
    assert wrong.joined_to == right
    assert (move.kind, move.from_song, move.to_song) == ("join", wrong, right)
    for model in (Dismissal, Playback, Impression):
        for row in model.objects.all():
            assert row.pk == row._meta.pk.get_pk_value_on_save(row)


def test_undoing_puts_everything_back(wrong, right):
    before = read_everything()
    move = join_songs(song=wrong, into=right)
    assert read_everything() != before
    undo_move(move=SongMove.objects.get(pk=move.pk))
    assert read_everything() == before
    assert SongMove.objects.get().undone_at is not None


def test_what_was_said_of_both_is_said_once_and_of_both_again(wrong, right):
    listener = Dismissal.objects.first().user
    kept = Dismissal.objects.create(user=listener, song=right)
    before = read_everything()
    move = join_songs(song=wrong, into=right)
    assert Dismissal.objects.filter(user=listener).get() == kept
    undo_move(move=move)
    assert read_everything() == before


def test_undoing_respects_what_was_taken_back_and_said_since(wrong, right):
    gone, stays = Dismissal.objects.values_list("user", flat=True)
    move = join_songs(song=wrong, into=right)
    Dismissal.objects.filter(user=gone).delete()
    UserLikedSong.objects.filter(user=gone).update(song=None)
    new = Dismissal.objects.create(user=ListenerFactory(), song=right)
    undo_move(move=move)
    assert Dismissal.objects.filter(song=wrong).get().user_id == stays
    assert Dismissal.objects.filter(song=right).get() == new
    assert UserLikedSong.objects.filter(song=wrong).get().user_id == stays


def test_songs_that_were_joined_before_follow(wrong, right):
    third = SongFactory(artist="Beatles", title="Yesterday All My Troubles")
    join_songs(song=wrong, into=right)
    second = join_songs(song=right, into=third)
    assert set(Song.objects.filter(joined_to=third)) == {wrong, right}
    with pytest.raises(InvalidInput, match="undo that first"):
        undo_move(move=SongMove.objects.exclude(pk=second.pk).get())
    undo_move(move=second)
    assert Song.objects.get(joined_to=right) == wrong


def test_joining_to_a_joined_song_joins_to_where_it_leads(wrong, right):
    other = SongFactory()
    join_songs(song=wrong, into=right)
    join_songs(song=other, into=Song.objects.get(pk=wrong.pk))
    assert set(Song.objects.filter(joined_to=right)) == {wrong, other}


def test_song_is_not_joined_to_itself_nor_twice(wrong, right):
    with pytest.raises(InvalidInput, match="one song already"):
        join_songs(song=wrong, into=wrong)
    move = join_songs(song=wrong, into=right)
    with pytest.raises(InvalidInput, match="one song already"):
        join_songs(song=right, into=Song.objects.get(pk=wrong.pk))
    undo_move(move=move)
    with pytest.raises(InvalidInput, match="undone already"):
        undo_move(move=SongMove.objects.get())


def test_moved_take_brings_what_meant_it(wrong, right):
    video, other = wrong.takes.order_by("pk")
    meant = LikeFactory(song=wrong, video=video)
    QueryCache.objects.create(query="live", song=wrong, best_video_id=video.video_id, rung="search")
    before = read_everything()
    move = move_take(video=video, to_song=right)
    assert list(right.takes.all()) == [video]
    assert list(wrong.takes.all()) == [other]
    assert list(UserLikedSong.objects.filter(song=right)) == [meant]
    assert QueryCache.objects.get(song=right).query == "live"
    assert Dismissal.objects.filter(song=wrong).count() == 2
    undo_move(move=move)
    assert read_everything() == before


def test_take_of_no_song_is_given_one_and_taken_back(right):
    video = VideoFactory(song=None)
    move = move_take(video=video, to_song=right)
    assert right.takes.get() == video
    with pytest.raises(InvalidInput, match="a take of"):
        move_take(video=VideoFeature.objects.get(), to_song=right)
    undo_move(move=move)
    assert VideoFeature.objects.get().song is None


@pytest.mark.parametrize("n_listeners", [1, 20])
def test_joining_takes_as_many_statements_whatever_was_said(
    right, django_assert_num_queries, n_listeners
):
    song = SongFactory()
    for _ in range(n_listeners):
        say_everything_of(song, ListenerFactory())
    with django_assert_num_queries(34):
        join_songs(song=song, into=right)


def test_learnt_song_says_only_what_its_present_takes_tell(right):
    """What YouTube told of a take goes where the take goes."""
    song = VideoFactory(song__artist="A", genre="Rock", tags=["rock"], view_count=10**8).song
    video = VideoFactory(song=song, genre="Pop", view_count=10**9)
    move_take(video=video, to_song=right)
    song.refresh_from_db()
    assert (song.genre, song.tags, song.popularity) == ("Rock", ["rock"], 80)
    before = (right.genre, right.popularity)
    right.refresh_from_db()
    assert (right.genre, right.popularity) == before
    join = join_songs(song=song, into=right)
    song.refresh_from_db()
    assert (song.genre, song.tags, song.popularity) == ("", [], 0)
    undo_move(move=join)
    song.refresh_from_db()
    assert (song.genre, song.tags, song.popularity) == ("Rock", ["rock"], 80)


def test_joining_reaches_the_suggestions_at_once(wrong, right, django_capture_on_commit_callbacks):
    listener = Dismissal.objects.first().user
    before = load_taste(listener)
    with django_capture_on_commit_callbacks(execute=True):
        join_songs(song=wrong, into=right)
    assert load_taste(listener) != before
