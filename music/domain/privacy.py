"""All that is kept of a listener: to hand over, and to delete."""

from typing import Any

from accounts.models import User
from music.models import Dismissal, MatchCorrection, Playback, PlaylistImport, UserLikedSong
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste


def export_listener(*, listener: User) -> dict[str, Any]:
    """Everything kept of the listener, as JSON-ready values; times are ISO 8601 in UTC."""
    likes = UserLikedSong.objects.liked_by(listener).select_related("video")
    dismissals = Dismissal.objects.filter(user=listener).select_related("video")
    playbacks = Playback.objects.filter(user=listener).select_related("video")
    corrections = MatchCorrection.objects.filter(user=listener).select_related("video")
    return {
        "listener": {
            "user_id": listener.user_id,
            "email": listener.email,
            "display_name": listener.display_name,
            "created_at": listener.created_at.isoformat(),
        },
        "liked_songs": [
            {
                "song_name": like.song_name,
                "video_id": like.video.video_id if like.video else None,
                "title": str(like.video) if like.video else None,
                "learn": like.learn,
                "created_at": like.created_at.isoformat(),
            }
            for like in likes
        ],
        "dismissals": [
            {"video_id": d.video.video_id, "created_at": d.created_at.isoformat()}
            for d in dismissals
        ],
        "playbacks": [
            {"video_id": p.video.video_id, "kind": p.kind, "created_at": p.created_at.isoformat()}
            for p in playbacks
        ],
        "match_corrections": [
            {"query": c.query, "video_id": c.video.video_id if c.video else None}
            for c in corrections
        ],
        "imports": list(
            PlaylistImport.objects.filter(user=listener).values(
                "token", "playlist_id", "state", "n_total", "n_done"
            )
        ),
    }


def delete_listener(*, listener: User) -> None:
    """Delete the listener and everything kept of them; there is no way back."""
    with unit_of_work():
        forget_taste(listener)
        listener.delete()
