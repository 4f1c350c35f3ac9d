from django.apps import AppConfig


class MusicConfig(AppConfig):
    """Songs, likes and suggestions."""

    name = "music"
