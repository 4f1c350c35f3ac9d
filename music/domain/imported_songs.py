"""The rows of an import as lists show them, with the songs that they mean, or may mean."""

from collections.abc import Sequence, Set

from django.db.models import QuerySet

from music.models import ImportRow, PlaylistImport, Song, VideoFeature
from music.records import ShownSong

from .playing import show_songs, show_video
from .reports import list_refused

State = ImportRow.State
FOUND = (State.LIKED, State.HAD)


def list_rows(job: PlaylistImport, *, state: str = "") -> QuerySet[ImportRow]:
    """Return the rows of an import in the file's order, with their songs; optionally one state."""
    rows = job.rows.filter(state=state) if state else job.rows.all()
    return rows.select_related("song").defer("song__tags").order_by("number")


def list_found(job: PlaylistImport) -> QuerySet[ImportRow]:
    """Return liked rows whose song or video was found, with their songs."""
    return list_rows(job).filter(state__in=FOUND)


def show_rows(rows: Sequence[ImportRow], listener_pk: int) -> dict[int, ShownSong]:
    """Return the songs that ``rows`` (read with their songs) mean, by the row's key.

    The songs are played as for this listener. Rows without a song and without a stored video are
    left out. Three queries.
    """
    refused = list_refused(listener_pk)
    songs = {row.song.pk: row.song for row in rows if row.song}
    meant = {row.song.pk: row.take for row in rows if row.song and row.take}
    listed = show_songs(list(songs.values()), meant=meant, unwanted=refused)
    of_songs = {song.song_pk: song for song in listed}
    of_videos = _show_videos({row.take for row in rows if row.take and not row.song}, refused)
    shown = ((row.pk, of_songs.get(row.song_id) or of_videos.get(row.take)) for row in rows)
    return {key: song for key, song in shown if song is not None}


def list_candidates(rows: Sequence[ImportRow]) -> dict[str, ShownSong]:
    """Return the songs that ``rows`` may mean: by address, or by video id without a song.

    Three queries.
    """
    names = {name for row in rows for name in row.candidates}
    songs = list(Song.objects.filter(address__in=names))
    shown = {song.song_id: song for song in show_songs(songs)}
    return {**_show_videos(names - shown.keys()), **shown}


def _show_videos(ids: Set[str], unwanted: Set[str] = frozenset()) -> dict[str, ShownSong]:
    videos = VideoFeature.objects.filter(video_id__in=ids) if ids else ()
    return {video.video_id: show_video(video, unwanted) for video in videos}
