"""Chooses the take of a song that is shown and played, and describes songs for lists."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from django.conf import settings

from music.catalogue import resolver
from music.catalogue.bundled import count_better
from music.models import Song, UserLikedSong, VideoFeature
from music.models.video_feature import STAND_INS
from music.names.channels import clean_channel, is_artists_own
from music.names.keys import make_artist_key
from music.records import SONG_SECONDS, ShownSong
from music.youtube.availability import has_youtube
from tunetrace_site.replication.prepared import PreparedQuery

SHOWN_OF_SONG = ("address", "artist_key", "artist", "title", "genre", "year", "language")
"""The columns of a song that ``show_song`` reads."""
SHOWN_OF_VIDEO = (
    *("video_id", "take", "title", "channel_title", "channel_id", "genre", "duration"),
    *("available", "embeddable", "is_live", "withdrawn_at", "made_for_kids", "age_restricted"),
)
"""The columns of a video that ``show_video`` reads."""
_COMPARED_FIELDS = (
    *("video_id", "song", "take", "title", "channel_title", "channel_id", "view_count", "duration"),
    *("made_for_kids", "age_restricted", "blocked_regions", "allowed_regions"),
)
_SHOWN = PreparedQuery(
    Song,
    lambda addresses: Song.objects.filter(address__among=addresses).only(*SHOWN_OF_SONG),
)
_PLAYABLE = PreparedQuery(
    VideoFeature,
    lambda songs: VideoFeature.objects.playable().filter(song__among=songs).only(*_COMPARED_FIELDS),
)
_RANKS: dict[str, int] = {take: rank for rank, take in enumerate(STAND_INS)}


def find_playing_takes(
    songs: Iterable[Song],
    *,
    meant: Mapping[int, str] | None = None,
    unwanted: Collection[str] = (),
) -> dict[int, VideoFeature]:
    """Return the best take that plays in this region for each of ``songs``, by primary key.

    One query. The best is the take that was ``meant`` (video ids by the song's key), else the song
    itself before a lyrics video, an acoustic, a live take or a demo; official channels before
    others; the most viewed; the first of the bundled catalogue. Takes by others (covers, karaoke)
    and ``unwanted`` video ids are never chosen.
    """
    artist_of = {song.pk: song.artist_key for song in songs}
    if not artist_of:
        return {}
    asked, region = meant or {}, settings.YOUTUBE_REGION
    takes: dict[int, list[VideoFeature]] = defaultdict(list)
    for video in _PLAYABLE.fetch_models(artist_of):
        song_pk = cast(int, video.song_id)
        is_meant = asked.get(song_pk) == video.video_id
        may_play = is_meant or (video.take in _RANKS and _is_of_song_length(video))
        if may_play and video.is_offered_in(region) and video.video_id not in unwanted:
            takes[song_pk].append(video)
    return {
        song_pk: _choose(found, asked.get(song_pk), artist_of[song_pk])
        for song_pk, found in takes.items()
    }


def _choose(takes: Sequence[VideoFeature], meant: str | None, artist_key: str) -> VideoFeature:
    """Return the best of ``takes``; nothing is compared where there is only one."""
    if len(takes) == 1:
        return takes[0]
    return min(takes, key=partial(_order, meant, artist_key))


def _order(meant: str | None, artist_key: str, video: VideoFeature) -> tuple[object, ...]:
    return (
        video.video_id != meant,
        _RANKS.get(video.take, len(_RANKS)),
        not _is_official(video.channel_title, artist_key),
        -(video.view_count or 0),
        count_better(video.video_id),
        video.video_id,
    )


def _is_official(channel_title: str, artist_key: str) -> bool:
    """Return whether a channel is the artist's own, or their label's for them."""
    if is_artists_own(channel_title):
        return True
    return make_artist_key(clean_channel(channel_title)) == artist_key


def _is_of_song_length(video: VideoFeature) -> bool:
    return video.duration is None or video.duration in SONG_SECONDS


def read_shown(addresses: Collection[str]) -> dict[str, Song]:
    """Return the stored ones of the songs at ``addresses``, by address, with what lists show."""
    return {song.address: song for song in _SHOWN.fetch_models(addresses)} if addresses else {}


def show_songs(
    songs: Sequence[Song],
    *,
    meant: Mapping[int, str] | None = None,
    unwanted: Collection[str] = (),
) -> list[ShownSong]:
    """Return ``songs`` as lists show them, in their order; one query."""
    takes = find_playing_takes(songs, meant=meant, unwanted=unwanted)
    return [show_song(song, takes.get(song.pk)) for song in songs]


def show_song(song: Song, take: VideoFeature | None) -> ShownSong:
    """Return ``song`` as lists show it, played by ``take``."""
    return ShownSong(
        song_id=song.address,
        song_pk=song.pk,
        title=song.title,
        artist=song.artist,
        genre=song.genre,
        year=song.year,
        language=song.language,
        **_describe(take),
    )


def show_video(video: VideoFeature, unwanted: Collection[str] = ()) -> ShownSong:
    """Return a video without a song, as lists show it; it is played unless it is ``unwanted``."""
    is_played = video.is_playable and video.video_id not in unwanted
    return ShownSong(
        song_id=video.video_id,
        title=video.title,
        artist=video.channel_title,
        genre=video.genre,
        **_describe(video if is_played else None),
    )


def _describe(take: VideoFeature | None) -> dict[str, Any]:
    """Return what lists show of the take that plays a song; nothing where none does."""
    if take is None:
        return {}
    return {
        "video_id": take.video_id,
        "take": take.take,
        "duration_seconds": take.duration,
        "channel_title": take.channel_title,
        "channel_id": take.channel_id,
        "video_title": take.title,
        "is_restricted": take.made_for_kids or take.age_restricted,
    }


def show_likes(
    likes: Sequence[UserLikedSong], *, unwanted: Collection[str] = ()
) -> dict[int, ShownSong]:
    """Return what likes (read with their songs and videos) mean, by the like's key; one query.

    A like without a song or video is left out. ``unwanted`` are ids of videos that do not play for
    the reader.
    """
    return show_meanings({like.pk: (like.song, like.video) for like in likes}, unwanted=unwanted)


def show_meanings(
    meanings: Mapping[int, tuple[Song | None, VideoFeature | None]],
    *,
    unwanted: Collection[str] = (),
) -> dict[int, ShownSong]:
    """Return songs, played by the takes that were meant, by the keys of ``meanings``.

    One query. Of a video without a song the video is shown; what has neither is left out.
    """
    songs = {song.pk: song for song, _ in meanings.values() if song}
    meant = {song.pk: video.video_id for song, video in meanings.values() if song and video}
    listed = show_songs(list(songs.values()), meant=meant, unwanted=unwanted)
    shown = {song.song_pk: song for song in listed}
    found = {key: shown[song.pk] for key, (song, _) in meanings.items() if song}
    return found | {
        key: show_video(video, unwanted)
        for key, (song, video) in meanings.items()
        if video and not song
    }


def look_for_videos(songs: Iterable[ShownSong]) -> None:
    """Look for videos of those of ``songs`` that have none, in the background.

    It spends units of background jobs, never a search: see ``resolver.resolve_beside``.
    """
    names = [str(song) for song in songs if song.video_id is None]
    if names and has_youtube():
        resolver.resolve_beside(names)
