"""Records what listeners play and skip, and which plays are still to be sent to ListenBrainz.

A play is queued for ListenBrainz when it is recorded; background work sends it.
"""

from django.utils import timezone

from accounts.models import User
from music.errors import InvalidInput
from music.models import Listen, ListenBrainzLink, Playback, Song
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste
from .songs import get_song_meant

HEARD_SECONDS = 30
"""A song that is heard for less is not a play."""


def record_playback(*, listener: User, reference: str, kind: str) -> None:
    """Record that the listener played or skipped a song (``kind``: "play" or "skip").

    Raises ``InvalidInput`` for another ``kind``, ``NotFound`` where there is no such song.
    """
    if kind not in Playback.Kind.values:
        raise InvalidInput("kind", f"Use play or skip, not {kind!r}.")
    song = get_song_meant(reference)
    with unit_of_work():
        listener.ensure_stored()
        Playback.objects.update_or_create(
            user=listener, song_id=song.pk, kind=kind, defaults={"created_at": timezone.now()}
        )
        if kind == Playback.Kind.PLAY:
            note_listen(listener=listener, song=song)
        forget_taste(listener)


def note_listen(*, listener: User, song: Song) -> None:
    """Queue a play for ListenBrainz, where the listener sends their plays there.

    The caller holds a unit of work. Of several plays in one second one is kept; the same song again
    within half a minute, for which a play is heard at least, is the same play told twice.
    """
    if not ListenBrainzLink.objects.filter(user=listener, sends_plays=True).exists():
        return
    now, named = int(timezone.now().timestamp()), {"artist": song.artist, "title": song.title}
    of_listener = Listen.objects.filter(user=listener)
    if of_listener.filter(listened_at__gt=now - HEARD_SECONDS, **named).exists():
        return
    of_listener.get_or_create(user=listener, listened_at=now, defaults=named)


def forget_listens(*, listener: User) -> None:
    """Delete the queued plays of a listener; the caller holds a unit of work."""
    Listen.objects.filter(user=listener).delete()
