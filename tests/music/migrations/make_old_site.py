"""Makes ``old_site.json``: what listeners left behind in the last version without songs.

Run by that version (commit 75a58bf), in a worktree of it:

    git worktree add /tmp/old 75a58bf
    cd /tmp/old && SQLITE_DATABASE_URL=sqlite:////tmp/old/old.db STATE_DIR=/tmp/old/state \
        python manage.py shell -v 0 < …/tests/music/migrations/make_old_site.py > old_site.json
"""

import contextlib
import io
import json
from pathlib import Path
from tempfile import mkdtemp

from django.core.management import call_command
from django.db import connection
from music.catalogue.naming import name_song

from accounts.models import User
from music.caching import queries
from music.caching.queries import CachedQuery
from music.domain import impressions, likes
from music.models import MatchCorrection, VideoFeature
from music.records import SongRecord, Suggestion
from tunetrace_site.replication.unit import unit_of_work

CATALOGUE = """artist,title,year,genre,genres,moods,language,popularity,aliases
Nirvana,Come As You Are,1991,Grunge,grunge|1990s,dark|energetic,en,93,
Nirvana,Lithium,1991,Grunge,grunge|1990s,dark|energetic,en,85,
Adele,Hello,2015,Soul,soul|2010s,sad|tender,en,95,
The Beatles,Yesterday,1965,Pop,pop|1960s,sad|tender,en,97,
Кино,Группа крови,1988,Rock,rock|1980s,dark|epic,ru,70,Kino|Blood Type
Old Band,Gone Song,1980,Rock,rock|1980s,dark|epic,en,20,
"""
VIDEOS = [
    ("vabnZ9-ex7o", "Nirvana - Come As You Are (Official Music Video)", "NirvanaVEVO", 500_000_000),
    ("z9xY7kCAYA1", "Nirvana - Come As You Are (Live at Reading 1992)", "NirvanaVEVO", 20_000_000),
    ("cover0CAYA2", "Come As You Are - Nirvana (Cover by Somebody)", "Somebody", 1_000),
    ("pkcJEvMcnEg", "Nirvana - Lithium (Official Music Video)", "NirvanaVEVO", 200_000_000),
    ("YQHsXMglC9A", "Adele - Hello (Official Music Video)", "AdeleVEVO", 3_000_000_000),
    (
        "OMOGaugKpzs",
        "The Police - Every Breath You Take (Official Music Video)",
        "ThePoliceVEVO",
        9,
    ),
    ("noartist001", "Relaxing sounds of the sea", "", 5_000),
]


def record(video_id, title, channel, views):
    return SongRecord(
        video_id=video_id,
        title=title,
        artist="",
        song_title="",
        channel_title=channel,
        channel_id=f"UC{video_id:x<22}",
        tags=("rock",),
        description="About it",
        view_count=views,
        duration_seconds=220,
    )


def shown(video_id, position):
    return Suggestion(
        video_id=video_id, title="", artist="", genre="", score=1 / position, stage="content"
    )


def fill():
    folder = Path(mkdtemp())
    (folder / "songs.csv").write_text(CATALOGUE, encoding="utf-8")
    call_command("load_catalogue", str(folder / "songs.csv"))
    (folder / "fewer.csv").write_text(CATALOGUE.partition("Old Band")[0], encoding="utf-8")
    with unit_of_work():
        VideoFeature.objects.store(name_song(record(*video)) for video in VIDEOS)
        ann, ben = (User.objects.create(user_id=name) for name in ("ann", "ben"))
    likes.like_song(listener=ann, song_name="come as u are", video_id="vabnZ9-ex7o")
    likes.like_song(listener=ann, song_name="", video_id="catalogue:the-beatles/yesterday")
    likes.like_song(listener=ann, song_name="the one by the sea", video_id="noartist001")
    likes.like_song(listener=ann, song_name="gone song", video_id="catalogue:old-band/gone-song")
    like = likes.like_song(listener=ann, song_name="not to be found anywhere 123")
    likes.like_song(listener=ben, song_name="группа крови")
    likes.like_song(listener=ben, song_name="every breath", video_id="OMOGaugKpzs")
    likes.set_learning(listener=ann, like_id=like.pk, learn=False)
    call_command("load_catalogue", str(folder / "fewer.csv"))
    for listener, video_id in (
        (ann, "catalogue:adele/hello"),
        (ann, "YQHsXMglC9A"),
        (ann, "noartist001"),
        (ben, "z9xY7kCAYA1"),
        (ben, "catalogue:nirvana/come-as-you-are"),
    ):
        likes.dismiss_song(listener=listener, video_id=video_id)
    for listener, video_id, kind in (
        (ann, "vabnZ9-ex7o", "play"),
        (ann, "z9xY7kCAYA1", "play"),
        (ann, "pkcJEvMcnEg", "skip"),
        (ben, "noartist001", "play"),
        (ben, "OMOGaugKpzs", "play"),
    ):
        likes.record_playback(listener=listener, video_id=video_id, kind=kind)
    wrong = likes.like_song(listener=ben, song_name="lithium", video_id="pkcJEvMcnEg")
    likes.correct_match(
        listener=ben, like_id=wrong.pk, video_id="catalogue:nirvana/come-as-you-are"
    )
    likes.correct_match(listener=ben, like_id=wrong.pk, video_id=None)
    sea = likes.like_song(listener=ben, song_name="sea", video_id="catalogue:adele/hello")
    likes.correct_match(listener=ben, like_id=sea.pk, video_id="noartist001")
    assert MatchCorrection.objects.count() == 2
    impressions.record_impressions(
        listener=ann,
        list_key="0123456789abcdef",
        suggestions=(
            shown("pkcJEvMcnEg", 1),
            shown("catalogue:nirvana/lithium", 2),
            shown("YQHsXMglC9A", 3),
        ),
    )
    queries.store_many(
        [
            CachedQuery("smells like teen spirit", None, (), "search", 0.0),
            CachedQuery(
                "hello", "catalogue:adele/hello", ("YQHsXMglC9A", "unknown0001"), "stored", 0.9
            ),
            CachedQuery("lithium nirvana", "pkcJEvMcnEg", ("vabnZ9-ex7o",), "search", 0.97),
        ]
    )


def dump():
    tables = ["accounts_user"] + [
        f"music_{name}"
        for name in (
            "videofeature",
            "userlikedsong",
            "dismissal",
            "impression",
            "playback",
            "matchcorrection",
            "querycache",
        )
    ]
    dumped = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            columns = [column[0] for column in cursor.description]
            dumped[table] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    print(json.dumps(dumped, ensure_ascii=False, indent=1, default=str))


with contextlib.redirect_stdout(io.StringIO()):
    call_command("migrate", verbosity=0)
    fill()
dump()
