"""A site of the last version without songs is carried over, whichever database is away meanwhile."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connections

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
from tests.tunetrace_site.replication.rows import assert_equal_databases
from tunetrace_site.replication import contracts
from tunetrace_site.replication.databases import POSTGRES, SQLITE, other
from tunetrace_site.replication.models import RowVersion
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.schema import needs_migration

from .old_site import (
    BEFORE,
    COPIED,
    execute,
    fill,
    insert,
    key_of_user,
    key_of_video,
    migrate_to,
    read_old_site,
    video,
)

SEA = ("", "Relaxing sounds of the sea")
"""What no song is: it has no address, and what was said of it refers to nothing."""
LIKES = {
    ("ann", "come as u are", "nirvana/come-as-you-are", "vabnZ9-ex7o", True),
    ("ann", "The Beatles – Yesterday", "the-beatles/yesterday", None, True),
    ("ann", "the one by the sea", None, "noartist001", True),
    ("ann", "gone song", "old-band/gone-song", None, True),
    ("ann", "not to be found anywhere 123", None, None, False),
    ("ben", "группа крови", "кино/группа-крови", None, True),
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
}
IMPRESSIONS = {("ann", "nirvana/lithium"), ("ann", "adele/hello")}
CORRECTIONS = {
    ("ben", "lithium", None, ("nirvana/come-as-you-are", "pkcJEvMcnEg")),
    ("ben", "sea", SEA, ("adele/hello",)),
}


@pytest.fixture
def old_pair(pair):
    """Both databases as the old version left them, in step."""
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, BEFORE)
    fill(SQLITE)
    # The old version's write-through: the same rows with the same versions.
    fill(POSTGRES)
    _equalize_versions()
    return pair


def _equalize_versions():
    rows = list(RowVersion.objects.using(SQLITE).values_list("table_name", "row_pk", "version"))
    for table, pk, version in rows:
        for model in ("replication_rowversion", "replication_change"):
            execute(
                POSTGRES,
                f"UPDATE {model} SET version = %s WHERE table_name = %s AND row_pk = %s",
                version,
                table,
                pk,
            )


def name_of(song_id):
    """The address of a song, or what a key without a song was made of."""
    if song_id is None:
        return None
    address = Song.objects.filter(pk=song_id).values_list("address", flat=True).first()
    keys = {Song._meta.pk.derive(*song_key(*names)): names for names in (SEA,)}
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
        "impressions": {(users[i.user_id], name_of(i.song_id)) for i in Impression.objects.all()},
        "corrections": {
            (users[c.user_id], c.query, name_of(c.song_id), tuple(c.rejected_ids))
            for c in MatchCorrection.objects.all()
        },
    }


def assert_carried_over():
    """Every row of the old site is there, about the song of its video."""
    site = read_site()
    every = {like for like in site["likes"] if like[1] != "every breath"}
    assert every == LIKES
    assert len(site["likes"]) == len(LIKES) + 1
    assert site["dismissals"] == DISMISSALS
    assert {p for p in site["playbacks"] if "police" not in str(p[1])} == PLAYBACKS
    assert len(site["playbacks"]) == len(PLAYBACKS) + 1
    assert site["impressions"] == IMPRESSIONS
    assert site["corrections"] == CORRECTIONS


def test_everything_of_the_old_site_is_about_songs(old_pair, sync):
    for alias in (SQLITE, POSTGRES):
        migrate_to(alias, "0006")
    assert_carried_over()
    before = assert_equal_databases()
    sync()
    assert assert_equal_databases() == before
