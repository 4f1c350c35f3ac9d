from collections.abc import Iterable, Mapping
from math import log10
from typing import Any, TypeAlias

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.utils import timezone

from music.names.keys import MAX_ADDRESS_LENGTH, song_address, song_key
from music.records import VideoRecord
from tunetrace_site.replication.keys import NaturalKeyField, derive_row_key
from tunetrace_site.replication.prepared import insert_missing

TEXT_MAX_LENGTH = 255
BATCH_ROWS = 200
"""The number of rows written by one statement; by SQLite as many as make 999 values."""


Assigned: TypeAlias = "Song | Combinable | None"


class SongForeignKey(models.ForeignKey[Assigned, "Song | None"]):
    """A reference to a song that outlives it.

    Facts learnt from YouTube go with a song's last video, but what listeners said of the song
    stays: its key follows from its names, and finds it again once it is learnt anew. Read it with
    ``select_related``, which gives None where the song is not stored at present.
    """

    def __init__(
        self, to: Any = "music.Song", on_delete: Any = models.DO_NOTHING, **kwargs: Any
    ) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class SongQuerySet(models.QuerySet["Song"]):
    def unjoined(self) -> "SongQuerySet":
        """Keep songs that were not joined to another one, which is nearly all of them.

        Written so that no database uses the index of ``joined_to`` for it: SQLite would read nearly
        all songs there, rather than the few that the rest of the query names.
        """
        return self.exclude(joined_to__isnull=False)

    def present(self, keys: Iterable[int]) -> dict[int, "Song"]:
        """Return the songs with these primary keys by key; one query.

        In place of a song that was joined to another one stands that other one. What is not stored
        at present is left out.
        """
        found = self.select_related("joined_to").in_bulk(set(keys))
        return {key: song.joined_to or song for key, song in found.items()}

    def suggestible(self) -> "SongQuerySet":
        """Keep songs of the bundled catalogue, and songs with a take that can be played.

        A song that was joined to another one is never suggested.
        """
        from .video_feature import VideoFeature  # which refers to songs

        takes = VideoFeature.objects.playable().themselves().of_song_length()
        plays = Exists(takes.filter(song=OuterRef("pk")))
        return self.unjoined().filter(Q(is_bundled=True) | plays)

    def answering(self) -> "SongQuerySet":
        """Keep songs that a name may mean.

        Those are songs of the bundled catalogue, and songs with an available take by the artist,
        even one that cannot be played on a page.
        """
        from .video_feature import STAND_INS, VideoFeature  # which refers to songs

        takes = VideoFeature.objects.filter(available=True, take__in=STAND_INS)
        return self.filter(Q(is_bundled=True) | Exists(takes.filter(song=OuterRef("pk"))))

    def best_known_first(self) -> "SongQuerySet":
        return self.order_by("-popularity", "address")

    def learn(
        self: "SongQuerySet",
        records: Iterable[VideoRecord],
        decided: Mapping[str, int] | None = None,
    ) -> dict[str, int]:
        """Store the songs that ``records`` are takes of; return the song's key by video id.

        ``decided`` are the keys of songs by the ids of videos that are takes of them already: such
        a video tells facts of its song, however its title would be read today. A video with an
        unknown artist has no song here. Facts from the bundled catalogue stay; missing facts of
        other songs are taken from the video. One statement to read, and one for each batch of songs
        that are new or changed.
        """
        told = {r.video_id: Song.of_record(r) for r in records}
        decided = {i: key for i, key in (decided or {}).items() if i in told}
        known = self.in_bulk({*decided.values(), *(song.pk for song in told.values())})
        new: dict[int, Song] = {}
        changed: dict[int, Song] = {}
        keys: dict[str, int] = {}
        for video_id, song in told.items():
            if decided.get(video_id) in known:
                song.pk = decided[video_id]
            elif not song.is_named:
                continue
            keys[video_id] = song.pk
            stored = known.setdefault(song.pk, song)
            if stored is song:
                new[song.pk] = song
            elif stored.take_facts(song) and song.pk not in new:
                changed[song.pk] = stored
        insert_missing(list(new.values()))
        self.bulk_update(changed.values(), LEARNT_FIELDS, batch_size=BATCH_ROWS)
        return {video_id: known[key].joined_to_id or key for video_id, key in keys.items()}

    def load_bundle(self: "SongQuerySet", songs: Iterable["Song"]) -> int:
        """Insert songs of the bundled catalogue, or update their facts; return how many changed.

        One statement to read them, and one for each batch of changed ones.
        """
        by_key = {song.pk: song for song in songs}
        stored = self.in_bulk(by_key)
        changed = [song for key, song in by_key.items() if not song.says_the_same(stored.get(key))]
        self.bulk_create(
            changed,
            batch_size=BATCH_ROWS,
            update_conflicts=True,
            unique_fields=["artist_key", "title_key"],
            update_fields=BUNDLED_FIELDS,
        )
        return len(changed)

    def forget_learnt_facts(self) -> int:
        """Clear the facts of these songs that only videos gave; return how many songs."""
        untold = Song()
        blank = {name: getattr(untold, name) for name in LEARNT_FIELDS}
        return self.filter(is_bundled=False).update(**blank)


