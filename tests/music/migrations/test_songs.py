"""A site of the last version without songs is carried over, whichever database is away meanwhile."""

import subprocess
import sys
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import User
from music.models import (
    Dismissal,
    Impression,
    MatchCorrection,
    Playback,
    QueryCache,
    Song,
    UserLikedSong,
    VideoFeature,
)
from music.names.keys import song_key
from music.records import VideoRecord
from tests.factories import show_list
from tests.servers.pair import installed
from tests.tunetrace_site.replication.rows import assert_equal_databases, change_only
from tunetrace_site.replication.databases import POSTGRES, SQLITE, other
from tunetrace_site.replication.keys import derive_row_key
from tunetrace_site.replication.models import Change, RowVersion
from tunetrace_site.replication.schema import needs_migration

from .old_site import (
    CONTRACTED,
    COPIED,
    NOW,
    execute,
    insert,
    key_of_user,
    key_of_video,
    migrate_to,
    video,
)

CONTRACT = "0015_drop_videos_of_songs"
SEA = ("", "Relaxing sounds of the sea")
"""What no song is: it has no address, and what was said of it refers to nothing."""
POLICE = "the-police/every-breath-you-take"
"""Titles are read anew: the old code saw "The Police" by The Police here."""
LIKES = {
    ("ann", "come as u are", "nirvana/come-as-you-are", "vabnZ9-ex7o", True),
    ("ann", "The Beatles – Yesterday", "the-beatles/yesterday", None, True),
    ("ann", "the one by the sea", None, "noartist001", True),
    ("ann", "gone song", "old-band/gone-song", None, True),
    ("ann", "not to be found anywhere 123", None, None, False),
    ("ben", "группа крови", "кино/группа-крови", None, True),
    ("ben", "every breath", POLICE, "OMOGaugKpzs", True),
    ("ben", "lithium", None, None, True),
    ("ben", "sea", None, "noartist001", True),
}
DISMISSALS = {
    ("ann", "adele/hello"),
    ("ann", SEA),
    ("ben", "nirvana/come-as-you-are"),
}
PLAYBACKS = {
    ("ann", "nirvana/come-as-you-are", "play"),
    ("ann", "nirvana/lithium", "skip"),
    ("ben", SEA, "play"),
    ("ben", POLICE, "play"),
}
IMPRESSIONS = {("ann", "nirvana/lithium"), ("ann", "adele/hello")}
CORRECTIONS = {
    ("ben", "lithium", None, ("nirvana/come-as-you-are", "pkcJEvMcnEg")),
    ("ben", "sea", SEA, ("adele/hello",)),
}
OLD_SITE = {
    "likes": LIKES,
    "dismissals": DISMISSALS,
    "playbacks": PLAYBACKS,
    "impressions": IMPRESSIONS,
    "corrections": CORRECTIONS,
}


def name_of(song_id):
    """The address of a song, or what a key without a song was made of."""
    if song_id is None:
        return None
    address = Song.objects.filter(pk=song_id).values_list("address", flat=True).first()
    keys = {derive_row_key(Song, *song_key(*names)): names for names in (SEA,)}
    return address or keys[song_id]


def read_site():
    """Everything that listeners said, by the names of listeners and songs."""
    users = dict(User.objects.values_list("pk", "user_id"))
    return {
        "likes": {
            (users[user], words, name_of(song), video_id, learn)
            for user, words, song, video_id, learn in UserLikedSong.objects.values_list(
                "user_id", "song_name", "song_id", "video__video_id", "learn"
            )
        },
        "dismissals": {(users[d.user_id], name_of(d.song_id)) for d in Dismissal.objects.all()},
        "playbacks": {
            (users[p.user_id], name_of(p.song_id), p.kind) for p in Playback.objects.all()
        },
        "impressions": {
            (users[i.user_id], name_of(key)) for i in Impression.objects.all() for key in i.song_pks
        },
        "corrections": {
            (users[c.user_id], c.query, name_of(c.song_id), tuple(c.rejected_ids))
            for c in MatchCorrection.objects.all()
        },
    }


def assert_carried_over(added=None, removed=None):
    """Every row of the old site is there, about the song of its video; but for what is named."""
    added, removed = added or {}, removed or {}
    expected = {
        kind: (rows | added.get(kind, set())) - removed.get(kind, set())
        for kind, rows in OLD_SITE.items()
    }
    assert read_site() == expected


def test_everything_of_the_old_site_is_about_songs(old_pair, sync):
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, CONTRACTED)
    assert_carried_over()
    before = assert_equal_databases()
    assert sync() == []
    assert assert_equal_databases() == before


