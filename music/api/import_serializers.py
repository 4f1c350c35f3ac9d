"""The shapes of imports and of their rows in API responses."""

from typing import Any

from rest_framework import serializers

from music.domain.import_review import count_piles, estimate_searches
from music.models import ImportRow, PlaylistImport

from .serializers import ID_HELP


class ImportSerializer(serializers.ModelSerializer):
    """An import, its progress, and the number of its rows in each state."""

    is_reviewed = serializers.BooleanField(
        source="wants_review", help_text="Nothing is liked before a review."
    )
    rows = serializers.DictField(
        child=serializers.IntegerField(),
        source="counted",
        help_text="The number of rows in each state.",
    )
    n_searches = serializers.IntegerField(
        source="estimate.n_searches",
        help_text="The most searches at YouTube that are still needed.",
    )
    n_days = serializers.IntegerField(
        source="estimate.n_days", help_text="The days they take with your share of the quota."
    )

    class Meta:
        model = PlaylistImport
        fields = [
            "token",
            "state",
            "source",
            "label",
            "is_reviewed",
            "is_paused",
            "n_total",
            "n_done",
            "n_unresolved",
            "rows",
            "n_searches",
            "n_days",
            "error",
            "created_at",
        ]
        extra_kwargs = {
            "n_total": {"help_text": "Names given, or entries that the playlist says it has."},
            "error": {"help_text": "Why it failed; when done, what of the playlist was not read."},
        }


def describe_import(job: PlaylistImport) -> dict[str, Any]:
    """Return an import in the shape of ``ImportSerializer``; two queries more."""
    vars(job).update(counted=count_piles(job), estimate=estimate_searches(job))
    return ImportSerializer(job).data


class ImportRowSerializer(serializers.ModelSerializer):
    """One row: what was written, what it means, and its state."""

    song_id = serializers.SerializerMethodField(help_text=ID_HELP)
    video_id = serializers.CharField(source="take", help_text="The video that was meant, or empty.")
    candidates = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of songs that it may mean, the best first."
    )

    class Meta:
        model = ImportRow
        fields = ["number", "name", "state", "song_id", "video_id", "candidates", "why"]

    def get_song_id(self, row: ImportRow) -> str | None:
        return row.song.address if row.song else None
