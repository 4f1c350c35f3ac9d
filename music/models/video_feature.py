from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models.functions import Length
from django.utils import timezone

from music.names.normalization import normalize_key
from music.records import SongRecord, is_catalogue_id
from tunetrace_site.replication.keys import NaturalKeyField

models.CharField.register_lookup(Length)

VIDEO_ID_MAX_LENGTH = 128
TEXT_MAX_LENGTH = 255


class VideoFeatureQuerySet(models.QuerySet["VideoFeature"]):
    def playable(self) -> "VideoFeatureQuerySet":
        """Songs that may be suggested: still there, embeddable, and not a running live stream."""
        return self.filter(available=True, embeddable=True, is_live=False)

    def list_playable_in(self, region: str, video_ids: Sequence[str]) -> set[str]:
        """Those of ``video_ids`` that are playable and that nobody blocks in ``region`` (ISO
        3166-1 alpha-2, upper case). Builds no model instances: every request asks it.
        """
        songs = self.playable().filter(video_id__in=video_ids)
        rows = songs.values_list("video_id", "blocked_regions", "allowed_regions")
        return {
            video_id
            for video_id, blocked, allowed in rows
            if region not in blocked and (allowed is None or region in allowed)
        }

    def from_source(self, source: str) -> "VideoFeatureQuerySet":
        return self.filter(source=source)

    def best_known_first(self) -> "VideoFeatureQuerySet":
        return self.order_by("-popularity", "video_id")

    def store(self, records: Iterable[SongRecord]) -> int:
        """Insert or update the songs of ``records``, keyed by ``video_id``; returns how many."""
        now = timezone.now()
        rows = {record.video_id: VideoFeature.from_record(record, now) for record in records}
        self.bulk_create(
            rows.values(),
            batch_size=200,
            update_conflicts=True,
            unique_fields=["video_id"],
            update_fields=STORED_FIELDS,
        )
        return len(rows)


class VideoFeature(models.Model):
    """A song as a source knows it: a YouTube video, or an entry of the bundled catalogue."""

    id = NaturalKeyField(from_fields=("video_id",))
    video_id = models.CharField(max_length=VIDEO_ID_MAX_LENGTH, unique=True)
    title = models.CharField(max_length=TEXT_MAX_LENGTH, help_text="As the source shows it.")
    artist = models.CharField(max_length=TEXT_MAX_LENGTH, blank=True)
    song_title = models.CharField(max_length=TEXT_MAX_LENGTH, blank=True)
    artist_key = models.CharField(max_length=TEXT_MAX_LENGTH, blank=True, editable=False)
    title_key = models.CharField(max_length=TEXT_MAX_LENGTH, blank=True, editable=False)
    channel_title = models.CharField(max_length=TEXT_MAX_LENGTH, blank=True)
    channel_id = models.CharField(max_length=64, blank=True)
    tags = models.JSONField(default=list, blank=True)
    aliases = models.JSONField(default=list, blank=True)
    description = models.TextField(blank=True)
    view_count = models.BigIntegerField(null=True, blank=True)
    popularity = models.SmallIntegerField(
        default=0, help_text="How widely known, 0 to 100; orders songs, shown to nobody."
    )
    duration = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds.")
    genre = models.CharField(max_length=128, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    language = models.CharField(max_length=16, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    available = models.BooleanField(default=True)
    embeddable = models.BooleanField(default=True)
    made_for_kids = models.BooleanField(default=False)
    age_restricted = models.BooleanField(default=False)
    is_live = models.BooleanField(default=False)
    blocked_regions = models.JSONField(default=list, blank=True)
    allowed_regions = models.JSONField(null=True, blank=True)
    source = models.CharField(max_length=16, default="youtube")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(
        default=timezone.now,
        help_text="When the source last said so; YouTube's 30 days run from it.",
    )

    objects = VideoFeatureQuerySet.as_manager()

    class Meta:
        verbose_name = "song"
        indexes = [
            models.Index(fields=["title_key", "artist_key"], name="music_video_title_artist"),
            models.Index(fields=["artist_key"], name="music_video_artist"),
            models.Index(fields=["channel_id"], name="music_video_channel"),
            models.Index(fields=["-popularity", "video_id"], name="music_video_best_known"),
            models.Index(fields=["source", "updated_at"], name="music_video_refresh"),
            models.Index(fields=["created_at"], name="music_video_created"),
        ]
        constraints = [
            # SQLite would take longer texts and PostgreSQL not: both must refuse the same rows.
            models.CheckConstraint(
                condition=models.Q(video_id__length__range=(1, VIDEO_ID_MAX_LENGTH)),
                name="music_video_id_length",
            ),
            models.CheckConstraint(
                condition=models.Q(title__length__lte=TEXT_MAX_LENGTH),
                name="music_video_title_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artist} – {self.song_title}" if self.artist else self.title

    @property
    def is_playable(self) -> bool:
        """Whether a player on our page can play it (a catalogue song has no video)."""
        return (
            self.available
            and self.embeddable
            and not self.is_live
            and not is_catalogue_id(self.video_id)
        )

    @classmethod
    def from_record(cls, record: SongRecord, updated_at: Any) -> "VideoFeature":
        """The unsaved row of a source's record; texts are cut to what a column holds."""
        return cls(
            video_id=record.video_id,
            title=record.title[:TEXT_MAX_LENGTH],
            artist=record.artist[:TEXT_MAX_LENGTH],
            song_title=record.song_title[:TEXT_MAX_LENGTH],
            artist_key=normalize_key(record.artist)[:TEXT_MAX_LENGTH],
            title_key=normalize_key(record.song_title)[:TEXT_MAX_LENGTH],
            channel_title=record.channel_title[:TEXT_MAX_LENGTH],
            channel_id=record.channel_id[:64],
            tags=list(record.tags),
            aliases=list(record.aliases),
            description=record.description.replace("\x00", ""),
            view_count=record.view_count,
            popularity=record.popularity or 0,
            duration=record.duration_seconds,
            genre=record.genre[:128],
            year=record.year,
            language=record.language[:16],
            published_at=record.published_at,
            available=record.available,
            embeddable=record.embeddable,
            made_for_kids=record.made_for_kids,
            age_restricted=record.age_restricted,
            is_live=record.is_live,
            blocked_regions=list(record.blocked_regions),
            allowed_regions=None
            if record.allowed_regions is None
            else list(record.allowed_regions),
            source=record.source,
            updated_at=updated_at,
        )

    def to_record(self) -> SongRecord:
        """The frozen value that the parts without a database work with."""
        return SongRecord(
            video_id=self.video_id,
            title=self.title,
            artist=self.artist,
            song_title=self.song_title,
            channel_title=self.channel_title,
            channel_id=self.channel_id,
            tags=tuple(self.tags),
            description=self.description,
            view_count=self.view_count,
            duration_seconds=self.duration,
            genre=self.genre,
            year=self.year,
            language=self.language,
            published_at=self.published_at,
            available=self.available,
            embeddable=self.embeddable,
            made_for_kids=self.made_for_kids,
            age_restricted=self.age_restricted,
            is_live=self.is_live,
            blocked_regions=tuple(self.blocked_regions),
            allowed_regions=None if self.allowed_regions is None else tuple(self.allowed_regions),
            source=self.source,
            popularity=self.popularity or None,
            aliases=tuple(self.aliases),
        )


_NEVER_OVERWRITTEN: Sequence[str] = ("id", "video_id", "created_at")
STORED_FIELDS = [
    f.name for f in VideoFeature._meta.concrete_fields if f.name not in _NEVER_OVERWRITTEN
]