@pytest.mark.usefixtures("old_pair")
def test_songs_have_the_facts_of_the_catalogue_and_videos_are_their_takes():
    migrate_to(
        POSTGRES, CONTRACTED
    )  # the one that is read; the test above says that both are equal
    song = Song.objects.get(address="nirvana/come-as-you-are")
    assert (song.genre, song.year, song.popularity, song.is_bundled) == ("Grunge", 1991, 93, True)
    assert set(song.takes.values_list("video_id", "take")) == {
        ("vabnZ9-ex7o", "original"),
        ("z9xY7kCAYA1", "live"),
        ("cover0CAYA2", "cover"),
    }
    assert not Song.objects.get(address="old-band/gone-song").is_bundled
    sea = VideoFeature.objects.get(video_id="noartist001")
    assert (sea.song_id, sea.source) == (None, "youtube")
    assert not VideoFeature.objects.filter(video_id__startswith="catalogue:").exists()
    assert list(
        QueryCache.objects.order_by("query").values_list(
            "query", "song__address", "best_video_id", "candidate_ids"
        )
    ) == [
        ("hello", "adele/hello", None, ["adele/hello"]),
        ("lithium nirvana", "nirvana/lithium", "pkcJEvMcnEg", ["nirvana/come-as-you-are"]),
        ("smells like teen spirit", None, None, []),
    ]


@pytest.mark.parametrize("first", [pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRES])
def test_either_database_may_be_away_while_the_other_one_is_migrated(old_pair, sync, first):
    """What old and new code wrote in one of them meanwhile is in both in the end."""
    last, ann, ben = other(first), key_of_user("ann"), key_of_user("ben")
    write_as_before(first)
    insert(
        last,
        "music_playback",
        user_id=ben,
        video_id=key_of_video("pkcJEvMcnEg"),
        kind="play",
        created_at=NOW,
    )
    migrate_to(first, CONTRACTED)
    lithium = derive_row_key(Song, "nirvana", "lithium")

    def write_as_now():
        Dismissal.objects.create(user_id=ann, song_id=lithium)
        Dismissal.objects.filter(user_id=ben).delete()
        UserLikedSong.objects.create(user_id=ann, song_name="lithium", song_id=lithium)
        Song.objects.filter(pk=lithium).update(genre="Rock")

    change_only(first, write_as_now)
    migrate_to(last, CONTRACTED)

    sync()

    assert_equal_databases()
    assert_carried_over(
        added={
            "dismissals": {("ann", "nirvana/lithium")},
            "likes": {("ann", "lithium", "nirvana/lithium", None, True), WRITTEN["likes"]},
            "playbacks": {("ben", "nirvana/lithium", "play"), WRITTEN["playbacks"]},
            "impressions": {WRITTEN["impressions"]},
        },
        removed={
            "dismissals": {("ann", "adele/hello"), *(d for d in DISMISSALS if d[0] == "ben")},
            "likes": {("ann", "the one by the sea", None, "noartist001", True)},
        },
    )
    assert Song.objects.get(pk=lithium).genre == "Rock"


WRITTEN = {
    "likes": ("ben", "new one", "some-band/new-one", "newvideo001", True),
    "playbacks": ("ann", "some-band/new-one", "play"),
    "impressions": ("ben", "some-band/new-one"),
}


def write_as_before(alias):
    """A process of the old code, which knows of no songs: new rows of each kind, and deletions."""
    ann, ben = key_of_user("ann"), key_of_user("ben")
    insert(alias, "music_videofeature", **video("newvideo001", "Some Band - New One"))
    new = key_of_video("newvideo001")
    execute(
        alias,
        "DELETE FROM music_dismissal WHERE user_id = %s AND video_id IN (%s, %s)",
        ann,
        key_of_video("YQHsXMglC9A"),
        key_of_video("catalogue:adele/hello"),
    )
    execute(alias, "DELETE FROM music_userlikedsong WHERE song_name = 'the one by the sea'")
    about = {"user_id": ben, "video_id": new, "created_at": NOW}
    insert(alias, "music_userlikedsong", song_name="new one", learn=True, **about)
    insert(alias, "music_playback", kind="play", **about | {"user_id": ann})
    insert(
        alias,
        "music_impression",
        request_id="r1",
        position=1,
        stage="content",
        **about,
    )


def test_what_old_code_writes_after_the_copying_is_copied_before_the_contract(old_pair, sync):
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, COPIED)
    before = read_old_columns(SQLITE)
    # The old code finds all that listeners said, but for a second video of one song.
    assert before == read_old_columns(POSTGRES)
    assert ("ann", "noartist001") in before
    assert len(before) == len(DISMISSALS)
    for alias in (SQLITE, POSTGRES):
        write_as_before(alias)
        insert(
            alias,
            "music_dismissal",
            user_id=key_of_user("ann"),
            created_at=NOW,
            video_id=key_of_video("YQHsXMglC9A"),
        )
        execute(
            alias,
            "UPDATE music_matchcorrection SET rejected_ids = %s WHERE query = 'sea'",
            '["catalogue:adele/hello", "catalogue:the-beatles/yesterday"]',
        )
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, CONTRACTED)
    sync()
    assert_equal_databases()
    corrected = ("ben", "sea", SEA, ("adele/hello",))
    assert_carried_over(
        added={kind: {row} for kind, row in WRITTEN.items()}
        | {"corrections": {(*corrected[:3], ("adele/hello", "the-beatles/yesterday"))}},
        removed={
            "likes": {("ann", "the one by the sea", None, "noartist001", True)},
            "corrections": {corrected},
        },
    )


