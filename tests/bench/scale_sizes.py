"""What a row of each table that grows takes in PostgreSQL, with its indexes, and what a list takes
in Redis; and what follows for a large site. Printed as the table of docs/scale.md.

Keys and texts are as the site makes them. What stands beside a row, such as an index that fills
its pages badly after years of changes, is not in it.

Run: .venv/bin/python -m tests.bench.scale_sizes
"""

import os
import random
import tempfile
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections, models  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from music.caching import encoding  # noqa: E402
from music.models import (  # noqa: E402
    Impression,
    Playback,
    QueryCache,
    Song,
    SuggestionSum,
    UserLikedSong,
    VideoFeature,
)
from music.records import Cause, Suggestion, SuggestionList  # noqa: E402
from tests.servers.pair import installed_without_sqlite  # noqa: E402
from tests.servers.postgres import running_postgres  # noqa: E402
from tests.servers.redis import RedisServer  # noqa: E402
from tunetrace_site.replication.models import Change, RowVersion  # noqa: E402

N_SONGS, N_LISTENERS, N_ROWS = 10_000, 5_000, 50_000
LARGE = {
    "Song": 10_000_000,
    "VideoFeature": 10_000_000,
    "User": 1_000_000,
    "UserLikedSong": 50_000_000,
    "Playback": 100_000_000,
    "Impression": 90_000_000,
    "QueryCache": 20_000_000,
    "SuggestionSum": 1_000_000,
    "RowVersion": 310_000_000,
    "Change": 5_000_000,
}
"""1,000,000 listeners with 50 likes and 100 played songs each; a tenth of them get ten lists of ten
songs a day, which are kept for 90 days; two names for each song. With two databases there is a
version for each row and for what was deleted in the last 30 days, and a log as long as it may be.
"""
_BATCH = 2000
_dice = random.Random(1)


def make_songs() -> Iterable[Song]:
    for n in range(N_SONGS):
        artist, title = f"The Artist of Name {n % 2000}", f"A Song With a Title {n}"
        yield Song.named(artist, title, genre="Rock", tags=["rock", "1990s"], language="en")


def make_videos(songs: list[Song]) -> Iterable[VideoFeature]:
    for n, song in enumerate(songs):
        yield VideoFeature(
            video_id=f"{n:011d}",
            song=song,
            title=f"{song.artist} - {song.title} (Official Video)",
            channel_title=song.artist,
            channel_id=f"UC{n % 2000:022d}",
            description="words " * 60,
            view_count=n * 1000,
            duration=240,
        )


def fill() -> None:
    """Store every kind of row."""
    store(
        User, (User(user_id=f"listener-{n}", email=f"{n}@example.org") for n in range(N_LISTENERS))
    )
    store(Song, make_songs())
    songs, listeners = list(Song.objects.all()), list(User.objects.all())
    store(VideoFeature, make_videos(songs))
    pairs = [(listener, song) for listener in listeners for song in _dice.sample(songs, 10)]
    store(
        UserLikedSong,
        (UserLikedSong(user=u, song=s, song_name=f"{s.artist} - {s.title}") for u, s in pairs),
    )
    store(Playback, (Playback(user=u, song=s, kind=Playback.Kind.PLAY) for u, s in pairs))
    store(Impression, (make_impression(n, u, songs) for n, u in enumerate(listeners * 10)))
    store(
        QueryCache,
        (QueryCache(query=f"{s.artist} {s.title}", song=s, rung="stored") for s in songs),
    )
    store(SuggestionSum, (make_sum(listener) for listener in listeners))
    fill_log()


def make_sum(listener: User) -> SuggestionSum:
    numbers = {"collaborative": [3521, 41, 7], "content": [812, 9, 3], "popular": [40, 1, 0]}
    return SuggestionSum(user=listener, by_stage=numbers, counted_until=timezone.now())


def fill_log() -> None:
    """Store entries of the log, and versions, as triggers make them."""
    key = "(1e18 + n * 7919)::bigint"
    with connections["default"].cursor() as cursor:
        for table, columns, values in (
            ("rowversion", "table_name, row_pk, version, deleted", "28e15::bigint + n, false"),
            ("change", "table_name, row_pk, version, xid", "28e15::bigint + n, n"),
        ):
            cursor.execute(
                f"INSERT INTO replication_{table} ({columns}) SELECT 'music_userlikedsong', {key},"
                f" {values} FROM generate_series(1, {N_ROWS}) n"
            )


def make_impression(n: int, user: User, songs: list[Song]) -> Impression:
    stages = ["collaborative"] * 7 + ["content"] * 3
    chosen = zip((song.pk for song in _dice.sample(songs, 10)), stages, strict=True)
    return Impression.of_list(user_id=user.pk, request_id=f"{n:032x}", songs=chosen)


def store(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        model._base_manager.bulk_create(batch)


def measure_row(model: type[models.Model]) -> float:
    """Bytes a row, with its indexes."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')
        cursor.execute("SELECT pg_total_relation_size(%s)", [model._meta.db_table])
        return cursor.fetchone()[0] / model._base_manager.count()


def make_suggestion(n: int) -> Suggestion:
    causes = [Cause(f"catalogue:artist-{m}/liked-song-{m}", f"A Liked Song {m}", 0.5) for m in "ab"]
    return Suggestion(
        song_id=f"catalogue:the-artist-of-name-{n}/a-song-with-a-title-{n}",
        song_pk=2**60 + n,
        title=f"A Song With a Title {n}",
        artist=f"The Artist of Name {n}",
        genre="Rock",
        year=1991,
        language="en",
        video_id=f"{n:011d}",
        duration_seconds=240,
        channel_title=f"The Artist of Name {n}",
        channel_id=f"UC{n:022d}",
        video_title=f"The Artist of Name {n} - A Song With a Title {n} (Official Video)",
        score=0.123456789,
        stage="collaborative",
        because=tuple(causes),
    )


def measure_list(count: Callable[[], int], put: Callable[[str, bytes], object]) -> float:
    """Bytes of Redis' memory that a list of ten suggestions takes."""
    suggestions = tuple(make_suggestion(n) for n in range(10))
    before, n_lists = count(), 2000
    for n in range(n_lists):
        put(f"suggestions:{n:040x}", encoding.dump(encoding.encode(SuggestionList(suggestions))))
    return (count() - before) / n_lists


def main() -> None:
    with tempfile.TemporaryDirectory() as name, running_postgres() as postgres:
        postgres.create_database("sizes")
        folder = Path(name)
        with installed_without_sqlite(folder / "none", postgres.url("sizes"), folder / "state"):
            call_command("migrate", database="default", verbosity=0)
            fill()
            print("| table | bytes a row, measured | rows of the large site | computed |")
            print("|---|---|---|---|")
            for model in (
                User,
                Song,
                VideoFeature,
                UserLikedSong,
                Playback,
                Impression,
                QueryCache,
                SuggestionSum,
                RowVersion,
                Change,
            ):
                n_bytes, n_rows = measure_row(model), LARGE[model.__name__]
                size = f"{n_bytes * n_rows / 2**30:,.0f} GiB"
                print(f"| `{model._meta.db_table}` | {n_bytes:,.0f} | {n_rows:,} | {size} |")
    with RedisServer() as server, server.connect() as redis:
        n_bytes = measure_list(lambda: redis.info("memory")["used_memory"], redis.set)
        print(f"a list in Redis: {n_bytes:,.0f} bytes")


if __name__ == "__main__":
    main()
