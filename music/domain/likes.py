"""A listener's likes, and corrections of the song that a like means.

Every change here is a set operation: doing it twice has the same result as doing it once, so that a
unit of work can be run again on the other database.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from music.catalogue import resolver
from music.errors import NotFound
from music.models import (
    Dismissal,
    MatchCorrection,
    Song,
    UserLikedSong,
    VideoFeature,
)
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.normalization import normalize_key
from music.records import Resolution
from music.youtube.quota import LISTENER
from tunetrace_site.replication.keys import derive_row_key
from tunetrace_site.replication.prepared import PreparedQuery, insert
from tunetrace_site.replication.touches import touch
from tunetrace_site.replication.unit import unit_of_work

from .impressions import record_outcome
from .listeners import forget_taste
from .names import clean_song_name, clean_song_names
from .playing import SHOWN_OF_SONG, SHOWN_OF_VIDEO, read_shown
from .songs import Named, get_named

LISTED_FIELDS = (
    *("song_name", "learn", "created_at", "user"),
    *(f"song__{name}" for name in SHOWN_OF_SONG),
    *(f"video__{name}" for name in SHOWN_OF_VIDEO),
)
"""The columns of a like that lists show."""
_WORDS_AND_MEANINGS = PreparedQuery(
    UserLikedSong,
    lambda listener: UserLikedSong.objects.filter(user=listener).values_list(
        "pk", "song_name", "song_id", "video_id"
    ),
)
_DISMISSED = PreparedQuery(
    Dismissal,
    lambda listener, songs: Dismissal.objects.filter(user=listener, song__among=songs).values_list(
        "pk"
    ),
)
NOTHING = Named(None, None)
"""The meaning of a name for which nothing was found."""


def like_song(
    *, listener: User, song_name: str, reference: str | None = None, caller: str = LISTENER
) -> UserLikedSong:
    """Store a like in the listener's own words; the same words or the same song is one like.

    ``reference`` names the song or the video that is meant (``songs.get_named``). Without it the
    name is resolved first (this may ask YouTube); a name that is not found is kept and resolved
    later. Raises ``InvalidInput``, or ``NotFound`` for ``reference``.
    """
    if reference is None:
        names = [clean_song_name(song_name)]
        return like_songs(listener=listener, song_names=names, caller=caller)[0]
    named = get_named(reference)
    name = clean_song_name(song_name or str(named)[:SONG_NAME_MAX_LENGTH])
    return record_likes(listener, [(name, named)])[0]


def like_songs(
    *, listener: User, song_names: Sequence[str], caller: str = LISTENER
) -> list[UserLikedSong]:
    """Like up to 50 named songs at once; return the likes in the order of the distinct names.

    ``caller`` pays for requests to YouTube.
    """
    names = clean_song_names(song_names)
    resolutions = resolver.resolve(
        names, listener_id=listener.pk, caller=caller, wants_alternatives=False
    )
    return like_resolved(listener=listener, names=names, resolutions=resolutions)


def like_resolved(
    *, listener: User, names: Sequence[str], resolutions: Sequence[Resolution]
) -> list[UserLikedSong]:
    """Like named songs whose meaning is known (``resolutions``, parallel to ``names``)."""
    songs = read_shown({r.song_id for r in resolutions if r.song_id})
    ids = {r.video_id for r in resolutions if r.video_id}
    videos = VideoFeature.objects.in_bulk(ids, field_name="video_id") if ids else {}
    pairs = [
        (name, Named(songs.get(r.song_id or ""), videos.get(r.video_id or "")))
        for name, r in zip(names, resolutions, strict=True)
    ]
    return record_likes(listener, pairs)


def unlike_song(*, listener: User, like_id: int) -> None:
    """Remove a like. Raises ``NotFound`` when it is not the listener's."""
    with unit_of_work():
        get_like(listener=listener, like_id=like_id).delete()
        forget_taste(listener)


def unlike_songs(*, listener: User, reference: str) -> None:
    """Remove every like of the song or video ``reference`` (``songs.get_named``), in any words.

    Raises ``NotFound`` where there is no such song.
    """
    named = get_named(reference)
    of_song = {"song_id": named.song.pk} if named.song else {"song": None, "video": named.video}
    with unit_of_work():
        UserLikedSong.objects.filter(user=listener, **of_song).delete()
        forget_taste(listener)


def set_learning(*, listener: User, like_id: int, learn: bool) -> UserLikedSong:
    """Choose whether a like counts for suggestions; it stays in the list either way."""
    with unit_of_work():
        like = get_like(listener=listener, like_id=like_id)
        like.learn = learn
        like.save(update_fields=["learn"])
        forget_taste(listener)
    return like


def list_likes(*, listener: User) -> QuerySet[UserLikedSong]:
    """Return the listener's likes with their songs and the takes that were meant, newest first."""
    likes = UserLikedSong.objects.liked_by(listener).select_related("song", "video")
    # Columns that no list shows are not read: they would be most of the data, and of the time.
    return likes.only(*LISTED_FIELDS)


