from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models.functions import Length
from django.utils import timezone

from music.names.takes import Take
from music.records import SONG_SECONDS, VideoRecord
from tunetrace_site.replication.keys import NaturalKeyField
from tunetrace_site.replication.prepared import upsert

from .song import BATCH_ROWS, Song, SongForeignKey, rate_popularity

models.CharField.register_lookup(Length)

VIDEO_ID_MAX_LENGTH = 128
TEXT_MAX_LENGTH = 255
YOUTUBE, BUNDLE = "youtube", "bundle"
"""The sources of videos: YouTube described it, or the bundled catalogue names its id."""
ITSELF = (Take.ORIGINAL, Take.LYRICS)
"""Takes that have the song itself, better first: what a suggestion plays. Covers are not among
them."""
STAND_INS = (*ITSELF, Take.ACOUSTIC, Take.LIVE, Take.DEMO)
"""Takes by the artist that may replace the song itself where there is none, better first."""


class VideoFeatureQuerySet(models.QuerySet["VideoFeature"]):
    def playable(self) -> "VideoFeatureQuerySet":
        """Keep videos that a page can play.

        They are available, embeddable, not withdrawn, and no running live stream.
        """
        return self.filter(available=True, embeddable=True, is_live=False, withdrawn_at=None)

    def themselves(self) -> "VideoFeatureQuerySet":
        """Keep takes that have the song itself: no live take, cover or karaoke."""
        return self.filter(take__in=ITSELF)

    def of_song_length(self) -> "VideoFeatureQuerySet":
        """Keep videos of a song's length, and those of unknown length."""
        seconds = (SONG_SECONDS[0], SONG_SECONDS[-1])
        return self.filter(models.Q(duration=None) | models.Q(duration__range=seconds))

    def from_source(self, source: str) -> "VideoFeatureQuerySet":
        return self.filter(source=source)

    def most_seen_first(self) -> "VideoFeatureQuerySet":
        return self.order_by(models.F("view_count").desc(nulls_last=True), "video_id")

    def told_by_youtube(self) -> "VideoFeatureQuerySet":
        """Keep videos with stored data that can only come from YouTube's API."""
        is_told = ~models.Q(channel_id="") | models.Q(available=False)
        return self.filter(~models.Q(source=BUNDLE) | is_told)

    def store(self: "VideoFeatureQuerySet", records: Iterable[VideoRecord]) -> int:
        """Insert or update the videos of ``records``, and the songs that they are takes of.

        Returns how many videos there were. A stored video keeps its song and its take, which were
        decided when it was stored first, and whether it is of the bundle. Two statements to read,
        and one for each batch to write.
        """
        now = timezone.now()
        by_id = {record.video_id: record for record in records}
        stored = self.filter(video_id__in=by_id).only("video_id", "song_id", "take", "source")
        known = {row.video_id: row for row in stored}
        decided = {video_id: row.song_id for video_id, row in known.items() if row.song_id}
        songs = Song.objects.learn(by_id.values(), decided)
        rows = []
        for video_id, record in by_id.items():
            row = VideoFeature.from_record(record, now)
            row.song_id = songs.get(video_id)
            if before := known.get(video_id):
                row.song_id, row.take = row.song_id or before.song_id, before.take
                row.source = BUNDLE if before.source == BUNDLE else row.source
            rows.append(row)
        upsert(rows, "video_id", STORED_FIELDS)
        return len(rows)

    def load_bundle(self, records: Iterable[VideoRecord]) -> None:
        """Store videos that the bundled catalogue names, without changing stored ones' data."""
        by_id = {record.video_id: record for record in records}
        stored = self.filter(video_id__in=by_id)
        known = set(stored.values_list("video_id", flat=True))
        stored.exclude(source=BUNDLE).update(source=BUNDLE)
        self.store(record for video_id, record in by_id.items() if video_id not in known)

    def blank(self: "VideoFeatureQuerySet", videos: "VideoFeatureQuerySet") -> int:
        """Clear all of ``videos`` but what the catalogue says: ids, songs and takes."""
        rows = list(videos.select_related("song"))
        now = timezone.now()
        blanks = []
        for row in rows:
            title = f"{row.song.artist} - {row.song.title}" if row.song else row.video_id
            record = VideoRecord(row.video_id, title, "", "", take=row.take, source=BUNDLE)
            blank = VideoFeature.from_record(record, now)
            blank.pk, blank.song_id = row.pk, row.song_id
            blanks.append(blank)
        self.bulk_update(blanks, STORED_FIELDS, batch_size=BATCH_ROWS)
        return len(blanks)

    def unbundle_others(self, video_ids: Collection[str]) -> None:
        """Remove the mark of the bundle from videos that are not among ``video_ids``.

        Those that YouTube never described are deleted.
        """
        bundle = self.from_source(BUNDLE)
        gone = set(bundle.values_list("video_id", flat=True)) - set(video_ids)
        told = set(bundle.filter(video_id__in=gone).told_by_youtube().values_list("pk", flat=True))
        bundle.filter(video_id__in=gone).exclude(pk__in=told).delete()
        self.filter(pk__in=told).update(source=YOUTUBE)


