"""What a listener likes, and what they do not want to hear of again.

Every change here is a set operation: doing it twice leaves what doing it once leaves, so that a
unit of work can be run again on the other database.
"""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from music.catalogue import resolver
from music.errors import InvalidInput, NotFound
from music.models import (
    Dismissal,
    Impression,
    MatchCorrection,
    Playback,
    UserLikedSong,
    VideoFeature,
)
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.normalization import normalize_key
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste
from .names import clean_song_name, clean_song_names
from .songs import get_song

UNSHOWN_FIELDS = ("description", "tags", "aliases", "published_at", "created_at", "updated_at")


def like_song(*, listener: User, song_name: str, video_id: str | None = None) -> UserLikedSong:
    """Remember a like in the listener's own words; the same words or the same video is one like.

    Without ``video_id`` the name is resolved first (this may ask YouTube); a name that is not
    found is kept and resolved later. Raises ``InvalidInput``, or ``NotFound`` for ``video_id``.
    """
    if video_id is None:
        return like_songs(listener=listener, song_names=[clean_song_name(song_name)])[0]
    video = get_song(video_id=video_id)
    name = clean_song_name(song_name or str(video)[:SONG_NAME_MAX_LENGTH])
    return record_likes(listener, [(name, video)])[0]


def like_songs(*, listener: User, song_names: Sequence[str]) -> list[UserLikedSong]:
    """Like up to 50 named songs at once; answers in the order of the (distinct) names."""
    names = clean_song_names(song_names)
    resolutions = resolver.resolve(names, listener_id=listener.pk)
    found = {r.video_id for r in resolutions if r.video_id}
    videos = VideoFeature.objects.in_bulk(found, field_name="video_id")
    pairs = [(n, videos.get(r.video_id or "")) for n, r in zip(names, resolutions, strict=True)]
    return record_likes(listener, pairs)


def unlike_song(*, listener: User, like_id: int) -> None:
    """Forget a like. Raises ``NotFound`` when it is not the listener's."""
    with unit_of_work():
        _get_like(listener, like_id).delete()
        forget_taste(listener)


def set_learning(*, listener: User, like_id: int, learn: bool) -> UserLikedSong:
    """Choose whether a like counts for suggestions; it stays in the list either way."""
    with unit_of_work():
        like = _get_like(listener, like_id)
        like.learn = learn
        like.save(update_fields=["learn"])
        forget_taste(listener)
    return like


def list_likes(*, listener: User) -> QuerySet[UserLikedSong]:
    """The listener's likes with their videos, newest first."""
    likes = UserLikedSong.objects.liked_by(listener).select_related("video")
    # What no list shows would be most of what is read.
    return likes.defer(*(f"video__{name}" for name in UNSHOWN_FIELDS))


def dismiss_song(*, listener: User, video_id: str) -> Dismissal:
    """Never suggest this song to the listener again. Raises ``NotFound``."""
    video = get_song(video_id=video_id)
    with unit_of_work():
        dismissal, _ = Dismissal.objects.get_or_create(user=listener, video=video)
        Impression.objects.filter(user=listener, video=video, dismissed_at=None).update(
            dismissed_at=timezone.now()
        )
        forget_taste(listener)
    return dismissal


def undo_dismissal(*, listener: User, video_id: str) -> None:
    """Allow a dismissed song again; nothing happens when it was not dismissed."""
    with unit_of_work():
        Dismissal.objects.filter(user=listener, video__video_id=video_id).delete()
        forget_taste(listener)


def list_dismissals(*, listener: User) -> QuerySet[Dismissal]:
    """What the listener dismissed, with the videos, newest first."""
    return Dismissal.objects.filter(user=listener).select_related("video").order_by("-created_at")


def correct_match(*, listener: User, like_id: int, video_id: str | None) -> UserLikedSong:
    """Say which video a like means ("not this one, that one"), or only that it is not this one.

    The correction is the listener's at once; the resolver lets it help others when a second
    listener says the same. Raises ``NotFound``.
    """
    video = get_song(video_id=video_id) if video_id else None
    with unit_of_work():
        like = _get_like(listener, like_id)
        query = normalize_key(like.song_name)
        correction = MatchCorrection.objects.filter(user=listener, query=query).first()
        rejected = set(correction.rejected_ids) if correction else set()
        if like.video and like.video != video:
            rejected.add(like.video.video_id)
        rejected.discard(video_id or "")
        MatchCorrection.objects.update_or_create(
            user=listener, query=query, defaults={"video": video, "rejected_ids": sorted(rejected)}
        )
        like.video = video
        like.save(update_fields=["video"])
        forget_taste(listener)
    return like


def record_playback(*, listener: User, video_id: str, kind: str) -> None:
    """Remember that the listener played or skipped a song (``kind``: "play" or "skip")."""
    if kind not in Playback.Kind.values:
        raise InvalidInput("kind", f"Use play or skip, not {kind!r}.")
    video = get_song(video_id=video_id)
    with unit_of_work():
        Playback.objects.update_or_create(
            user=listener, video=video, kind=kind, defaults={"created_at": timezone.now()}
        )
        forget_taste(listener)


def _get_like(listener: User, like_id: int) -> UserLikedSong:
    like = UserLikedSong.objects.filter(user=listener, pk=like_id).select_related("video").first()
    if like is None:
        raise NotFound("There is no such like.")
    return like


def record_likes(
    listener: User, pairs: Sequence[tuple[str, VideoFeature | None]]
) -> list[UserLikedSong]:
    """One like for each (words, video) pair, made where neither is liked yet."""
    with unit_of_work():
        existing = list(UserLikedSong.objects.liked_by(listener).select_related("video"))
        by_words = {normalize_key(like.song_name): like for like in existing}
        by_video = {like.video_id: like for like in existing if like.video_id}
        likes, new = [], []
        for name, video in pairs:
            like = by_words.get(normalize_key(name)) or (video and by_video.get(video.pk))
            if not like:
                like = UserLikedSong(user=listener, song_name=name, video=video)
                new.append(like)
            elif like.video is None and video is not None:
                like.video = video
                like.save(update_fields=["video"])
            by_words[normalize_key(name)] = like
            if video:
                by_video[video.pk] = like
            likes.append(like)
        UserLikedSong.objects.bulk_create(new)
        _settle(listener, [video for _, video in pairs if video])
        forget_taste(listener)
    return likes


def _settle(listener: User, videos: Sequence[VideoFeature]) -> None:
    """A like ends a dismissal, and makes the suggestions of that song successes."""
    Dismissal.objects.filter(user=listener, video__in=videos).delete()
    Impression.objects.filter(user=listener, video__in=videos, liked_at=None).update(
        liked_at=timezone.now()
    )
