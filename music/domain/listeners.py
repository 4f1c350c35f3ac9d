"""What is known of a listener's taste, in the one form that suggestions are made from."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from music.caching import liked_songs
from music.models import Dismissal, Playback, UserLikedSong
from tunetrace_site.replication.unit import on_commit

MAX_PLAYBACKS = 500


@dataclass(frozen=True, slots=True)
class LikedSong:
    """A like: the listener's words, the video if it was found, whether to learn from it."""

    song_name: str
    video_id: str | None
    learn: bool
    liked_at: float


@dataclass(frozen=True, slots=True)
class Taste:
    """A listener's implicit feedback; pairs are (video id, POSIX seconds)."""

    likes: tuple[LikedSong, ...] = ()
    dismissed: tuple[tuple[str, float], ...] = ()
    played: tuple[tuple[str, float], ...] = ()
    skipped: tuple[tuple[str, float], ...] = ()


def load_taste(listener: User) -> Taste:
    """The listener's taste from the liked-songs tier, or three queries."""
    return liked_songs.fetch(listener.pk, lambda: _read_taste(listener))


def forget_taste(listener: User) -> None:
    """Make every process read the listener's taste again once this unit has committed."""
    listener_pk = listener.pk
    on_commit(lambda: liked_songs.invalidate(listener_pk))


def _read_taste(listener: User) -> Taste:
    likes = UserLikedSong.objects.liked_by(listener).values_list(
        "song_name", "video__video_id", "learn", "created_at"
    )
    dismissed = Dismissal.objects.filter(user=listener).values_list("video__video_id", "created_at")
    playbacks = (
        Playback.objects.filter(user=listener)
        .order_by("-created_at")
        .values_list("kind", "video__video_id", "created_at")[:MAX_PLAYBACKS]
    )
    heard: dict[str, list[tuple[str, float]]] = {"play": [], "skip": []}
    for kind, video_id, created_at in playbacks:
        heard[kind].append((video_id, created_at.timestamp()))
    return Taste(
        likes=tuple(LikedSong(n, v, learn, at.timestamp()) for n, v, learn, at in likes),
        dismissed=tuple((v, at.timestamp()) for v, at in dismissed),
        played=tuple(heard["play"]),
        skipped=tuple(heard["skip"]),
    )


def age_days(at: float) -> float:
    """How long ago ``at`` (POSIX seconds) was, in days."""
    return max(0.0, (timezone.now().timestamp() - at) / 86_400)
