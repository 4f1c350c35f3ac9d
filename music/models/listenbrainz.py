from django.conf import settings
from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField

from .song import Song

TROUBLE_MAX_LENGTH = 200
NAME_MAX_LENGTH = 255
MBID_LENGTH = 36


class ListenBrainzLink(models.Model):
    """A listener's connection to an account at ListenBrainz, and what is sent there."""

    id = NaturalKeyField(from_fields=("user_id",))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="listenbrainz"
    )
    sealed_token = models.CharField(
        max_length=512, help_text="The listener's token, encrypted with SECRET_KEY."
    )
    user_name = models.CharField(
        max_length=NAME_MAX_LENGTH, blank=True, help_text="Theirs; empty until it is checked."
    )
    sends_plays = models.BooleanField(default=True)
    sends_likes = models.BooleanField(default=True)
    trouble = models.CharField(
        max_length=TROUBLE_MAX_LENGTH, blank=True, help_text="What went wrong the last time."
    )
    due_at = models.DateTimeField(default=timezone.now, help_text="Not to be asked before.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "link to ListenBrainz"
        verbose_name_plural = "links to ListenBrainz"
        indexes = [
            models.Index(fields=["due_at"], name="music_listenbrainz_due"),
            models.Index(fields=["-created_at", "-id"], name="music_listenbrainz_listed"),
        ]

    def __str__(self) -> str:
        return self.user_name or "not checked yet"


class Listen(models.Model):
    """A play that is still to be sent to ListenBrainz; deleted when it was sent."""

    id = NaturalKeyField(from_fields=("user_id", "listened_at"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="listens"
    )
    artist = models.CharField(max_length=Song._meta.get_field("artist").max_length)
    title = models.CharField(max_length=Song._meta.get_field("title").max_length)
    listened_at = models.PositiveBigIntegerField(help_text="Seconds since 1970.")

    class Meta:
        verbose_name = "listen to be sent"
        verbose_name_plural = "listens to be sent"
        constraints = [
            models.UniqueConstraint(fields=["user", "listened_at"], name="music_listen_once")
        ]
        indexes = [models.Index(fields=["-listened_at", "-id"], name="music_listen_listed")]

    def __str__(self) -> str:
        return f"{self.artist} – {self.title}"


class LovedThere(models.Model):
    """A like that was sent to ListenBrainz as a loved recording, or that it could not identify."""

    id = NaturalKeyField(from_fields=("user_id", "song_pk"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="loved_there"
    )
    song_pk = models.BigIntegerField(help_text="The song's key; it stays when the song goes.")
    recording_mbid = models.CharField(
        max_length=MBID_LENGTH, blank=True, help_text="MusicBrainz’ id; empty: not known there."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "like told to ListenBrainz"
        verbose_name_plural = "likes told to ListenBrainz"
        constraints = [
            models.UniqueConstraint(fields=["user", "song_pk"], name="music_loved_there_once")
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="music_loved_there_listed")]

    def __str__(self) -> str:
        return self.recording_mbid or "not known at MusicBrainz"
