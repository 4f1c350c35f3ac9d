"""With a YouTube key songs shall play: an entry of the bundled catalogue gives way to its video."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.conf import settings

from music.catalogue import resolver
from music.models import VideoFeature
from music.recommender.versions import Version, version_of
from music.records import SONG_SECONDS, is_catalogue_id
from music.youtube.availability import has_youtube

Names = tuple[str, str]
"""The normalised artist and title of a song."""


def find_videos(
    songs: Iterable[VideoFeature], unwanted: Collection[str]
) -> Mapping[str, VideoFeature]:
    """For the entries of the catalogue among ``songs``, by id, the video that plays the song.

    The video is stored, the song itself (no live take or cover), plays in this region, and its id
    is not ``unwanted``; of several it is the most seen. Empty without a key; at most two queries.
    """
    silent = {s.video_id: (s.artist_key, s.title_key) for s in songs if _is_silent(s)}
    if not silent or not has_youtube():
        return {}
    videos = _read_best(set(silent.values()), unwanted)
    return {song_id: videos[names] for song_id, names in silent.items() if names in videos}


def _read_best(wanted: Collection[Names], unwanted: Collection[str]) -> dict[Names, VideoFeature]:
    artists, titles = zip(*wanted, strict=True)
    stored = VideoFeature.objects.playable().from_source("youtube").exclude(video_id__in=unwanted)
    found = [
        video
        for video in stored.filter(artist_key__in=artists, title_key__in=titles)
        if version_of(video.title) is Version.ORIGINAL and (video.duration or 0) in SONG_SECONDS
    ]
    here = VideoFeature.objects.list_playable_in(
        settings.YOUTUBE_REGION, [video.video_id for video in found]
    )
    found = [video for video in found if video.video_id in here]
    found.sort(key=lambda video: (video.view_count or 0, video.video_id))
    return {(video.artist_key, video.title_key): video for video in found}


def look_for_videos(songs: Sequence[VideoFeature]) -> None:
    """Look for videos of the entries of the catalogue among ``songs``, beside later requests.

    For units of background jobs, never for a search: see ``resolver.resolve_beside``.
    """
    names = [str(song) for song in songs if _is_silent(song)]
    if names and has_youtube():
        resolver.resolve_beside(names)


def _is_silent(song: VideoFeature) -> bool:
    return is_catalogue_id(song.video_id)
