from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import SongForeignKey
from .video_feature import VideoFeature

SONG_NAME_MAX_LENGTH = 200


class UserLikedSongQuerySet(models.QuerySet["UserLikedSong"]):
    def liked_by(self, user: models.Model) -> "UserLikedSongQuerySet":
        """Keep a listener's likes, newest first."""
        return self.filter(user=user).order_by("-created_at", "-id")

    def pending(self) -> "UserLikedSongQuerySet":
        """Keep likes whose song has not been found yet or is not stored any more, oldest first."""
        return self.filter(song__address=None, video=None).order_by("created_at", "id")


class UserLikedSong(models.Model):
    """A song that a listener likes, in their own words, kept whatever happens to its videos."""

    id = NaturalKeyField(from_fields=("user_id", "song_name"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="liked_songs"
    )
    song_name = models.CharField(max_length=SONG_NAME_MAX_LENGTH)
    song = SongForeignKey(related_name="likes")
    video = models.ForeignKey(
        VideoFeature,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="likes",
        help_text="The take that was meant, where one was.",
    )
    learn = models.BooleanField(
        default=True, help_text="Off: kept in the list, not used for suggestions."
    )
    created_at = models.DateTimeField(default=timezone.now)
    was_made = False
    """Whether the call that returned this like has created it."""

    objects = UserLikedSongQuerySet.as_manager()

    class Meta:
        verbose_name = "like"
        indexes = [
            models.Index(fields=["user", "-created_at"], name="music_like_newest"),
            models.Index(fields=["-created_at", "-id"], name="music_like_listed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "song_name"], name="music_like_once"),
            models.CheckConstraint(
                condition=models.Q(song_name__length__range=(1, SONG_NAME_MAX_LENGTH)),
                name="music_like_name_length",
            ),
        ]

    def __str__(self) -> str:
        return self.song_name

    @property
    def is_found(self) -> bool:
        """Whether it is known what the words mean: a song, or a video without one."""
        return self.song_id is not None or self.video_id is not None
