"""Lists of likes: searched, sorted, and changed many at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import router
from django.db.models import Count, F, Model, Q, QuerySet

from accounts.models import User
from music.errors import InvalidInput
from music.models import Song, UserLikedSong, VideoFeature
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.normalization import normalize_key
from music.records import ShownSong
from music.youtube.quota import LISTENER
from tunetrace_site.replication.prepared import PreparedQuery, restore
from tunetrace_site.replication.unit import unit_of_work

from .likes import like_song, like_songs, list_likes, record_likes, set_learning
from .listeners import forget_taste
from .names import clean_song_name, clean_song_names
from .playing import SHOWN_OF_SONG, SHOWN_OF_VIDEO, show_likes, show_meanings
from .songs import get_named

Row = TypeVar("Row", bound=Model)
ORDERS = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "title": (F("song__title_key").asc(nulls_last=True), "song_name", "id"),
    "artist": (F("song__artist_key").asc(nulls_last=True), "song__title_key", "song_name", "id"),
}
MAX_AT_ONCE = 50
"""The most likes that are changed at once: one page."""


_SONG, _VIDEO = ("id", *SHOWN_OF_SONG), ("id", *SHOWN_OF_VIDEO)
_OF_LIKE = ("pk", "song_name", "learn", "created_at")
_LISTED = (
    *_OF_LIKE,
    *(f"song__{name}" for name in _SONG),
    *(f"video__{name}" for name in _VIDEO),
)


class ListedLike(NamedTuple):
    """What a list shows of a like: its key, its words, whether it counts, the song it means."""

    pk: int
    song_name: str
    learn: bool
    created_at: datetime
    song: ShownSong | None


@dataclass(frozen=True, slots=True)
class RemovedLike:
    """The data needed to restore a removed like; ``song`` is the song's address or empty."""

    song_name: str
    song: str
    learn: bool


class LikePages:
    """A listener's likes whose words, title or artist contain ``text``, sorted, to count and slice.

    The order is one of ``ORDERS``; optionally only likes without a song are found. ``unwanted`` are
    ids of videos that do not play for the listener. A slice takes two queries. All statements are
    prepared: Django took longer to write them than the database to answer. Raises ``InvalidInput``.
    """

    def __init__(
        self,
        *,
        listener: User,
        text: str = "",
        order: str = "newest",
        only_missing: bool = False,
        unwanted: Collection[str] = (),
    ) -> None:
        _check_order(order)
        words = _read_words(text)
        self._rows, self._number = _prepare(order, only_missing, bool(words))
        self._values = (listener.pk, *words)
        self._unwanted = unwanted

    def count(self) -> int:
        """Return how many likes were found."""
        return sum(n for (n,) in self._number.fetch(*self._values))

    def __getitem__(self, page: slice) -> list[ListedLike]:
        """Return a part of the list; without an end, all from its start on."""
        if page.stop is None:
            rows = self._rows.fetch(*self._values)[page.start :]
        else:
            rows = self._rows.fetch_slice(page, *self._values)
        return _show_rows(rows, router.db_for_read(UserLikedSong), self._unwanted)


@cache
def _prepare(
    order: str, only_missing: bool, has_words: bool
) -> tuple[PreparedQuery[UserLikedSong], PreparedQuery[UserLikedSong]]:
    """Return the queries for the rows that a list shows, and for their number.

    The values of both are the listener's key and, if the list ``has_words``, those.
    """

    def find(listener: Any, *words: Any) -> QuerySet[UserLikedSong, Any]:
        return _narrow(list_likes(listener=listener), order, only_missing, *words)

    def count(*values: Any) -> QuerySet[UserLikedSong, Any]:
        return find(*values).order_by().values("user").annotate(n=Count("pk")).values_list("n")

    rows = PreparedQuery(UserLikedSong, lambda *values: find(*values).values_list(*_LISTED))
    return rows, PreparedQuery(UserLikedSong, count)


def _check_order(order: str) -> None:
    if order not in ORDERS:
        raise InvalidInput("order", f"Use {', '.join(ORDERS)}, not {order!r}.")


def _read_words(text: str) -> tuple[str, ...]:
    """Return what names of songs and words of likes must contain; nothing for an empty text."""
    key = normalize_key(text)
    return (key, text.strip()) if key else ()


def _narrow(
    likes: QuerySet[UserLikedSong], order: str, only_missing: bool, *words: Any
) -> QuerySet[UserLikedSong]:
    """Return those of ``likes`` that are wanted, in their order (``_read_words``)."""
    if only_missing:
        likes = likes.filter(song__address=None, video=None)
    if words:
        key, text = words
        likes = likes.filter(
            Q(song__title_key__contains=key)
            | Q(song__artist_key__contains=key)
            | Q(song_name__icontains=text)
        )
    return likes.order_by(*ORDERS[order])


def show_list(
    likes: QuerySet[UserLikedSong], *, unwanted: Collection[str] = ()
) -> list[ListedLike]:
    """Return what a list shows of ``likes``, in their order; two queries.

    ``unwanted`` are ids of videos that do not play for the listener.
    """
    return _show_rows(list(likes.values_list(*_LISTED)), likes.db, unwanted)


def _show_rows(
    rows: Sequence[tuple[Any, ...]], alias: str, unwanted: Collection[str]
) -> list[ListedLike]:
    """Return what a list shows of rows of ``_LISTED`` of the database ``alias``; one query.

    The rows are plain values: making models of all three tables took longer than everything else of
    a page.
    """
    first_of_song = len(_OF_LIKE)
    first_of_video = first_of_song + len(_SONG)
    meanings = {
        row[0]: (
            _to_model(Song, alias, _SONG, row[first_of_song:first_of_video]),
            _to_model(VideoFeature, alias, _VIDEO, row[first_of_video:]),
        )
        for row in rows
    }
    shown = show_meanings(meanings, unwanted=unwanted)
    return [
        ListedLike(pk, words, learn, created_at, shown.get(pk))
        for pk, words, learn, created_at, *_ in rows
    ]


def list_stored(
    likes: Sequence[UserLikedSong], *, unwanted: Collection[str] = ()
) -> list[ListedLike]:
    """Return what a list shows of ``likes``, read with their songs and videos; one query.

    ``unwanted`` are ids of videos that do not play for the listener.
    """
    shown = show_likes(likes, unwanted=unwanted)
    return [
        ListedLike(like.pk, like.song_name, like.learn, like.created_at, shown.get(like.pk))
        for like in likes
    ]


def _to_model(
    model: type[Row], alias: str, names: Sequence[str], values: Sequence[Any]
) -> Row | None:
    """Return a row of a joined table as ``model``; None where there is none."""
    return restore(model, alias, names, values) if any(values) else None


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
