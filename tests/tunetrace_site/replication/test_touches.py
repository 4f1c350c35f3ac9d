"""What a unit found to be so already, and answered, does not lose to what happened before it."""

import pytest

from accounts.models import User
from music.domain.dismissals import dismiss_song, undo_dismissal
from music.domain.guests import adopt_guest
from music.domain.likes import (
    record_likes,
    set_learning,
)
from music.domain.songs import Named
from music.models import Dismissal, Song, UserLikedSong
from tests.factories import GuestFactory, SongFactory
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import RowsMoved
from tunetrace_site.replication.models import Change
from tunetrace_site.replication.touches import touch, touch_absent
from tunetrace_site.replication.unit import run_unit, unit_of_work

from .rows import assert_equal_databases, change_only


@pytest.fixture
def ann(pair, sync):
    def make():
        user = User.objects.create(user_id="ann")
        song = SongFactory(artist="The Beatles", title="Help!")
        UserLikedSong.objects.create(user=user, song_name="Help!", song=song)
        return user

    user = run_unit(make)
    sync()
    return user


def like_again(ann):
    record_likes(ann, [("Help!", Named(Song.objects.get(), None))])


def forget_like():
    UserLikedSong.objects.all().delete()


def forget_dismissal():
    Dismissal.objects.all().delete()


def dismiss_elsewhere():
    Dismissal.objects.create(user=User.objects.get(), song=Song.objects.get())


def dismiss(ann):
    dismiss_song(listener=ann, reference=Song.objects.get().address)


def allow_again(ann):
    undo_dismissal(listener=ann, reference=Song.objects.get().address)


def adopt(ann):
    guest = GuestFactory()
    UserLikedSong.objects.create(user=guest, song_name="Help! (live)", song=Song.objects.get())
    adopt_guest(guest=guest, account=ann)
    guest.delete()


def turn_learning_on(ann):
    set_learning(listener=ann, like_id=UserLikedSong.objects.get().pk, learn=True)


# (what is so at first, what happens in the other database before, what is answered here and counts)
CASES = {
    "like": (None, forget_like, like_again, (1, 0)),
    "guest's like": (None, forget_like, adopt, (1, 0)),
    "learning flag": (None, forget_like, turn_learning_on, (1, 0)),
    "dismissal": (dismiss, forget_dismissal, dismiss, (0, 1)),
    "dismissal undone": (None, dismiss_elsewhere, allow_again, (1, 0)),
}


@pytest.mark.parametrize("here", [SQLITE, POSTGRES])
@pytest.mark.parametrize("name", CASES)
def test_answer_that_found_everything_as_it_should_be_wins(ann, pair, sync, settings, here, name):
    before, elsewhere, answer, expected = CASES[name]
    if before:
        run_unit(lambda: before(ann))
        sync()
    there = POSTGRES if here == SQLITE else SQLITE
    change_only(there, elsewhere)
    change_only(here, lambda: answer(ann))
    sync()
    assert_equal_databases()
    assert (UserLikedSong.objects.count(), Dismissal.objects.count()) == expected


def test_touched_rows_reach_the_other_database_in_the_same_unit(ann, pair):
    before = Change.objects.using(SQLITE).count()
    run_unit(lambda: like_again(ann))
    assert Change.objects.using(SQLITE).count() == before + 1
    assert_equal_databases()


@pytest.mark.parametrize("preference", ["postgres", "sqlite"], indirect=True)
def test_row_that_is_gone_or_came_meanwhile_runs_the_unit_again(ann, preference):
    like = UserLikedSong.objects.get()
    with pytest.raises(RowsMoved), unit_of_work():
        forget_like()
        touch([like])
    with pytest.raises(RowsMoved), unit_of_work():
        touch_absent(UserLikedSong, ann.pk, "Help!")
    runs = []

    def like_once_more():
        runs.append(1)
        if len(runs) == 1:
            touch([UserLikedSong(user=ann, song_name="not there", pk=5)])
        touch([like])

    run_unit(like_once_more)
    assert len(runs) == 2
    assert_equal_databases()


@pytest.mark.django_db
def test_nothing_is_touched_with_sqlite_alone(django_assert_num_queries):
    user = User.objects.create(user_id="ann")
    with django_assert_num_queries(0):
        touch([user])
        touch_absent(UserLikedSong, user.pk, "Help!")
