from collections.abc import Iterable
from math import log10
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from music.names.keys import ADDRESS_MAX_LENGTH, song_address, song_key
from music.records import VideoRecord
from tunetrace_site.replication.keys import NaturalKeyField

TEXT_MAX_LENGTH = 255


class SongForeignKey(models.ForeignKey):
    """A reference to a song that outlives it.

    Facts learnt from YouTube go with a song's last video, but what listeners said of the song
    stays: its key follows from its names, and leads to it again once it is learnt anew.
    Read it with ``select_related``, which gives None where the song is not there at present.
    """

    def __init__(
        self, to: Any = "music.Song", on_delete: Any = models.DO_NOTHING, **kwargs: Any
    ) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class SongQuerySet(models.QuerySet["Song"]):
    def suggestible(self) -> "SongQuerySet":
        """Songs that may be suggested: those of the bundled catalogue, and those with a take that
        can be played. A song that was joined to another one is never suggested.
        """
        from .video_feature import VideoFeature  # which refers to songs

        takes = VideoFeature.objects.playable().themselves().of_song_length()
        plays = Exists(takes.filter(song=OuterRef("pk")))
        return self.filter(Q(is_bundled=True) | plays, joined_to=None)

    def answering(self) -> "SongQuerySet":
        """Songs that a name may mean: those of the bundled catalogue, and those of which a take by
        the artist is there, also one that cannot be played on a page.
        """
        from .video_feature import STAND_INS, VideoFeature  # which refers to songs

        takes = VideoFeature.objects.filter(available=True, take__in=STAND_INS)
        return self.filter(Q(is_bundled=True) | Exists(takes.filter(song=OuterRef("pk"))))

    def best_known_first(self) -> "SongQuerySet":
        return self.order_by("-popularity", "address")

    def learn(self, records: Iterable[VideoRecord]) -> dict[str, int]:
        """Learn the songs that ``records`` are takes of; the key of each one's song by video id.

        A video of which nobody knows the artist is no song here. What the bundled catalogue says of
        a song stays; of other songs the facts that are missing are taken from the video.
        """
        told = {r.video_id: Song.of_record(r) for r in records if r.artist and r.song_title}
        stored = self.in_bulk([song.pk for song in told.values()])
        new: dict[int, Song] = {}
        changed: dict[int, Song] = {}
        for song in told.values():
            known = stored.get(song.pk) or new.setdefault(song.pk, song)
            if known is not song and known.take_facts(song) and known.pk in stored:
                changed[known.pk] = known
        self.bulk_create(new.values(), batch_size=200, ignore_conflicts=True)
        self.bulk_update(changed.values(), LEARNT_FIELDS, batch_size=200)
        return {
            video_id: stored[song.pk].joined_to_id or song.pk if song.pk in stored else song.pk
            for video_id, song in told.items()
        }

    def load_bundle(self, songs: Iterable["Song"]) -> None:
        """Insert or update songs of the bundled catalogue with their facts."""
        self.bulk_create(
            songs,
            batch_size=200,
            update_conflicts=True,
            unique_fields=["artist_key", "title_key"],
            update_fields=BUNDLED_FIELDS,
        )


class Song(models.Model):
    """A piece of music by an artist, however people write it and however many videos play it.

    ``artist_key`` and ``title_key`` are its natural key (``music.names.keys``). They are fixed when
    the song is made: better reading later never changes a stored key.
    """

    id = NaturalKeyField(from_fields=("artist_key", "title_key"))
    artist_key = models.CharField(max_length=TEXT_MAX_LENGTH, editable=False)
    title_key = models.CharField(max_length=TEXT_MAX_LENGTH, editable=False)
    address = models.CharField(
        max_length=ADDRESS_MAX_LENGTH,
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

    @classmethod
    def of_record(cls, record: VideoRecord) -> "Song":
        """The unsaved song that a video is a take of, with what the video tells of it."""
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
        """Take what ``told`` says and this does not know, and the higher popularity; returns
        whether anything changed. The facts of the bundled catalogue stay as they are.
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
        """The unsaved song of these names, its keys and its address made from them."""
        artist_key, title_key = song_key(artist, title)
        return cls(
            id=cls._meta.pk.derive(artist_key, title_key),
            artist_key=artist_key,
            title_key=title_key,
            address=song_address(artist_key, title_key),
            artist=artist[:TEXT_MAX_LENGTH],
            title=title[:TEXT_MAX_LENGTH],
            **facts,
        )


def rate_popularity(view_count: int | None) -> int:
    """How well known a song is, 0 to 100, by the views of a video of it: the place of the count
    between one and ten thousand million by powers of ten. Hidden counts give 0.
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
