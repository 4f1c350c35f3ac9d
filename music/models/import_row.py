from django.db import models

from tunetrace_site.replication.keys import NaturalKeyField

from .liked_song import SONG_NAME_MAX_LENGTH
from .playlist_import import PlaylistImport
from .song import SongForeignKey

VIDEO_ID_MAX_LENGTH = 16


class ImportRow(models.Model):
    """One song of an import: the written text, what it was found to mean, and its state.

    Nothing else of a file is kept.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SURE = "sure"
        DOUBTFUL = "doubtful"
        MISSING = "missing", "not found"
        LIKED = "liked"
        HAD = "had", "liked before"
        KEPT = "kept", "kept in your words"
        LEFT = "left", "left out"

    id = NaturalKeyField(from_fields=("job_id", "number"))
    job = models.ForeignKey(PlaylistImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Its place in the file, counted from one.")
    name = models.CharField(max_length=SONG_NAME_MAX_LENGTH)
    video_id = models.CharField(max_length=VIDEO_ID_MAX_LENGTH, blank=True)
    liked_at = models.DateTimeField(null=True, blank=True, help_text="As the file has it.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    song = SongForeignKey(related_name="+")
    take = models.CharField(
        max_length=VIDEO_ID_MAX_LENGTH, blank=True, help_text="The video that was meant."
    )
    candidates = models.JSONField(default=list, blank=True)
    was_searched = models.BooleanField(default=False)
    why = models.CharField(max_length=160, blank=True)

    class Meta:
        verbose_name = "row of an import"
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="music_import_row_once")
        ]
        indexes = [models.Index(fields=["job", "state", "number"], name="music_import_row_state")]

    def __str__(self) -> str:
        return self.name
