"""Recent releases by artists whom a listener likes."""

from datetime import timedelta
from typing import cast

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from music.caching import listeners
from music.models import Dismissal, Song, Steering, UserLikedSong, VideoFeature
from music.records import ShownSong

from .playing import show_song

NEW_FOR = timedelta(days=60)
N_SONGS = 6
MAX_ARTISTS = 200
"""The number of latest likes whose artists are considered."""


def list_new_songs(*, listener: User) -> tuple[ShownSong, ...]:
    """Return songs by liked artists with a video of the last 60 days that plays here.

    Newest first, one per artist, and none that is liked, dismissed or by a hidden artist. Cached
    for some minutes, until the listener's taste changes; else two queries. Without a key there are
    none, since only YouTube's API tells when a video was published.
    """
    return listeners.fetch_of_listener("new songs", listener.pk, lambda: _find_new_songs(listener))


def _find_new_songs(listener: User) -> tuple[ShownSong, ...]:
    liked = UserLikedSong.objects.liked_by(listener).filter(song__address__isnull=False)
    artists = set(liked.values_list("song__artist_key", flat=True)[:MAX_ARTISTS])
    if not artists:
        return ()
    hidden = Steering.objects.filter(user=listener, kind=Steering.Kind.HIDDEN_ARTIST)
    videos = (
        VideoFeature.objects.playable()
        .themselves()
        .of_song_length()
        .filter(song__artist_key__in=artists, published_at__gt=timezone.now() - NEW_FOR)
        .exclude(song__artist_key__in=hidden.values("key"))
        .exclude(song__in=Dismissal.objects.filter(user=listener).values("song"))
        .exclude(song__in=UserLikedSong.objects.filter(user=listener).values("song"))
        .select_related("song")
        .defer("description", "tags", "created_at", "updated_at")
        .order_by("-published_at", "video_id")
    )
    newest: dict[str, ShownSong] = {}
    for video in videos[: N_SONGS * 10]:
        song = cast(Song, video.song)
        if song.artist_key not in newest and video.plays_in(settings.YOUTUBE_REGION):
            newest[song.artist_key] = show_song(song, video)
    return tuple(newest.values())[:N_SONGS]
