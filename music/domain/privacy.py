"""Export and deletion of all data of a listener."""

from collections.abc import Iterator, Sequence
from typing import Any

from accounts.exporting import Section, export_account, export_sections
from accounts.models import User
from music.models import (
    Dismissal,
    ImportRow,
    Impression,
    Listen,
    ListenBrainzLink,
    LovedThere,
    MatchCorrection,
    Mix,
    Playback,
    PlaylistImport,
    Share,
    Song,
    SongMove,
    Steering,
    SuggestionSum,
    UserLikedSong,
    VideoReport,
)
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste


def _list_suggestions(lists: Sequence[Impression]) -> Iterator[dict[str, Any]]:
    """Yield an entry for each song of the suggestion lists; one query."""
    songs = Song.objects.present(song_pk for row in lists for song_pk in row.song_pks)
    for row in lists:
        for song in row.list_songs():
            stored = songs.get(song.song_pk)
            yield {
                "list": row.request_id,
                "song": stored and stored.address,
                "position": song.position,
                "found_by": song.stage,
                "created_at": row.created_at,
                "liked_at": song.liked_at,
                "dismissed_at": song.dismissed_at,
            }


SECTIONS = (
    Section(
        "liked_songs",
        UserLikedSong,
        {
            "song_name": "song_name",
            "song": "song__address",
            "artist": "song__artist",
            "title": "song__title",
            "video_id": "video__video_id",
            "learn": "learn",
            "created_at": "created_at",
        },
    ),
    Section("dismissals", Dismissal, {"song": "song__address", "created_at": "created_at"}),
    Section(
        "playbacks",
        Playback,
        {"song": "song__address", "kind": "kind", "created_at": "created_at"},
    ),
    Section(
        "match_corrections",
        MatchCorrection,
        {
            "query": "query",
            "song": "song__address",
            "rejected": "rejected_ids",
            "created_at": "created_at",
        },
    ),
    Section(
        "suggestions",
        Impression,
        {
            "list": "request_id",
            "song": "song_ids",
            "song of a row of one": "song",
            "position": "position",
            "found_by": "stages",
            "found_by of a row of one": "stage",
            "created_at": "created_at",
            "outcomes": "outcomes",
            "liked_at": "liked_at",
            "dismissed_at": "dismissed_at",
        },
        spread=_list_suggestions,
    ),
    Section(
        "older_suggestions",
        SuggestionSum,
        {"shown_liked_dismissed": "by_stage", "counted_until": "counted_until"},
    ),
    Section(
        "imports",
        PlaylistImport,
        {
            name: name
            for name in (
                "token",
                "playlist_id",
                "pasted_songs",
                "new_rows",
                "service",
                "source",
                "label",
                "wants_review",
                "to_like",
                "is_paused",
                "resumes_at",
                "state",
                "n_total",
                "n_done",
                "n_unresolved",
                "error",
                "created_at",
                "updated_at",
            )
        },
    ),
    Section(
        "mixes",
        Mix,
        {
            name: name
            for name in (
                "token",
                "name",
                "song_ids",
                "share_token",
                "shared_at",
                "created_at",
                "updated_at",
            )
        },
    ),
    Section(
        "steering",
        Steering,
        {"kind": "kind", "key": "key", "name": "name", "created_at": "created_at"},
    ),
    Section(
        "video_reports",
        VideoReport,
        {
            "video_id": "video__video_id",
            "code": "code",
            "counts": "counts",
            "created_at": "created_at",
        },
    ),
    Section(
        "import_rows",
        ImportRow,
        {
            "import": "job__token",
            "song": "song__address",
            **{
                name: name
                for name in (
                    "number",
                    "name",
                    "video_id",
                    "liked_at",
                    "state",
                    "take",
                    "candidates",
                    "was_searched",
                    "why",
                )
            },
        },
        owners=("job__user",),
    ),
    Section(
        "shares",
        Share,
        {"token": "token", "kind": "kind", "created_at": "created_at"},
    ),
    Section(
        "listenbrainz",
        ListenBrainzLink,
        {
            name: name
            for name in (
                "user_name",
                "sends_plays",
                "sends_likes",
                "trouble",
                "due_at",
                "created_at",
            )
        },
    ),
    Section(
        "listens_to_send",
        Listen,
        {name: name for name in ("artist", "title", "listened_at")},
    ),
    Section(
        "loved_at_listenbrainz",
        LovedThere,
        {"song": "song_pk", "recording_mbid": "recording_mbid", "created_at": "created_at"},
    ),
    Section(
        "song_moves",
        SongMove,
        {
            "kind": "kind",
            "from": "from_song__address",
            "to": "to_song__address",
            "created_at": "created_at",
            "undone_at": "undone_at",
        },
        owners=("made_by",),
    ),
)
"""The sections of the export about music."""


def export_listener(*, listener: User) -> dict[str, Any]:
    """Return all data of the listener as JSON-ready values; times are ISO 8601 in UTC."""
    return {**export_account(listener), **export_sections(listener, SECTIONS)}


def delete_listener(*, listener: User) -> None:
    """Delete the listener and all their data, for good."""
    with unit_of_work():
        forget_taste(listener)
        listener.delete()