def correct_match(*, listener: User, like_id: int, reference: str | None) -> UserLikedSong:
    """Store which song or take a like means, or only that it is not the present one.

    The correction counts at once for the listener, and in the resolver for others when enough
    listeners agree. Raises ``NotFound``.
    """
    named = get_named(reference) if reference else NOTHING
    with unit_of_work():
        like = get_like(listener=listener, like_id=like_id)
        query = normalize_key(like.song_name)
        correction = MatchCorrection.objects.filter(user=listener, query=query).first()
        rejected = set(correction.rejected_ids) if correction else set()
        rejected |= _list_refused(like, named)
        rejected -= {named.song.address if named.song else "", reference or ""}
        MatchCorrection.objects.update_or_create(
            user=listener,
            query=query,
            defaults={
                "song_id": named.song.pk if named.song else None,
                "rejected_ids": sorted(rejected),
            },
        )
        like.song, like.video = named.song, named.video
        like.save(update_fields=["song", "video"])
        forget_taste(listener)
    return like


def _list_refused(like: UserLikedSong, named: Named) -> set[str]:
    """Return the present meaning of the like, which is wrong: a song, or a video without one."""
    if like.song and like.song != named.song:
        return {like.song.address}
    if not like.song and like.video and like.video != named.video:
        return {like.video.video_id}
    return set()


def get_like(*, listener: User, like_id: int) -> UserLikedSong:
    """Return the listener's like with this id. Raises ``NotFound``."""
    likes = UserLikedSong.objects.filter(user=listener, pk=like_id)
    like = likes.select_related("song", "video").first()
    if like is None:
        raise NotFound("There is no such like.")
    return like


def record_likes(
    listener: User, pairs: Sequence[tuple[str, Named]], times: Sequence[datetime] = ()
) -> list[UserLikedSong]:
    """Store one like for each pair of words and meaning, where neither is liked yet.

    ``times``, parallel to the pairs, says when a like was made elsewhere; default is now. A
    listener who is not stored yet is stored with them. The number of statements does not depend on
    the number of likes.
    """
    with unit_of_work():
        is_new = listener.ensure_stored()
        # Of somebody whom this unit has just stored there is nothing to look for, nor to change.
        by_words, by_meaning = ({}, {}) if is_new else _find_existing(listener, pairs)
        likes, found, new = [], [], []
        for place, (name, named) in enumerate(pairs):
            key = _key(named.song, named.video)
            like = by_words.get(normalize_key(name)) or by_meaning.get(key)
            if not like:
                like = _make_like(listener, name, named)
                like.created_at = times[place] if times else like.created_at
                new.append(like)
            elif key is not None and _key(like.song, like.video) is None:
                like.song, like.video = named.song, named.video
                like.save(update_fields=["song", "video"])
            elif like not in new:
                found.append(like)
            by_words[normalize_key(name)] = like
            if key is not None:
                by_meaning[key] = like
            likes.append(like)
        insert(new)
        touch(found)
        if not is_new:
            _settle(listener, [named.song.pk for _, named in pairs if named.song])
        forget_taste(listener)
    return likes


def _make_like(listener: User, name: str, named: Named) -> UserLikedSong:
    key = derive_row_key(UserLikedSong, listener.pk, name)
    like = UserLikedSong(pk=key, user=listener, song_name=name, song=named.song, video=named.video)
    like.was_made = True
    return like


_Likes = dict[str, UserLikedSong]


def _find_existing(
    listener: User, pairs: Sequence[tuple[str, Named]]
) -> tuple[_Likes, dict[tuple[str, int] | None, UserLikedSong]]:
    """Return existing likes that ``pairs`` may repeat, by normalised words and by meaning.

    Of other likes, which may be hundreds, only words and keys are read.
    """
    words = {normalize_key(name) for name, _ in pairs}
    meanings = {_key(named.song, named.video) for _, named in pairs} - {None}
    keys = [
        pk
        for pk, name, song_pk, video_pk in _WORDS_AND_MEANINGS.fetch(listener.pk)
        if normalize_key(name) in words or _key_of(song_pk, video_pk) in meanings
    ]
    existing = list(list_likes(listener=listener).filter(pk__in=keys)) if keys else []
    by_meaning = {_key(like.song, like.video): like for like in existing}
    by_meaning.pop(None, None)
    return {normalize_key(like.song_name): like for like in existing}, by_meaning


def _key(song: Song | None, video: VideoFeature | None) -> tuple[str, int] | None:
    """Return what equal likes share: the song, or the video where it has no song."""
    return _key_of(song.pk if song else None, video.pk if video else None)


def _key_of(song_pk: int | None, video_pk: int | None) -> tuple[str, int] | None:
    """Return ``_key`` for given primary keys."""
    if song_pk is not None:
        return ("song", song_pk)
    return ("video", video_pk) if video_pk is not None else None


def _settle(listener: User, song_pks: Sequence[int]) -> None:
    """Remove dismissals of liked songs, and mark suggestions of those songs as successes."""
    if not song_pks:
        return
    if dismissed := [pk for (pk,) in _DISMISSED.fetch(listener.pk, song_pks)]:
        Dismissal.objects.filter(pk__in=dismissed).delete()
    record_outcome(listener=listener, song_pks=song_pks, outcome="liked_at")