def read_old_columns(alias):
    """Dismissals as the old code reads them."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT u.user_id, v.video_id FROM music_dismissal d"
            " JOIN accounts_user u ON u.id = d.user_id"
            " JOIN music_videofeature v ON v.id = d.video_id"
        )
        return set(cursor.fetchall())


@pytest.mark.parametrize("alias", [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.slow)])
def test_new_code_writes_while_the_columns_of_the_old_one_are_there(old_pair, alias):
    for each in (SQLITE, POSTGRES):
        migrate_to(each, COPIED)
    ann = key_of_user("ann")
    hello = derive_row_key(Song, "adele", "hello")

    def write():
        record = VideoRecord("newvideo002", "Some Band - Other", "Some Band", "Other")
        VideoFeature.objects.store([record])
        song_id = VideoFeature.objects.get(video_id="newvideo002").song_id
        Dismissal.objects.create(user_id=ann, song_id=song_id)
        Playback.objects.create(user_id=ann, song_id=song_id, kind="play")
        show_list(Song(pk=song_id), user=User(pk=ann))
        VideoFeature.objects.filter(song_id=hello).delete()

    change_only(alias, write)
    assert Dismissal.objects.using(alias).filter(song_id=hello).count() == 1


def test_row_of_new_code_that_an_old_relay_shipped_by_halves_is_made_whole(old_pair, sync, capsys):
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, COPIED)
    ann, lithium = key_of_user("ann"), derive_row_key(Song, "nirvana", "lithium")
    change_only(SQLITE, lambda: Dismissal.objects.create(user_id=ann, song_id=lithium))
    key = Dismissal.objects.using(SQLITE).get(song_id=lithium).pk
    insert(POSTGRES, "music_dismissal", id=key, user_id=ann, created_at=NOW)
    version = RowVersion.objects.using(SQLITE).get(row_pk=str(key)).version
    RowVersion.objects.using(POSTGRES).filter(row_pk=str(key)).update(version=version)
    Change.objects.using(POSTGRES).filter(row_pk=str(key)).update(version=version)
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, CONTRACTED)
    sync()
    call_command("reconcile", "--repair")
    assert_equal_databases()
    assert_carried_over(added={"dismissals": {("ann", "nirvana/lithium")}})


def test_contract_waits_while_another_process_has_the_database_open(old_pair, tmp_path, capsys):
    with installed(old_pair.sqlite_path, None, tmp_path / "alone"):
        with old_process(old_pair.sqlite_path):
            call_command("init_db")
            assert "manage.py init_db --contract" in capsys.readouterr().out
            assert_contract_waits(SQLITE)
            assert not needs_migration(SQLITE)
        call_command("init_db")
        assert CONTRACT in list_applied(SQLITE)
        assert "--contract" not in capsys.readouterr().out
        assert_carried_over()


def test_contract_is_made_when_an_operator_says_so(old_pair, tmp_path):
    with (
        installed(old_pair.sqlite_path, None, tmp_path / "alone"),
        old_process(old_pair.sqlite_path),
    ):
        call_command("init_db", "--contract")
        assert CONTRACT in list_applied(SQLITE)


def test_contract_of_several_machines_waits_for_the_operator_and_then_for_nobody(
    old_pair, settings
):
    settings.SEVERAL_MACHINES = True
    for alias in (SQLITE, POSTGRES):
        call_command("migrate", database=alias, verbosity=0)
        assert_contract_waits(alias)
    call_command("migrate", database=POSTGRES, contract=True, verbosity=0)
    call_command("migrate", database=SQLITE, verbosity=0)  # its peer has been brought so far
    assert CONTRACT in list_applied(SQLITE)


def assert_contract_waits(alias):
    """Everything that is expanded in this version is applied, and nothing of the contract."""
    assert list_applied(alias)[-1] == "0013_lists_shown"


def list_applied(alias):
    recorder = MigrationRecorder(connections[alias])
    return sorted(name for app, name in recorder.applied_migrations() if app == "music")


@contextmanager
def old_process(path):
    """Another process that has the SQLite database open, as a worker has all the time."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=WAL')"
        "; c.execute('SELECT count(*) FROM accounts_user').fetchall(); print('open', flush=True)"
        "; sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"open\n"
        yield
        process.stdin.close()
