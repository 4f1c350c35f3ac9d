"""All that is kept of a listener: to hand over, and to delete."""

from typing import Any

from accounts.models import User
from music.models import Dismissal, MatchCorrection, Playback, PlaylistImport, UserLikedSong
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste


def export_listener(*, listener: User) -> dict[str, Any]:
    """Everything kept of the listener, as JSON-ready values; times are ISO 8601 in UTC."""
    imports = PlaylistImport.objects.filter(user=listener)
    return {
        "listener": {
            "user_id": listener.user_id,
            "email": listener.email,
            "display_name": listener.display_name,
            "created_at": listener.created_at.isoformat(),
        },
        "liked_songs": _export_likes(listener),
        "dismissals": [
            {"song": address, "created_at": at.isoformat()}
            for address, at in Dismissal.objects.filter(user=listener).values_list(
                "song__address", "created_at"
            )
        ],
        "playbacks": [
            {"song": address, "kind": kind, "created_at": at.isoformat()}
            for address, kind, at in Playback.objects.filter(user=listener).values_list(
                "song__address", "kind", "created_at"
            )
        ],
        "match_corrections": [
            {"query": query, "song": address, "rejected": rejected}
            for query, address, rejected in MatchCorrection.objects.filter(
                user=listener
            ).values_list("query", "song__address", "rejected_ids")
        ],
        "imports": list(imports.values("token", "playlist_id", "state", "n_total", "n_done")),
    }


def _export_likes(listener: User) -> list[dict[str, Any]]:
    likes = UserLikedSong.objects.liked_by(listener).select_related("song", "video")
    return [
        {
            "song_name": like.song_name,
            "song": like.song.address if like.song else None,
            "artist": like.song.artist if like.song else None,
            "title": like.song.title if like.song else None,
            "video_id": like.video.video_id if like.video else None,
            "learn": like.learn,
            "created_at": like.created_at.isoformat(),
        }
        for like in likes
    ]


def delete_listener(*, listener: User) -> None:
    """Delete the listener and everything kept of them; there is no way back."""
    with unit_of_work():
        forget_taste(listener)
        listener.delete()
