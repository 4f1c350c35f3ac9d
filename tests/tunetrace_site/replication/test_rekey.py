"""Rows that get another key in a data migration, which each database runs at a time of its own.

The migration of these tests gives likes a key of another kind, as a change of the natural key does.
"""

import random
import time
from contextlib import contextmanager

import pytest

from accounts.models import User
from music.models import Dismissal, UserLikedSong, VideoFeature
from tests.servers.pair import installed
from tunetrace_site.replication.databases import POSTGRES, SQLITE, other
from tunetrace_site.replication.keys import derive_key
from tunetrace_site.replication.models import Change, Rekeyed, RowVersion
from tunetrace_site.replication.purge import purge_logs
from tunetrace_site.replication.rekey import derive_rows, fill_rows, rekey_rows
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.schema import after_migrations, before_migrations, migrating
from tunetrace_site.replication.unit import run_unit, unit_of_work
from tunetrace_site.replication.versions import moved_version

from .rows import add_listener, assert_equal_databases, change_only

LIKE = "music_userlikedsong"


@pytest.fixture(params=[SQLITE, POSTGRES])
def first(request, pair):
    """The database that is migrated first, while the other one is away."""
    return request.param


@contextmanager
def as_migration(alias):
    with migrating(alias):
        before_migrations(None, using=alias)
        yield
        after_migrations(None, using=alias)


def new_key(user_id, song):
    return derive_key("like by new key", user_id, song)


def with_new_key(like):
    fields = {f.attname: getattr(like, f.attname) for f in like._meta.concrete_fields}
    return UserLikedSong(**fields | {"id": new_key(like.user_id, like.song_name)})


def rekey(alias):
    with as_migration(alias):
        return rekey_rows(UserLikedSong.objects.using(alias).all(), with_new_key)


def versions(alias, table=LIKE):
    rows = RowVersion.objects.using(alias).filter(table_name=table)
    return {row.row_pk: (row.version, row.deleted) for row in rows}


def song_names(alias):
    return sorted(UserLikedSong.objects.using(alias).values_list("song_name", flat=True))


def likes_by_key(alias):
    return {like.pk: like.song_name for like in UserLikedSong.objects.using(alias).all()}


def test_both_make_equal_rows_and_versions(pair, sync):
    with unit_of_work():
        add_listener("ann")
    before = versions(SQLITE)
    created_at = dict(UserLikedSong.objects.values_list("song_name", "created_at"))
    assert (rekey(SQLITE), rekey(POSTGRES)) == (3, 3)
    assert versions(SQLITE) == versions(POSTGRES)
    rows = assert_equal_databases()
    ann = User.objects.get()
    assert likes_by_key(SQLITE) == {new_key(ann.pk, f"ann {n}"): f"ann {n}" for n in range(3)}
    assert dict(UserLikedSong.objects.values_list("song_name", "created_at")) == created_at
    for pk, (version, _) in before.items():
        assert versions(SQLITE)[pk] == (moved_version(version), True)
    assert sync() == []
    assert assert_equal_databases() == rows


def test_changes_unknown_to_the_other_one_arrive_under_their_new_keys(pair, sync, first):
    """Written while the other one was away, before and after it was migrated."""
    last = other(first)
    with unit_of_work():
        add_listener("ann", n_likes=5)
    likes = UserLikedSong.objects
    change_only(first, lambda: likes.filter(song_name="ann 0").update(learn=False))
    change_only(first, lambda: likes.filter(song_name="ann 1").delete())
    change_only(last, lambda: likes.filter(song_name="ann 2").delete())
    change_only(last, lambda: likes.create(user=User.objects.get(), song_name="late"))
    rekey(first)
    change_only(first, lambda: likes.filter(song_name="ann 3").delete())
    change_only(last, lambda: likes.filter(song_name="ann 4").update(learn=False))
    rekey(last)

    sync()

    rows = [values for (table, _), values in assert_equal_databases().items() if table == LIKE]
    assert song_names(SQLITE) == ["ann 0", "ann 4", "late"]
    assert not likes.get(song_name="ann 0").learn
    assert not likes.get(song_name="ann 4").learn
    ann = User.objects.get()
    assert {new_key(ann.pk, name) for name in song_names(SQLITE)} == set(likes_by_key(SQLITE))
    assert len(rows) == 3


