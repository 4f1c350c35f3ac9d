"""Imports a listener's loved songs from ListenBrainz, page by page, in the background."""

from datetime import timedelta

from django.utils import timezone

from music.errors import KeyRejected, SourceUnavailable
from music.listenbrainz.client import RETRY_SECONDS, Loved
from music.models import PlaylistImport
from music.models.claims import ClaimQuerySet
from music.names.normalization import normalize_key
from tunetrace_site.replication.unit import unit_of_work

from .import_rows import MAX_ROWS, NewRow, add_rows, make_row
from .listenbrainz import find_account_link, open_client

LISTENBRAINZ = "listenbrainz"
"""The ``service`` of an import from ListenBrainz that is not complete."""
NOT_CONNECTED = "You are not connected to ListenBrainz any more."
TOO_MANY = f"Only the last {MAX_ROWS:,} loved songs were read: an import takes no more."


def fetch_loved(job: PlaylistImport, mine: ClaimQuerySet) -> bool:
    """Store rows for the next loved songs; return True, since they are identified next.

    Where ListenBrainz does not answer, it is asked again later, and False is returned. Raises
    ``SourceError`` where the token is missing or invalid. ``mine`` is the import's row while the
    caller has claimed it; otherwise nothing is written.
    """
    link = find_account_link(listener=job.user)
    if link is None:
        raise KeyRejected(NOT_CONNECTED)
    client, offset = open_client(link), int(job.page_token or 0)
    try:
        page = client.list_loved(link.user_name or client.check(), offset)
    except SourceUnavailable as error:
        wait = timedelta(seconds=error.retry_after_seconds or RETRY_SECONDS)
        with unit_of_work():
            mine.update(
                resumes_at=timezone.now() + wait,
                error=f"{error.message} It will be tried again automatically."[:255],
                updated_at=timezone.now(),
            )
        return False
    with unit_of_work():
        # The import's row first: its lock keeps others from taking the import over until the
        # commit.
        if not mine.update(updated_at=timezone.now()):
            return False
        n_rows = _add(job, page.songs)
        is_over = not page.n_read or n_rows >= MAX_ROWS
        mine.update(
            state=PlaylistImport.State.RUNNING,
            n_total=n_rows,
            page_token="" if is_over else str(offset + page.n_read),
            service="" if is_over else LISTENBRAINZ,
            error=TOO_MANY if n_rows >= MAX_ROWS else "",
        )
    return True


def _add(job: PlaylistImport, songs: tuple[Loved, ...]) -> int:
    """Store a row for each song that has none yet; return how many rows there are then.

    A page is asked for by its place in a list that grows at its beginning, so songs come twice.
    """
    seen = {normalize_key(name) for name in job.rows.values_list("name", flat=True)}
    n_rows, new = job.rows.count(), []
    for song in songs[: MAX_ROWS - n_rows]:
        row = _make_row(song)
        if normalize_key(row.name) not in seen:
            seen.add(normalize_key(row.name))
            new.append(row)
    add_rows(job, new, n_before=n_rows)
    return n_rows + len(new)


def _make_row(song: Loved) -> NewRow:
    name = f"{song.artist} - {song.title}" if song.artist else song.title
    return make_row(name, "", song.loved_at, song.left_out)
