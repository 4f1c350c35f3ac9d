"""Replay: order-free, repeatable, and never past a transaction that may still commit."""

import threading
from contextlib import closing
from dataclasses import replace

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import connections
from psycopg2.extensions import TRANSACTION_STATUS_INTRANS

from accounts.models import User
from music.models import Dismissal, Song, UserLikedSong, VideoFeature
from music.records import VideoRecord
from tests.factories import SongFactory
from tunetrace_site.replication import drain as drain_module
from tunetrace_site.replication.apply import apply_images
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.drain import HistoryRewritten, drain, find_cursor
from tunetrace_site.replication.images import RowImage
from tunetrace_site.replication.models import Change, Parked
from tunetrace_site.replication.unit import unit_of_work

from .rows import assert_equal_databases, change_only, read_all

INSERT_USER = (
    "INSERT INTO accounts_user (id, user_id, password, is_superuser, display_name, is_guest,"
    " is_staff, is_active) VALUES (%s, %s, '', false, '', false, false, true)"
)


def make_user(user_id):
    return User.objects.create(user_id=user_id)


@pytest.mark.parametrize(("source", "target"), [(SQLITE, POSTGRES), (POSTGRES, SQLITE)])
def test_drain_brings_what_was_committed_without_write_through(pair, source, target):
    change_only(source, lambda: make_user("ann"))
    assert drain(source, target) == 1
    assert drain(source, target) == 0
    assert len(assert_equal_databases()) == 1


def test_applied_changes_are_logged_once_as_received_and_do_not_come_back(pair, sync):
    change_only(SQLITE, lambda: make_user("ann"))
    sync()
    versions = [
        Change.objects.using(a).values_list("version", flat=True) for a in (SQLITE, POSTGRES)
    ]
    assert list(versions[0]) == list(versions[1])
    assert len(versions[0]) == 1


def test_cursor_waits_for_a_transaction_that_commits_out_of_order(pair):
    with closing(pair.server.connect(pair.name)) as slow:
        slow.cursor().execute(
            INSERT_USER, [1, "slow"]
        )  # takes its transaction number and log id first
        change_only(POSTGRES, lambda: make_user("quick"))
        before = find_cursor(POSTGRES, SQLITE)

        assert drain(POSTGRES, SQLITE) == 1  # the later, committed one is applied all the same
        assert find_cursor(POSTGRES, SQLITE).change_id == before.change_id
        slow.commit()

    assert drain(POSTGRES, SQLITE) == 1
    assert find_cursor(POSTGRES, SQLITE).change_id > before.change_id
    assert len(assert_equal_databases()) == 2


def test_cursor_stays_before_a_transaction_that_commits_between_two_batches(pair, monkeypatch):
    """The second batch's snapshot calls settled what lies beyond the gap that the first one saw."""
    real_read_entries = drain_module.read_entries
    with closing(pair.server.connect(pair.name)) as slow:
        slow.cursor().execute(INSERT_USER, [1, "slow"])
        change_only(POSTGRES, lambda: make_user("quick"))

        def read_then_commit(*arguments):
            entries = real_read_entries(*arguments)
            if slow.info.transaction_status == TRANSACTION_STATUS_INTRANS:
                slow.commit()
                change_only(POSTGRES, lambda: make_user("later"))
            return entries

        monkeypatch.setattr(drain_module, "read_entries", read_then_commit)
        drain(POSTGRES, SQLITE)
    drain(POSTGRES, SQLITE)
    assert len(assert_equal_databases()) == 3


def test_older_image_never_replaces_a_newer_row(pair):
    with unit_of_work():
        ann = make_user("ann")
    values = read_all(SQLITE)["accounts_user", str(ann.pk)]
    assert apply_images(SQLITE, [RowImage("accounts_user", str(ann.pk), 16, None)]) == 0
    assert apply_images(SQLITE, [RowImage("accounts_user", str(ann.pk), 32, values)]) == 0
    assert len(assert_equal_databases()) == 1


@pytest.mark.parametrize("later", [SQLITE, POSTGRES])
def test_later_of_two_updates_stays(pair, sync, later):
    earlier = POSTGRES if later == SQLITE else SQLITE
    with unit_of_work():
        make_user("ann")
    change_only(earlier, lambda: User.objects.update(display_name="first"))
    threading.Event().wait(0.003)  # the clock of SQLite ticks in milliseconds
    change_only(later, lambda: User.objects.update(display_name="second"))
    sync()
    assert_equal_databases()
    assert User.objects.get().display_name == "second"