class Song(models.Model):
    """A piece of music by an artist, however people write it and however many videos play it.

    ``artist_key`` and ``title_key`` are its natural key (``music.names.keys``). They are fixed when
    the song is made: better rules later never change a stored key.
    """

    id = NaturalKeyField(from_fields=("artist_key", "title_key"))
    artist_key = models.CharField(max_length=TEXT_MAX_LENGTH, editable=False)
    title_key = models.CharField(max_length=TEXT_MAX_LENGTH, editable=False)
    address = models.CharField(
        max_length=MAX_ADDRESS_LENGTH,
        unique=True,
        editable=False,
        help_text="Names the song in URLs and in the API, such as nirvana/come-as-you-are.",
    )
    artist = models.CharField(max_length=TEXT_MAX_LENGTH)
    title = models.CharField(max_length=TEXT_MAX_LENGTH)
    aliases = models.JSONField(default=list, blank=True)
    genre = models.CharField(max_length=128, blank=True)
    tags = models.JSONField(default=list, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    language = models.CharField(max_length=16, blank=True)
    popularity = models.SmallIntegerField(
        default=0, help_text="How widely known, 0 to 100; orders songs, shown to nobody."
    )
    is_bundled = models.BooleanField(
        default=False, help_text="Its facts are of the bundled catalogue, and stay for ever."
    )
    joined_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="joined",
        help_text="An operator found it to be this song; its address leads there.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(
        default=timezone.now, help_text="When a fact of it last changed."
    )

    objects = SongQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["title_key"], name="music_song_title"),
            models.Index(fields=["-popularity", "address"], name="music_song_best_known"),
            models.Index(fields=["created_at"], name="music_song_created"),
            models.Index(fields=["updated_at"], name="music_song_updated"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["artist_key", "title_key"], name="music_song_once"),
        ]

    def __str__(self) -> str:
        return f"{self.artist} – {self.title}"

    @property
    def is_named(self) -> bool:
        """Whether artist and title are known."""
        return bool(self.artist and self.title)

    def says_the_same(self, other: "Song | None") -> bool:
        """Return whether ``other`` exists and has the same facts of the bundled catalogue."""
        said = [name for name in BUNDLED_FIELDS if name != "updated_at"]
        return other is not None and all(getattr(self, n) == getattr(other, n) for n in said)

    @classmethod
    def of_record(cls, record: VideoRecord) -> "Song":
        """Return the unsaved song of a video's record, with the facts in it."""
        return cls.named(
            record.artist,
            record.song_title,
            genre=record.genre[:128],
            tags=list(record.tags),
            year=record.year,
            language=record.language[:16],
            popularity=rate_popularity(record.view_count),
        )

    def take_facts(self, told: "Song") -> bool:
        """Fill in missing facts from ``told``, and take the higher popularity.

        Returns whether anything changed. Facts of the bundled catalogue stay as they are.
        """
        if self.is_bundled:
            return False
        before = [getattr(self, name) for name in LEARNT_FIELDS]
        self.genre = self.genre or told.genre
        self.tags = self.tags or told.tags
        self.year = self.year or told.year
        self.language = self.language or told.language
        self.popularity = max(self.popularity, told.popularity)
        is_changed = [getattr(self, name) for name in LEARNT_FIELDS] != before
        if is_changed:
            self.updated_at = timezone.now()
        return is_changed

    @classmethod
    def named(cls, artist: str, title: str, **facts: Any) -> "Song":
        """Return the unsaved song of these names, with its keys and its address."""
        artist_key, title_key = song_key(artist, title)
        return cls(
            id=derive_row_key(cls, artist_key, title_key),
            artist_key=artist_key,
            title_key=title_key,
            address=song_address(artist_key, title_key),
            artist=artist[:TEXT_MAX_LENGTH],
            title=title[:TEXT_MAX_LENGTH],
            **facts,
        )


def rate_popularity(view_count: int | None) -> int:
    """Return a song's popularity, 0 to 100, from the views of a video.

    It is the logarithm of the views, scaled from 1 to ten thousand million. Hidden counts give 0.
    """
    if view_count is None:
        return 0
    return round(100 * min(log10(max(view_count, 1)) / log10(_MOST_VIEWS), 1))


_MOST_VIEWS = 10**10
LEARNT_FIELDS = ["genre", "tags", "year", "language", "popularity", "updated_at"]
BUNDLED_FIELDS = [
    "artist",
    "title",
    "aliases",
    "genre",
    "tags",
    "year",
    "language",
    "popularity",
    "is_bundled",
    "updated_at",
]
