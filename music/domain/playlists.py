"""Imports a YouTube playlist page by page; its entries are videos, so nothing is resolved."""

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from music.errors import (
    InvalidInput,
    KeyRejected,
    QuotaExhausted,
    SourceError,
    SourceUnavailable,
)
from music.models import ImportRow, PlaylistImport, VideoFeature
from music.models.claims import ClaimQuerySet
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.addresses import Unreadable, find_playlist_id, find_unreadable
from music.youtube.answers import PlaylistPage
from music.youtube.availability import has_youtube
from tunetrace_site.replication.unit import unit_of_work

from .import_parts import like_rows
from .import_rows import NO_NAME, State

GONE = "Deleted or private."
SAME = "Another entry has the same song."
MAX_IMPORTED_SONGS = 1000
PLAYLIST_MAX_LENGTH = 500
MAX_ENTRIES = 5000
"""The largest playlist that YouTube allows, in whole pages of 50 entries."""
LATER = timedelta(minutes=10)
"""The pause after no answer from YouTube; without quota, an import waits for the next day's."""
_UNREADABLE = {
    Unreadable.MIX: "This is a mix, made by YouTube for each visitor anew, which nobody can read. "
    "Save it as a playlist there, and import that.",
    Unreadable.OWN: "This list (likes, watch later, history) is shown to its owner only. Copy it "
    "to a public or unlisted playlist, or import the file from Google Takeout.",
    Unreadable.CHANNEL: "This is a channel: import one of its playlists, or link to it by its id "
    "(youtube.com/channel/UC…) to import all its uploads.",
}
NO_PLAYLIST = "This is not the address or id of a YouTube playlist."


def clean_playlist(text: str) -> str:
    """Return the id of the playlist that ``text`` names.

    Raises ``InvalidInput`` for ``playlist``, with the reason where YouTube lets nobody read it.
    """
    found = find_playlist_id(text)
    if found is None:
        unreadable = find_unreadable(text)
        raise InvalidInput("playlist", _UNREADABLE[unreadable] if unreadable else NO_PLAYLIST)
    return found


def import_playlist(job: PlaylistImport, mine: ClaimQuerySet, caller: str) -> bool:
    """Like the next 50 entries of a playlist, for two units; return whether there is more.

    After an error or without quota it goes on later where it stopped. ``mine`` is the import's row
    while the caller has claimed it; otherwise nothing is written. Raises ``SourceError`` where
    nothing at all can be read.
    """
    if not has_youtube():
        raise KeyRejected(
            "Reading a YouTube playlist needs a YouTube API key.",
            hint="Paste the names of the songs instead.",
        )
    from music.collecting.details import store_listed
    from music.collecting.source import YouTubeSource

    n_before = job.rows.count()
    try:
        page = YouTubeSource().list_playlist(
            job.playlist_id, caller=caller, page_token=job.page_token
        )
        store_listed(page.records, caller=caller)
    except (QuotaExhausted, SourceUnavailable) as error:
        if not n_before:
            raise
        _go_on_later(job, mine, n_before, error)
        return False
    has_more = bool(page.next_page_token) and n_before + page.n_read < MAX_ENTRIES
    with unit_of_work():
        # The import's row first: its lock keeps others from taking the import over until the
        # commit.
        if not mine.update(updated_at=timezone.now()):
            return False
        _like_entries(job, page, n_before)
        _note_page(job, mine, page, n_before + page.n_read, has_more)
    return has_more


def _like_entries(job: PlaylistImport, page: PlaylistPage, n_before: int) -> None:
    """Store a row for each entry of a page; entries that can be played are liked."""
    ids = [record.video_id for record in page.records]
    videos = VideoFeature.objects.filter(available=True, video_id__in=ids)
    stored = {video.video_id: video for video in videos.select_related("song__joined_to")}
    known = job.rows.filter(state__in=(State.LIKED, State.HAD)).values_list("song", "take")
    seen: set[tuple[int | None, str]] = set(known)
    rows, liked = [], []
    for number in range(page.n_read):
        video_id = ids[number] if number < len(ids) else ""
        row = ImportRow(job=job, number=n_before + number + 1, name=NO_NAME, video_id=video_id)
        rows.append(row)
        _judge(row, stored.get(video_id), seen)
        if row.state == State.SURE:
            liked.append(row)
    like_rows(job, liked)
    ImportRow.objects.bulk_create(rows)


def _judge(row: ImportRow, video: VideoFeature | None, seen: set[tuple[int | None, str]]) -> None:
    """Return what an entry means, and whether to like it; ``seen`` are the videos liked so far."""
    if video is None:
        row.state, row.why = State.LEFT, GONE
        return
    song = video.song and (video.song.joined_to or video.song)
    row.song_id, row.take = (song.pk if song else None), video.video_id
    row.name = str(song or video)[:SONG_NAME_MAX_LENGTH]
    is_same = any(
        pk == row.song_id if song else (pk is None and take == row.take) for pk, take in seen
    )
    row.state, row.why = (State.LEFT, SAME) if is_same else (State.SURE, "")
    seen.add((row.song_id, row.take))


def _note_page(
    job: PlaylistImport, mine: ClaimQuerySet, page: PlaylistPage, n_read: int, has_more: bool
) -> None:
    """Store the progress of the import; at its end also what was left out, and why."""
    states = job.rows.order_by().values_list("state", "why").annotate(Count("pk"))
    counts = {(state, why): n for state, why, n in states}
    changes: dict[str, Any] = {
        "n_total": max(page.n_total, n_read),
        "n_done": sum(n for (state, _), n in counts.items() if state != State.LEFT),
        "page_token": page.next_page_token,
        "state": PlaylistImport.State.RUNNING,
        "error": "",
    }
    if not has_more:
        gone, same = (counts.get((State.LEFT, why), 0) for why in (GONE, SAME))
        too_long = _describe_rest(n_read, page) if page.next_page_token else ""
        said = " ".join(filter(None, (too_long, _describe_left_out(gone, same))))
        changes |= {"state": PlaylistImport.State.DONE, "error": said[:255], "paid_by": None}
    mine.update(**changes)


def _go_on_later(job: PlaylistImport, mine: ClaimQuerySet, n_read: int, why: SourceError) -> None:
    at = getattr(why, "until", None) or timezone.now() + LATER
    said = (
        f"Only the first {n_read:,} of {job.n_total:,} entries were read so far; the others follow "
        f"by themselves after {at:%H:%M} UTC. {why.message}"
    )
    with unit_of_work():
        mine.update(resumes_at=at, error=said[:255], updated_at=timezone.now())


def _describe_left_out(gone: int, same: int) -> str:
    """Return how many entries of a playlist made no like, and why; empty where all did."""
    entry = "entry" if gone == 1 else "entries"
    left_out = [f"{gone} {entry} deleted or private"] if gone > 0 else []
    left_out += [f"{same} of a song that another entry has too"] if same > 0 else []
    return f"Left out: {', '.join(left_out)}." if left_out else ""


def _describe_rest(n_read: int, page: PlaylistPage) -> str:
    """Return what of a playlist was not read: its total also counts hidden entries."""
    return (
        f"Only the first {n_read:,} of {page.n_total:,} entries were read: an import takes at most "
        f"{MAX_ENTRIES:,}."
    )
