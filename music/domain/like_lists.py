"""Lists of likes: searched, sorted, and changed many at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import User
from music.errors import InvalidInput
from music.models import UserLikedSong
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.normalization import normalize_key
from music.youtube.quota import LISTENER
from tunetrace_site.replication.unit import unit_of_work

from .likes import like_song, like_songs, list_likes, record_likes, set_learning
from .listeners import forget_taste
from .names import clean_song_name, clean_song_names
from .songs import get_named

ORDERS = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "title": (F("song__title_key").asc(nulls_last=True), "song_name", "id"),
    "artist": (F("song__artist_key").asc(nulls_last=True), "song__title_key", "song_name", "id"),
}
MAX_AT_ONCE = 50
"""The most likes that are changed at once: one page."""


@dataclass(frozen=True, slots=True)
class RemovedLike:
    """The data needed to restore a removed like; ``song`` is the song's address or empty."""

    song_name: str
    song: str
    learn: bool


def find_likes(
    *, listener: User, text: str = "", order: str = "newest", only_missing: bool = False
) -> QuerySet[UserLikedSong]:
    """Return the listener's likes whose words, title or artist contain ``text``, sorted.

    The order is one of ``ORDERS``; optionally only likes without a song are returned. Raises
    ``InvalidInput``.
    """
    if order not in ORDERS:
        raise InvalidInput("order", f"Use {', '.join(ORDERS)}, not {order!r}.")
    likes = list_likes(listener=listener)
    if only_missing:
        likes = likes.filter(song__address=None, video=None)
    if key := normalize_key(text):
        likes = likes.filter(
            Q(song__title_key__contains=key)
            | Q(song__artist_key__contains=key)
            | Q(song_name__icontains=text.strip())
        )
    return likes.order_by(*ORDERS[order])


def like_all(
    *,
    listener: User,
    song_names: Sequence[str] = (),
    references: Sequence[str] = (),
    caller: str = LISTENER,
) -> list[UserLikedSong]:
    """Like songs by their names, and songs by ``references`` (``songs.get_named``), up to 50 each.

    Returns the likes in this order, each once. Raises ``InvalidInput`` or ``NotFound``.
    """
    meant = [
        (clean_song_name(str(named)[:SONG_NAME_MAX_LENGTH]), named)
        for named in map(get_named, references)
    ]
    names = clean_song_names(song_names) if song_names else []
    likes = like_songs(listener=listener, song_names=names, caller=caller) if names else []
    likes += record_likes(listener, meant) if meant else []
    return list({like.pk: like for like in likes}.values())


def remove_likes(*, listener: User, like_ids: Collection[int]) -> list[RemovedLike]:
    """Remove these likes of the listener, ignoring other ids; return what an undo needs.

    Raises ``InvalidInput`` for more than fifty.
    """
    with unit_of_work():
        likes = _select(listener, like_ids).select_related("song")
        removed = [
            RemovedLike(like.song_name, like.song.address if like.song else "", like.learn)
            for like in likes
        ]
        likes.delete()
        forget_taste(listener)
    return removed


def restore_likes(*, listener: User, removed: Collection[RemovedLike]) -> int:
    """Restore removed likes; return how many."""
    with unit_of_work():
        for like in removed:
            reference = {"reference": like.song} if like.song else {}
            restored = like_song(listener=listener, song_name=like.song_name, **reference)
            if not like.learn:
                set_learning(listener=listener, like_id=restored.pk, learn=False)
    return len(removed)


def set_learning_of_many(*, listener: User, like_ids: Collection[int], learn: bool) -> int:
    """Choose whether these likes count for suggestions; return how many changed."""
    with unit_of_work():
        n_changed = _select(listener, like_ids).exclude(learn=learn).update(learn=learn)
        forget_taste(listener)
    return n_changed


def _select(listener: User, like_ids: Collection[int]) -> QuerySet[UserLikedSong]:
    if len(like_ids) > MAX_AT_ONCE:
        raise InvalidInput("like", f"At most {MAX_AT_ONCE} at once, not {len(like_ids)}.")
    return UserLikedSong.objects.filter(user=listener, pk__in=like_ids)
