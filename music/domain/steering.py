"""A listener's steering of suggestions: artists to hide, songs to suggest less of."""

from django.db.models import QuerySet

from accounts.models import User
from music.errors import InvalidInput, NotFound, NotNow
from music.models import Steering
from tunetrace_site.replication.touches import touch, touch_absent
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste
from .songs import get_named

MAX_STEERINGS = 500
"""The most steerings of a listener."""


def steer(*, listener: User, kind: str, reference: str) -> Steering:
    """Hide the artist of a song, or suggest less that is like the song; repeating is harmless.

    ``kind`` is one of ``Steering.BY_SONG``. Raises ``InvalidInput`` for another kind, where the
    artist is unknown or where there are too many already, ``NotFound`` for ``reference``.
    """
    key, name = _read(kind, reference)
    with unit_of_work():
        of_listener = Steering.objects.filter(user=listener)
        if of_listener.exclude(kind=kind, key=key).count() >= MAX_STEERINGS:
            raise NotNow("kind", f"You have {MAX_STEERINGS} of these: take one back first.")
        listener.ensure_stored()
        row, is_new = Steering.objects.get_or_create(
            user=listener, kind=kind, key=key, defaults={"name": name}
        )
        if not is_new:
            touch([row])
        forget_taste(listener)
    row.was_made = is_new
    return row


def get_steering(*, listener: User, kind: str, key: str) -> Steering:
    """Return the listener's steering of this kind and key. Raises ``NotFound``."""
    row = list_steerings(listener=listener).filter(kind=kind, key=key).first()
    if row is None:
        raise NotFound("Nothing is steered so.")
    return row


def _read(kind: str, reference: str) -> tuple[str, str]:
    """Return the key and the name that a steering stores."""
    if kind not in Steering.BY_SONG:
        raise InvalidInput("kind", f"Use {' or '.join(Steering.BY_SONG)}, not {kind!r}.")
    song = get_named(reference).song
    if song is None:
        raise NotFound("This video is not known to be a song.", hint="Search for it by name.")
    if kind == Steering.Kind.LESS_LIKE:
        return song.address, song.title
    if not song.artist_key:
        raise InvalidInput("reference", "The artist of this song is not known.")
    return song.artist_key, song.artist


def undo_steering(*, listener: User, kind: str, key: str) -> None:
    """Remove a steering; no-op where there is none."""
    with unit_of_work():
        n_deleted, _ = Steering.objects.filter(user=listener, kind=kind, key=key).delete()
        if not n_deleted:
            touch_absent(Steering, listener.pk, kind, key)
        forget_taste(listener)


def list_steerings(*, listener: User) -> QuerySet[Steering]:
    """Return the artists and songs that the listener wants less of, newest first."""
    rows = Steering.objects.filter(user=listener, kind__in=Steering.BY_SONG)
    return rows.order_by("-created_at", "-id")


def learns_from_plays(*, listener: User) -> bool:
    """Return whether playbacks and skips influence the listener's suggestions."""
    return not Steering.objects.filter(user=listener, kind=Steering.Kind.NO_PLAYS).exists()


def set_learning_from_plays(*, listener: User, learn: bool) -> None:
    """Choose whether playbacks influence suggestions; they stay in the history."""
    if learn:
        undo_steering(listener=listener, kind=Steering.Kind.NO_PLAYS, key="")
        return
    with unit_of_work():
        row, is_new = Steering.objects.get_or_create(
            user=listener, kind=Steering.Kind.NO_PLAYS, key=""
        )
        if not is_new:
            touch([row])
        forget_taste(listener)
