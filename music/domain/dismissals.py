"""Songs that a listener does not want to be suggested again.

As with likes, each change is a set operation: doing it twice has the same result as doing it once.
"""

from django.db.models import QuerySet

from accounts.models import User
from music.errors import NotFound
from music.models import Dismissal, UserLikedSong
from tunetrace_site.replication.keys import derive_row_key
from tunetrace_site.replication.prepared import PreparedQuery, insert_missing
from tunetrace_site.replication.touches import touch, touch_absent
from tunetrace_site.replication.unit import unit_of_work

from .impressions import record_outcome
from .listeners import forget_taste
from .songs import get_song_meant

_LIKES = PreparedQuery(
    UserLikedSong,
    lambda listener, song: UserLikedSong.objects.filter(user=listener, song_id=song).values_list(
        "pk"
    ),
)


def dismiss_song(*, listener: User, reference: str) -> Dismissal:
    """Never suggest this song to the listener again, and remove a like of it.

    Raises ``NotFound``.
    """
    song = get_song_meant(reference)
    with unit_of_work():
        listener.ensure_stored()
        if liked := [pk for (pk,) in _LIKES.fetch(listener.pk, song.pk)]:
            UserLikedSong.objects.filter(pk__in=liked).delete()
        key = derive_row_key(Dismissal, listener.pk, song.pk)
        dismissal = Dismissal(pk=key, user=listener, song=song)
        is_new = insert_missing([dismissal]) > 0
        if not is_new:
            dismissal = Dismissal.objects.get(user=listener, song=song)
            touch([dismissal])
        record_outcome(listener=listener, song_pks=[song.pk], outcome="dismissed_at")
        forget_taste(listener)
    dismissal.song, dismissal.was_made = song, is_new
    return dismissal


def get_dismissal(*, listener: User, reference: str) -> Dismissal:
    """Return the listener's dismissal of the song that ``reference`` names. Raises ``NotFound``."""
    song = get_song_meant(reference)
    dismissal = list_dismissals(listener=listener).filter(song_id=song.pk).first()
    if dismissal is None:
        raise NotFound("This song is not dismissed.")
    return dismissal


def undo_dismissal(*, listener: User, reference: str) -> None:
    """Allow a dismissed song to be suggested again; no-op for a song that was not dismissed.

    Raises ``NotFound`` where there is no such song.
    """
    song = get_song_meant(reference)
    with unit_of_work():
        n_deleted, _ = Dismissal.objects.filter(user=listener, song_id=song.pk).delete()
        if not n_deleted:
            touch_absent(Dismissal, listener.pk, song.pk)
        forget_taste(listener)


def list_dismissals(*, listener: User) -> QuerySet[Dismissal]:
    """Return the listener's dismissals with their songs, newest first.

    A dismissed song that is not stored at present is left out: it cannot be suggested either.
    """
    dismissals = Dismissal.objects.filter(user=listener, song__address__isnull=False)
    return dismissals.select_related("song").order_by("-created_at", "-id")
