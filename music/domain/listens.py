"""Plays that are still to be told to ListenBrainz: noted with the play, sent by background work."""

from django.utils import timezone

from accounts.models import User
from music.models import Listen, ListenBrainzLink, Song


def note_listen(*, listener: User, song: Song) -> None:
    """Keep what was played for ListenBrainz, where the listener sends their plays there.

    The caller holds a unit of work. Of several plays in one second one is kept.
    """
    if not ListenBrainzLink.objects.filter(user=listener, sends_plays=True).exists():
        return
    Listen.objects.get_or_create(
        user=listener,
        listened_at=int(timezone.now().timestamp()),
        defaults={"artist": song.artist, "title": song.title},
    )


def forget_listens(*, listener: User) -> None:
    """Send nothing of what was played until now; the caller holds a unit of work."""
    Listen.objects.filter(user=listener).delete()