class VideoFeature(models.Model):
    """A YouTube video: a take of a song, or of none (``song`` is null)."""

    id = NaturalKeyField(from_fields=("video_id",))
    video_id = models.CharField(max_length=VIDEO_ID_MAX_LENGTH, unique=True)
    song = SongForeignKey(related_name="takes", help_text="Empty where the video is no song.")
    take = models.CharField(
        max_length=16,
        choices=[(take.value, take.value) for take in Take],
        default=Take.ORIGINAL.value,
        help_text="Decided once, when the video is stored.",
    )
    title = models.CharField(max_length=TEXT_MAX_LENGTH, help_text="As the source shows it.")
    channel_title = models.CharField(max_length=TEXT_MAX_LENGTH, blank=True)
    channel_id = models.CharField(max_length=64, blank=True)
    tags = models.JSONField(default=list, blank=True)
    description = models.TextField(blank=True)
    view_count = models.BigIntegerField(null=True, blank=True)
    duration = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds.")
    genre = models.CharField(max_length=128, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    available = models.BooleanField(default=True)
    embeddable = models.BooleanField(default=True)
    made_for_kids = models.BooleanField(default=False)
    age_restricted = models.BooleanField(default=False)
    is_live = models.BooleanField(default=False)
    blocked_regions = models.JSONField(default=list, blank=True)
    allowed_regions = models.JSONField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when nobody is offered it: two listeners said that it does not play.",
    )
    source = models.CharField(max_length=16, default=YOUTUBE)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(
        default=timezone.now,
        help_text="When the source last said so; YouTube's 30 days run from it.",
    )

    objects = VideoFeatureQuerySet.as_manager()

    class Meta:
        verbose_name = "video"
        indexes = [
            models.Index(fields=["channel_id"], name="music_video_channel"),
            models.Index(fields=["source", "updated_at"], name="music_video_refresh"),
            models.Index(fields=["created_at"], name="music_video_created"),
            models.Index(fields=["-view_count", "video_id"], name="music_video_listed"),
        ]
        constraints = [
            # SQLite would accept longer texts and PostgreSQL would not: both must refuse the same
            # rows.
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
        return self.title

    @property
    def is_playable(self) -> bool:
        """Whether a player on our page can play it, in any region."""
        is_there = self.available and self.withdrawn_at is None
        return is_there and self.embeddable and not self.is_live

    def plays_in(self, region: str) -> bool:
        """Return whether it can be played in ``region`` (ISO 3166-1 alpha-2, upper case)."""
        return self.is_playable and self.is_offered_in(region)

    def is_offered_in(self, region: str) -> bool:
        """Return whether nothing forbids it in ``region``, as for ``plays_in``."""
        is_allowed = self.allowed_regions is None or region in self.allowed_regions
        return is_allowed and region not in self.blocked_regions

    def tell_facts(self) -> Song:
        """Return an unsaved song with this video's facts about the song that it is a take of."""
        popularity = rate_popularity(self.view_count)
        return Song(genre=self.genre, tags=self.tags, popularity=popularity)

    @classmethod
    def from_record(cls, record: VideoRecord, updated_at: Any) -> "VideoFeature":
        """Return the unsaved row of a source's record; texts are cut to column lengths."""
        return cls(
            video_id=record.video_id,
            take=record.take,
            title=record.title[:TEXT_MAX_LENGTH],
            channel_title=record.channel_title[:TEXT_MAX_LENGTH],
            channel_id=record.channel_id[:64],
            tags=list(record.tags),
            description=record.description.replace("\x00", ""),
            view_count=record.view_count,
            duration=record.duration_seconds,
            genre=record.genre[:128],
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


_NEVER_OVERWRITTEN: Sequence[str] = ("id", "video_id", "created_at", "withdrawn_at")
STORED_FIELDS = [
    f.name for f in VideoFeature._meta.concrete_fields if f.name not in _NEVER_OVERWRITTEN
]