def test_older_deletion_by_the_old_key_does_not_delete_what_was_changed_since(pair, sync, first):
    last = other(first)
    with unit_of_work():
        add_listener("ann")
    likes = UserLikedSong.objects
    change_only(last, lambda: likes.filter(song_name="ann 0").delete())
    time.sleep(0.005)
    rekey(first)
    change_only(first, lambda: likes.filter(song_name="ann 0").update(learn=False))
    rekey(last)
    sync()
    assert_equal_databases()
    assert song_names(SQLITE) == ["ann 0", "ann 1", "ann 2"]


@pytest.mark.parametrize("seed", range(8))
def test_last_change_of_a_row_wins_whatever_each_key_it_was_made_by(pair, sync, seed):
    """Random changes on both sides, none told to the other, migrated at random times."""
    chance = random.Random(seed)
    with unit_of_work():
        add_listener("ann", n_likes=4)
    ann, is_migrated, expected = User.objects.get(), {SQLITE: False, POSTGRES: False}, {}
    expected |= {f"ann {n}": True for n in range(4)}
    steps = [*[lambda: _change(chance, ann, is_migrated, expected)] * 30]
    for alias in (SQLITE, POSTGRES):
        steps.insert(chance.randrange(len(steps)), lambda alias=alias: _migrate(alias, is_migrated))
    for step in steps:
        step()
        time.sleep(0.002)  # SQLite's clock tells whole milliseconds

    sync()

    assert_equal_databases()
    held = dict(UserLikedSong.objects.values_list("song_name", "learn"))
    assert held == {song: learn for song, learn in expected.items() if learn is not None}
    assert set(likes_by_key(SQLITE)) == {new_key(ann.pk, song) for song in held}


def _migrate(alias, is_migrated):
    rekey(alias)
    is_migrated[alias] = True


def _change(chance, ann, is_migrated, expected):
    """Only what changes a row there makes a version, so only that counts."""
    alias, song = chance.choice([SQLITE, POSTGRES]), f"ann {chance.randrange(6)}"
    kind = chance.choice(["add", "remove", "edit"])
    likes = UserLikedSong.objects.using(alias).filter(song_name=song)
    like = likes.first()
    if kind == "add" and like is None:
        key = {"pk": new_key(ann.pk, song)} if is_migrated[alias] else {}
        change_only(
            alias, lambda: UserLikedSong.objects.create(user_id=ann.pk, song_name=song, **key)
        )
        expected[song] = True
    elif kind == "remove" and like is not None:
        change_only(alias, likes.delete)
        expected[song] = None
    elif kind == "edit" and like is not None:
        change_only(alias, lambda: likes.update(learn=not like.learn))
        expected[song] = not like.learn


def _one_like_a_listener(like):
    row = with_new_key(like)
    row.pk = new_key(like.user_id, "")
    return row


def test_of_several_rows_that_become_one_the_newest_stays(pair, sync, first):
    with unit_of_work():
        add_listener("ann")
    with unit_of_work():
        UserLikedSong.objects.filter(song_name="ann 1").update(learn=False)
    change_only(first, lambda: UserLikedSong.objects.create(user=User.objects.get(), song_name="z"))
    for alias, expected in ((first, ["z"]), (other(first), ["ann 1"])):
        with as_migration(alias):
            rekey_rows(UserLikedSong.objects.using(alias).all(), _one_like_a_listener)
        assert song_names(alias) == expected
    sync()
    assert_equal_databases()
    assert song_names(SQLITE) == ["z"]


