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
            {"video_id": video_id, "created_at": at.isoformat()}
            for video_id, at in Dismissal.objects.filter(user=listener).values_list(
                "video__video_id", "created_at"
            )
        ],
        "playbacks": [
            {"video_id": video_id, "kind": kind, "created_at": at.isoformat()}
            for video_id, kind, at in Playback.objects.filter(user=listener).values_list(
                "video__video_id", "kind", "created_at"
            )
        ],
        "match_corrections": list(
            MatchCorrection.objects.filter(user=listener).values("query", "video__video_id")
        ),
        "imports": list(imports.values("token", "playlist_id", "state", "n_total", "n_done")),
    }


def _export_likes(listener: User) -> list[dict[str, Any]]:
    likes = UserLikedSong.objects.liked_by(listener).select_related("video")
    return [
        {
            "song_name": like.song_name,
            "video_id": like.video.video_id if like.video else None,
            "title": str(like.video) if like.video else None,
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
