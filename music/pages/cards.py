"""Songs as pages show them: with what the listener has said of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from music.domain.likes import list_dismissals, list_likes
from music.models import VideoFeature
from music.records import Cause, Suggestion

WEIGHTY = 0.4


@dataclass(frozen=True, slots=True)
class Card:
    """One song, the listener's like of it if any, and why it is suggested."""

    song: VideoFeature
    like_id: int | None = None
    is_dismissed: bool = False
    because: tuple[Cause, ...] = ()

    @property
    def state(self) -> str:
        """ "liked", "dismissed" or "new"."""
        if self.like_id is not None:
            return "liked"
        return "dismissed" if self.is_dismissed else "new"

    @property
    def dom_id(self) -> str:
        """Names the song in the ids of its elements; the same in every answer."""
        return hashlib.blake2s(self.song.video_id.encode(), digest_size=5).hexdigest()


def build_cards(songs: Sequence[VideoFeature], listener: User | None) -> list[Card]:
    """A card a song, in two queries (none for somebody unknown)."""
    liked, dismissed = _find_opinions([song.video_id for song in songs], listener)
    return [
        Card(song, like_id=liked.get(song.video_id), is_dismissed=song.video_id in dismissed)
        for song in songs
    ]


def build_suggestion_cards(suggestions: Sequence[Suggestion], listener: User | None) -> list[Card]:
    """A card a suggestion, in three queries; songs that have gone meanwhile are left out."""
    video_ids = [suggestion.video_id for suggestion in suggestions]
    songs = VideoFeature.objects.in_bulk(video_ids, field_name="video_id")
    liked, dismissed = _find_opinions(video_ids, listener)
    return [
        Card(
            songs[s.video_id],
            like_id=liked.get(s.video_id),
            is_dismissed=s.video_id in dismissed,
            because=_keep_weighty(s.because),
        )
        for s in suggestions
        if s.video_id in songs
    ]


def _keep_weighty(because: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """The causes worth naming: those that count at least two fifths of the first."""
    return tuple(cause for cause in because if cause.share >= WEIGHTY * because[0].share)


def _find_opinions(
    video_ids: Sequence[str], listener: User | None
) -> tuple[dict[str, int], set[str]]:
    """Like ids by video id, and the dismissed ones among ``video_ids``."""
    if listener is None or not video_ids:
        return {}, set()
    likes = list_likes(listener=listener).filter(video__video_id__in=video_ids)
    dismissals = list_dismissals(listener=listener).filter(video__video_id__in=video_ids)
    return (
        dict(likes.values_list("video__video_id", "pk")),
        set(dismissals.values_list("video__video_id", flat=True)),
    )