def test_rows_of_one_version_that_become_one_are_the_same_in_both(pair, sync):
    with unit_of_work():
        add_listener("ann", n_likes=600)
    RowVersion.objects.using(SQLITE).filter(table_name=LIKE).update(version=17)
    RowVersion.objects.using(POSTGRES).filter(table_name=LIKE).update(version=17)
    for alias in (POSTGRES, SQLITE):
        with as_migration(alias):
            assert rekey_rows(UserLikedSong.objects.using(alias).all(), _one_like_a_listener) == 1
    assert len(assert_equal_databases()) == 2
    assert versions(SQLITE) == versions(POSTGRES)


def _video_of(like):
    video_id = f"v{like.song_name}"
    key = derive_key("music.videofeature", video_id)
    times = {"created_at": like.created_at, "updated_at": like.created_at}
    return VideoFeature(id=key, video_id=video_id, title=f"{like.song_name} {like.learn}", **times)


def derive(alias):
    with as_migration(alias):
        return derive_rows(UserLikedSong.objects.using(alias).all(), _video_of)


def test_derived_rows_are_made_again_where_their_source_changed(pair, sync):
    """Old code goes on writing after the first copy: the contracting release copies again."""
    with unit_of_work():
        add_listener("ann", n_likes=4)
    assert (derive(SQLITE), derive(POSTGRES)) == (4, 4)
    assert versions(SQLITE, "music_videofeature") == versions(POSTGRES, "music_videofeature")
    assert (derive(SQLITE), derive(POSTGRES)) == (0, 0)
    run_unit(lambda: UserLikedSong.objects.filter(song_name="ann 0").update(learn=False))
    run_unit(lambda: VideoFeature.objects.filter(video_id="vann 1").update(title="edited"))
    run_unit(lambda: VideoFeature.objects.filter(video_id="vann 2").delete())
    run_unit(lambda: UserLikedSong.objects.create(user=User.objects.get(), song_name="new"))
    assert (derive(SQLITE), derive(POSTGRES)) == (2, 2)
    titles = sorted(VideoFeature.objects.values_list("title", flat=True))
    assert titles == ["ann 0 False", "ann 3 True", "edited", "new True"]
    sync()
    assert_equal_databases()


def test_rows_derived_from_what_the_other_one_misses_reach_it(pair, sync, first):
    with unit_of_work():
        add_listener("ann")
    change_only(first, lambda: UserLikedSong.objects.create(user=User.objects.get(), song_name="x"))
    assert derive(first) == 4
    assert derive(other(first)) == 3
    sync()
    assert_equal_databases()
    assert VideoFeature.objects.filter(video_id="vx").exists()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda like: VideoFeature(video_id="v", title=like.song_name), "is there a clock?"),
        (lambda like: UserLikedSong(id=like.pk + 1, created_at=like.created_at), "again"),
    ],
)
def test_what_would_not_be_equal_in_both_is_refused(pair, make, complaint):
    with unit_of_work():
        add_listener("ann")
    with pytest.raises(ValueError, match=complaint), as_migration(SQLITE):
        rekey_rows(UserLikedSong.objects.using(SQLITE).all(), make)
    assert song_names(SQLITE) == ["ann 0", "ann 1", "ann 2"]


def test_going_back_leaves_no_circle(pair, sync):
    with unit_of_work():
        add_listener("ann")
    old = likes_by_key(SQLITE)

    def with_old_key(like):
        row = with_new_key(like)
        row.pk = None
        return row

    for alias in (SQLITE, POSTGRES):
        rekey(alias)
        with as_migration(alias):
            rekey_rows(UserLikedSong.objects.using(alias).all(), with_old_key)
    assert likes_by_key(SQLITE) == old
    assert Rekeyed.objects.using(SQLITE).count() == 3
    run_unit(lambda: UserLikedSong.objects.filter(song_name="ann 0").delete())
    sync()
    assert_equal_databases()
    assert song_names(POSTGRES) == ["ann 1", "ann 2"]


