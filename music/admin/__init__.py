"""Admin pages of music: every table searchable and filterable, with actions on its rows."""

from django.contrib import admin

from . import (
    feedback,
    jobs,
    likes,
    listenbrainz,
    mixes,
    moves,
    queries,
    quota,
    reports,
    songs,
    steering,
    videos,
)
from .overview import add_overview

__all__ = [
    "feedback",
    "jobs",
    "likes",
    "listenbrainz",
    "mixes",
    "moves",
    "queries",
    "quota",
    "reports",
    "songs",
    "steering",
    "videos",
]

admin.site.site_header = admin.site.site_title = "TuneTrace"
admin.site.index_title = "Operations"
admin.site.index = add_overview(admin.site.index)  # type: ignore[method-assign]  # its first page