@pytest.mark.parametrize("deleting", [SQLITE, POSTGRES])
def test_parent_deleted_here_and_child_added_there(pair, sync, deleting):
    adding = POSTGRES if deleting == SQLITE else SQLITE
    with unit_of_work():
        ann = make_user("ann")
    change_only(adding, lambda: UserLikedSong.objects.create(user_id=ann.pk, song_name="Help!"))
    change_only(deleting, lambda: User.objects.get().delete())
    sync()
    assert assert_equal_databases() == {}
    assert Parked.objects.using(SQLITE).count() + Parked.objects.using(POSTGRES).count() == 0


@pytest.mark.parametrize("deleting", [SQLITE, POSTGRES])
def test_video_deleted_here_and_liked_there_keeps_the_words(pair, sync, deleting):
    adding = POSTGRES if deleting == SQLITE else SQLITE
    with unit_of_work():
        ann = make_user("ann")
        video = VideoFeature.objects.create(video_id="v", title="t")
    change_only(
        adding,
        lambda: UserLikedSong.objects.create(user_id=ann.pk, song_name="Help!", video_id=video.pk),
    )
    change_only(deleting, lambda: VideoFeature.objects.get().delete())
    sync()
    assert_equal_databases()
    assert UserLikedSong.objects.get().video_id is None


@pytest.mark.parametrize("deleting", [SQLITE, POSTGRES])
def test_song_that_is_gone_here_is_still_disliked_there(pair, sync, deleting):
    """A reference without a constraint: neither row waits for the other or goes with it."""
    adding = POSTGRES if deleting == SQLITE else SQLITE
    with unit_of_work():
        ann = make_user("ann")
        song = SongFactory(artist="Pixies", title="Debaser")
    change_only(adding, lambda: Dismissal.objects.create(user_id=ann.pk, song_id=song.pk))
    change_only(deleting, lambda: Song.objects.get().delete())
    sync()
    assert_equal_databases()
    assert (Dismissal.objects.get().song_id, Song.objects.count()) == (song.pk, 0)
    assert Parked.objects.using(SQLITE).count() + Parked.objects.using(POSTGRES).count() == 0


@pytest.mark.parametrize("first", [SQLITE, POSTGRES])
def test_song_learnt_on_both_is_one_and_the_newer_facts_stay(pair, sync, first):
    second = POSTGRES if first == SQLITE else SQLITE
    record = VideoRecord("video000001", "Pixies - Debaser", "Pixies", "Debaser", genre="Pop")
    change_only(first, lambda: VideoFeature.objects.store([record]))
    threading.Event().wait(0.003)
    newer = replace(record, video_id="video000002", genre="Rock")
    change_only(second, lambda: VideoFeature.objects.store([newer]))
    sync()
    assert_equal_databases()
    assert (Song.objects.get().genre, VideoFeature.objects.count()) == ("Rock", 2)


def test_same_email_proven_on_both_is_the_newer_one_s(pair, sync):
    """Both accounts stay; an address can be verified for one alone."""
    change_only(SQLITE, lambda: User.objects.create_superuser("a@example.org", user_id="old"))
    threading.Event().wait(0.003)
    change_only(POSTGRES, lambda: User.objects.create_superuser("a@example.org", user_id="new"))
    sync()
    assert_equal_databases()
    assert User.objects.count() == 2
    assert EmailAddress.objects.get(verified=True).user.user_id == "new"


def test_same_name_given_on_both_keeps_the_newer(pair, sync):
    change_only(SQLITE, lambda: Group.objects.create(name="editors"))
    threading.Event().wait(0.003)
    change_only(POSTGRES, lambda: Group.objects.create(name="editors"))
    newer = Group.objects.using(POSTGRES).get().pk
    sync()
    assert_equal_databases()
    assert Group.objects.get().pk == newer


def test_same_group_membership_made_on_both_becomes_one(pair, sync):
    from django.contrib.auth.models import Group

    with unit_of_work():
        ann, group = make_user("ann"), Group.objects.create(name="editors")
    change_only(SQLITE, lambda: ann.groups.add(group))
    change_only(POSTGRES, lambda: ann.groups.add(group))
    sync()
    assert_equal_databases()
    assert User.groups.through.objects.count() == 1