def test_row_with_children_is_deleted_by_its_old_key_with_them(pair, sync):
    """A deletion under the old key of a parent that another row refers to since."""

    def with_another_key(user):
        fields = {f.attname: getattr(user, f.attname) for f in user._meta.concrete_fields}
        return User(**fields | {"id": derive_key("user by new key", user.user_id)})

    run_unit(lambda: add_listener("ann", n_likes=0))
    change_only(SQLITE, lambda: User.objects.all().delete())
    for alias in (POSTGRES, SQLITE):
        with as_migration(alias):
            rekey_rows(User.objects.using(alias).all(), with_another_key)
    ann = User.objects.using(POSTGRES).get()
    change_only(POSTGRES, lambda: Dismissal.objects.create(user=ann, song_id=1))
    RowVersion.objects.using(SQLITE).filter(table_name="accounts_user").update(version=2**62)
    Change.objects.using(SQLITE).filter(table_name="accounts_user").update(version=2**62)
    sync()
    assert_equal_databases()
    assert User.objects.count() == Dismissal.objects.count() == 0


def test_value_that_follows_from_another_row_is_that_of_the_newer_one(pair, sync, first):
    """The row is equal in both, what it follows from is not: the databases agree all the same."""
    last = other(first)
    run_unit(lambda: add_listener("ann", n_likes=1))
    run_unit(lambda: VideoFeature.objects.create(video_id="v", title="old"))
    run_unit(lambda: UserLikedSong.objects.update(video=VideoFeature.objects.get()))
    change_only(first, lambda: VideoFeature.objects.update(title="new"))
    for alias in (last, first):
        with as_migration(alias):
            fill_names(alias)
    sync()
    assert_equal_databases()
    assert User.objects.get().display_name == "new"


def fill_names(alias):
    """The listener is called after the video that they like."""
    user = User.objects.using(alias).get()
    video = VideoFeature.objects.using(alias).get()
    user.display_name = video.title
    fill_rows({user: video}, ["display_name"])
    fill_rows({}, ["display_name"])


def test_outside_a_migration_nothing_reads_the_clock(pair, sync):
    """For what old processes wrote after the migration: the same helper, in a unit of work."""
    with unit_of_work():
        add_listener("ann")
    before = versions(SQLITE)
    with unit_of_work():
        assert rekey_rows(UserLikedSong.objects.using(POSTGRES).all(), with_new_key) == 3
    assert {version for version, deleted in versions(SQLITE).values() if not deleted} == {
        version + 16 for version, _ in before.values()
    }
    run_unit(lambda: UserLikedSong.objects.filter(song_name="ann 0").update(learn=False))
    assert sync() == []
    assert_equal_databases()


def test_what_was_rekeyed_is_remembered_as_long_as_deletions(pair, sync):
    with unit_of_work():
        add_listener("ann")
    rekey(SQLITE)
    rekey(POSTGRES)
    purge_logs()
    assert Rekeyed.objects.using(POSTGRES).count() == 3
    Rekeyed.objects.using(POSTGRES).update(rekeyed_at="2020-01-01T00:00:00Z")
    purge_logs()
    assert Rekeyed.objects.using(POSTGRES).count() == 0


def test_sqlite_alone_moves_rows_and_records_nothing(pair, tmp_path):
    alone = tmp_path / "alone.db"
    pair.templates.copy_sqlite(alone)
    with installed(alone, None, tmp_path / "alone-state"), pinned(SQLITE):
        with migrating(SQLITE):
            before_migrations(None, using=SQLITE)
            after_migrations(None, using=SQLITE)
        add_listener("ann")
        ann = User.objects.get()
        assert rekey(SQLITE) == 3
        assert derive(SQLITE) == 3
        assert derive(SQLITE) == 0
        assert set(likes_by_key(SQLITE)) == {new_key(ann.pk, f"ann {n}") for n in range(3)}
        assert RowVersion.objects.count() == Rekeyed.objects.count() == Change.objects.count() == 0
