from django.apps import AppConfig
from django.db import models


class NextVersionConfig(AppConfig):
    """Gives the model the column that the migration gives the table."""

    name = "tests.faults.next_version"

    def ready(self) -> None:
        from music.models import UserLikedSong

        models.IntegerField(db_default=0).contribute_to_class(UserLikedSong, "mood")