def test_row_that_postgres_refuses_is_parked_and_holds_up_nobody(pair, sync):
    change_only(SQLITE, lambda: User.objects.create(user_id="long", display_name="x" * 200))
    change_only(SQLITE, lambda: VideoFeature.objects.create(video_id="n", title="a\x00b"))
    change_only(SQLITE, lambda: make_user("fine"))
    sync()
    parked = Parked.objects.using(SQLITE)
    assert set(parked.values_list("table_name", flat=True)) == {
        "accounts_user",
        "music_videofeature",
    }
    assert User.objects.using(POSTGRES).get().user_id == "fine"

    change_only(SQLITE, lambda: User.objects.filter(user_id="long").update(display_name="x"))
    change_only(SQLITE, lambda: VideoFeature.objects.all().delete())
    sync()
    assert parked.count() == 0
    assert len(assert_equal_databases()) == 2


def test_write_through_of_a_child_before_its_parent_arrived(pair):
    """Two processes: the parent's write-through is late, the child's comes first."""
    from tunetrace_site.replication.router import pinned

    change_only(POSTGRES, lambda: make_user("ann"))
    with pinned(POSTGRES), unit_of_work():
        UserLikedSong.objects.create(user=User.objects.get(), song_name="Help!")
    assert len(assert_equal_databases()) == 2


def test_unknown_log_is_noticed(pair):
    with connections[SQLITE].cursor() as cursor:
        cursor.execute("UPDATE replication_state SET log_id = 'another'")
    with pytest.raises(HistoryRewritten):
        drain(SQLITE, POSTGRES)


def test_counters_of_other_packages_never_meet(pair, sync):
    from django.contrib.auth.models import Group

    for number in range(3):
        change_only(SQLITE, lambda n=number: Group.objects.create(name=f"s{n}"))
        change_only(POSTGRES, lambda n=number: Group.objects.create(name=f"p{n}"))
        sync(1)
    assert_equal_databases()
    keys = dict(Group.objects.values_list("name", "pk"))
    assert all((keys[name] > 2**30) == name.startswith("s") for name in keys)
    assert len(keys) == 6


def test_random_partitions_converge(pair, sync):
    """Both sides change the same few rows without contact, then exchange."""
    import random

    chance = random.Random(5)
    for _ in range(12):
        for _ in range(6):
            change_only(chance.choice([SQLITE, POSTGRES]), lambda: _random_change(chance))
        sync(4)
        assert_equal_databases()


def _random_change(chance):
    user_id, song = f"u{chance.randrange(3)}", f"s{chance.randrange(3)}"
    kind = chance.randrange(5)
    if kind == 0:
        User.objects.update_or_create(
            user_id=user_id, defaults={"display_name": str(chance.random())}
        )
    elif kind == 1:
        User.objects.filter(user_id=user_id).delete()
    elif kind == 2 and (user := User.objects.filter(user_id=user_id).first()):
        UserLikedSong.objects.get_or_create(user=user, song_name=song)
    elif kind == 3:
        UserLikedSong.objects.filter(user__user_id=user_id, song_name=song).delete()
    else:
        UserLikedSong.objects.filter(user__user_id=user_id).update(learn=chance.random() < 0.5)


@pytest.mark.parametrize(("source", "target"), [(SQLITE, POSTGRES), (POSTGRES, SQLITE)])
@pytest.mark.parametrize("n_groups", [2, 3])
def test_rows_that_exchange_a_unique_value_all_stay(pair, source, target, n_groups):
    """The other side meets each name while another row, which is about to change, holds it."""

    def give_names(first):
        groups = list(Group.objects.order_by("pk"))
        for group in groups:
            Group.objects.filter(pk=group.pk).update(name=f"nobody {group.pk}")
        for n, group in enumerate(groups):
            Group.objects.filter(pk=group.pk).update(name=str((first + n) % n_groups))

    with unit_of_work():
        ann = make_user("ann")
        for n in range(n_groups):
            ann.groups.add(Group.objects.create(name=str(n)))
    for first in range(1, n_groups):
        change_only(source, lambda first=first: give_names(first))
        drain(source, target)
        drain(target, source)
        assert list(Parked.objects.using(source).values_list("error", flat=True)) == []
        assert len(assert_equal_databases()) == 1 + 2 * n_groups
        names = Group.objects.order_by("pk").values_list("name", flat=True)
        assert list(names) == [str((first + n) % n_groups) for n in range(n_groups)]
