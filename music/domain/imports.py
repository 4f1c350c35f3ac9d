"""Many songs at once: a YouTube playlist or a pasted list becomes likes, slice by slice.

An import is advanced by whoever looks at its progress, so that it needs no worker of its own and
goes on after a restart where it stopped.
"""

import secrets
from collections.abc import Sequence

from django.utils import timezone

from accounts.models import User
from music.errors import InvalidInput, KeyRejected, NotFound, SourceError, SourceNotFound
from music.models import PlaylistImport, VideoFeature
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.addresses import find_playlist_id
from music.youtube.answers import PlaylistPage
from music.youtube.availability import has_youtube
from music.youtube.budgets import for_purpose
from music.youtube.quota import IMPORT, LISTENER
from tunetrace_site.replication.unit import unit_of_work

from .likes import like_songs, record_likes
from .names import clean_song_name
from .songs import Named

MAX_IMPORTED_SONGS = 1000
"""Whole pages of a playlist (50 each), so that a page that follows says that there is more."""
SLICE = 25


def start_import(
    *, listener: User, playlist: str | None = None, songs: Sequence[str] | None = None
) -> PlaylistImport:
    """Begin to import a playlist (its address or id) or a list of song names (at most 1,000).

    Nothing is asked of YouTube yet. Raises ``InvalidInput`` for ``playlist`` or ``songs``.
    """
    if bool(playlist) == bool(songs):
        raise InvalidInput("playlist", "Give either a playlist or a list of songs.")
    if playlist:
        playlist_id = find_playlist_id(playlist)
        if playlist_id is None:
            raise InvalidInput("playlist", "This is not the address or id of a YouTube playlist.")
        return _create(listener, playlist_id=playlist_id)
    names = [clean_song_name(name, field="songs") for name in songs or ()]
    if len(names) > MAX_IMPORTED_SONGS:
        raise InvalidInput("songs", f"At most {MAX_IMPORTED_SONGS} songs, not {len(names)}.")
    distinct = list(dict.fromkeys(names))
    return _create(listener, pasted_songs=distinct, n_total=len(distinct))


def get_import(*, listener: User, token: str) -> PlaylistImport:
    """The listener's import with this token. Raises ``NotFound``."""
    found = PlaylistImport.objects.filter(user=listener, token=token).first()
    if found is None:
        raise NotFound("There is no such import.")
    return found


def advance_import(*, listener: User, token: str, caller: str = LISTENER) -> PlaylistImport:
    """Do the next slice of work of an import that is not finished; answers with its new state.

    ``caller`` pays for what is asked of YouTube.
    """
    job = get_import(listener=listener, token=token)
    if job.state in {PlaylistImport.State.DONE, PlaylistImport.State.FAILED}:
        return job
    try:
        if job.playlist_id:
            _import_playlist(job, caller)
        else:
            _import_slice(job, caller)
    except SourceNotFound:
        _fail(job, "YouTube shows no such playlist. It must be public or unlisted.")
    except SourceError as error:
        _fail(job, f"{error.message} {error.hint}".strip())
    job.updated_at = timezone.now()
    with unit_of_work():
        job.save()
    return job


def _create(listener: User, **fields: object) -> PlaylistImport:
    with unit_of_work():
        return PlaylistImport.objects.create(user=listener, token=secrets.token_hex(16), **fields)


def _fail(job: PlaylistImport, why: str) -> None:
    job.state = PlaylistImport.State.FAILED
    job.error = why[:255]


def _import_slice(job: PlaylistImport, caller: str) -> None:
    names = job.pasted_songs[job.n_done : job.n_done + SLICE]
    if names:
        likes = like_songs(listener=job.user, song_names=names, caller=caller)
        job.n_unresolved += sum(not like.is_found for like in likes)
    job.n_done += len(names)
    finished = job.n_done >= len(job.pasted_songs)
    job.state = PlaylistImport.State.DONE if finished else PlaylistImport.State.RUNNING


def _import_playlist(job: PlaylistImport, caller: str) -> None:
    """A playlist names its videos, so nothing is resolved: two units for 50 songs, in one go."""
    caller = for_purpose(IMPORT, caller)
    if not has_youtube():
        raise KeyRejected(
            "Reading a YouTube playlist needs a YouTube API key.",
            hint="Paste the names of the songs instead.",
        )
    from music.collecting.details import store_listed
    from music.collecting.source import YouTubeSource

    playlist = YouTubeSource().list_playlist(
        job.playlist_id, caller=caller, max_items=MAX_IMPORTED_SONGS
    )
    store_listed(playlist.records, caller=caller)
    ids = [record.video_id for record in playlist.records]
    with unit_of_work():
        videos = VideoFeature.objects.filter(available=True).select_related("song__joined_to")
        stored = videos.in_bulk(ids, field_name="video_id")
        in_order = [_to_named(stored[video_id]) for video_id in ids if video_id in stored]
        pairs = [(str(named)[:SONG_NAME_MAX_LENGTH], named) for named in in_order]
        likes = record_likes(job.user, pairs)
    job.n_total = max(playlist.n_total, playlist.n_read)
    job.n_done = len({like.pk for like in likes})
    rest = (_describe_rest(playlist), _describe_left_out(playlist.n_read, len(pairs), job.n_done))
    job.error = " ".join(filter(None, rest))[:255]
    job.state = PlaylistImport.State.DONE


def _to_named(video: VideoFeature) -> Named:
    song = video.song
    return Named(song.joined_to or song if song else None, video)


def _describe_left_out(n_read: int, n_stored: int, n_liked: int) -> str:
    """How many entries of a playlist made no like, and why; empty where all did."""
    gone, same = n_read - n_stored, n_stored - n_liked
    entry = "entry" if gone == 1 else "entries"
    left_out = [f"{gone} {entry} deleted or private"] if gone > 0 else []
    left_out += [f"{same} of a song that another entry has too"] if same > 0 else []
    return f"Left out: {', '.join(left_out)}." if left_out else ""


def _describe_rest(playlist: PlaylistPage) -> str:
    """What of the playlist was not read, and why; empty where all was."""
    read = f"Only the first {playlist.n_read:,} of {playlist.n_total:,} entries were read"
    if why := playlist.cut_by:
        return f"{read}; import it again for the rest. {why.message} {why.hint}".strip()
    if playlist.next_page_token:  # the total also counts entries that YouTube lists to nobody
        return f"{read}: an import takes at most {MAX_IMPORTED_SONGS:,}."
    return ""
