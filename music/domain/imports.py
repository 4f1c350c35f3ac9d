"""Imports: a playlist, a pasted list or a file of songs becomes likes.

An import is a row, and its songs are rows too (``import_rows.py``): whichever machine has time does
the next part of the work. Nothing else of a file is kept.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from music.errors import InvalidInput, NotFound, NotNow, SourceError, SourceNotFound
from music.libraries.reading import read_library
from music.models import PlaylistImport
from music.models.claims import ClaimQuerySet
from music.youtube.budgets import describe_payers, restore_caller
from music.youtube.quota import IMPORT, LISTENER
from tunetrace_site.replication.unit import run_unit, unit_of_work

from .import_parts import do_next_part
from .import_rows import (
    STORED_AT_ONCE,
    NewRow,
    add_rows,
    make_file_rows,
    move_pasted_songs,
    rows_to_json,
    store_rows,
)
from .listenbrainz import find_account_link, is_offered
from .loved_songs import LISTENBRAINZ, NOT_CONNECTED, fetch_loved
from .names import clean_song_name
from .playlists import MAX_IMPORTED_SONGS, clean_playlist, import_playlist
from .request_keys import find_made

FILE_NAME_MAX_LENGTH = 255
MAX_OPEN_IMPORTS = 20
"""The most open imports of one listener; more would only wait for each other."""
CANCELLED = "You cancelled it. What was liked before that stays."
_OPEN = (PlaylistImport.State.WAITING, PlaylistImport.State.RUNNING)
_UNFINISHED = (*_OPEN, PlaylistImport.State.REVIEW)


def start_import(
    *,
    listener: User,
    playlist: str | None = None,
    songs: Sequence[str] | None = None,
    wants_review: bool = False,
    caller: str = LISTENER,
    token: str = "",
) -> PlaylistImport:
    """Begin to import a playlist (its address or id) or a list of song names (at most 1,000).

    YouTube is not asked yet; ``caller`` pays when it is. Sure songs are liked at once, unless the
    listener ``wants_review``. ``token`` names the import (``request_keys.py``), a random one by
    default; an import that has it already is returned. Raises ``InvalidInput`` for ``playlist`` or
    ``songs``, and ``KeyUsed`` if the key of the token came with another request.
    """
    if bool(playlist) == bool(songs):
        raise InvalidInput("playlist", "Give either a playlist or a list of songs.")
    if playlist:
        playlist_id = clean_playlist(playlist)
        return _create(listener, (), caller, field="playlist", token=token, playlist_id=playlist_id)
    names = [clean_song_name(name, field="songs") for name in songs or ()]
    if len(names) > MAX_IMPORTED_SONGS:
        raise InvalidInput("songs", f"At most {MAX_IMPORTED_SONGS} songs, not {len(names)}.")
    rows = [NewRow(name) for name in dict.fromkeys(names)]
    return _create(listener, rows, caller, field="songs", token=token, wants_review=wants_review)


@dataclass(frozen=True, slots=True)
class SongFile:
    """The content of a file: the service that wrote it, the list's name, a row for each song."""

    source: str
    label: str
    rows: tuple[NewRow, ...]


def read_song_file(*, data: bytes, file_name: str = "") -> SongFile:
    """Read a file that another service or program wrote (``music/libraries``); stores nothing.

    Raises ``InvalidInput`` for ``file``: it says what is wrong, and in which row.
    """
    library = read_library(data, file_name)
    return SongFile(library.source, library.label, tuple(make_file_rows(library)))


def start_file_import(
    *,
    listener: User,
    file: SongFile,
    wants_review: bool = True,
    caller: str = LISTENER,
    token: str = "",
) -> PlaylistImport:
    """Begin to import a file's songs; ``token`` as in ``start_import``.

    Raises ``NotNow`` for ``file`` where too many wait.
    """
    return _create(
        listener,
        file.rows,
        caller,
        field="file",
        token=token,
        wants_review=wants_review,
        source=file.source,
        label=file.label,
    )


def start_loved_import(*, listener: User, caller: str = LISTENER) -> PlaylistImport:
    """Begin to import the listener's loved songs at ListenBrainz, which are reviewed before a like.

    ListenBrainz is not asked yet. Raises ``InvalidInput`` for ``service`` where the listener is not
    connected, or too many imports are open.
    """
    if not is_offered() or find_account_link(listener=listener) is None:
        raise InvalidInput("service", NOT_CONNECTED)
    return _create(
        listener,
        (),
        caller,
        field="service",
        service=LISTENBRAINZ,
        wants_review=True,
        source="ListenBrainz",
        label="Loved songs",
    )


def get_import(*, listener: User, token: str) -> PlaylistImport:
    """Return the listener's import with this token. Raises ``NotFound``."""
    found = PlaylistImport.objects.filter(user=listener, token=token).first()
    if found is None:
        raise NotFound("There is no such import.")
    return found


def list_open() -> list[str]:
    """Return the tokens of imports that are due and not claimed, oldest first."""
    now = timezone.now()
    rows = PlaylistImport.objects.due(now).unclaimed(now).order_by("created_at", "id")
    return list(rows.values_list("token", flat=True))


def pause_import(*, listener: User, token: str, is_paused: bool) -> PlaylistImport:
    """Stop an import after its next step, or let it go on. Raises ``NotFound``."""
    job = get_import(listener=listener, token=token)
    with unit_of_work():
        unfinished = PlaylistImport.objects.filter(pk=job.pk, state__in=_UNFINISHED)
        unfinished.update(is_paused=is_paused, updated_at=timezone.now())
    return get_import(listener=listener, token=token)


def cancel_import(*, listener: User, token: str) -> PlaylistImport:
    """End an import where it is; its likes stay. Raises ``NotFound``."""
    job = get_import(listener=listener, token=token)
    with unit_of_work():
        PlaylistImport.objects.filter(pk=job.pk, state__in=_UNFINISHED).update(
            state=PlaylistImport.State.DONE,
            error=CANCELLED,
            paid_by=None,
            new_rows=None,
            service="",
        )
    return get_import(listener=listener, token=token)


def advance_import(*, mine: ClaimQuerySet) -> bool:
    """Do the next part of the import that the caller has claimed (``mine``).

    Returns whether there is more to do. The results and likes of a part are one unit of work with
    the check that the caller still has the claim: if it is killed in between, the part is done
    again, and no row twice.
    """
    job = mine.select_related("user").first()
    if job is None or not job.is_open:
        return False
    caller = restore_caller(IMPORT, job.paid_by)
    try:
        if job.playlist_id:
            return import_playlist(job, mine, caller)
        if job.service:
            return fetch_loved(job, mine)
        if job.new_rows is not None:
            store_rows(job, mine)
            return True
        if job.pasted_songs:
            move_pasted_songs(job, mine)
        return do_next_part(job, mine, caller)
    except SourceNotFound:
        _fail(mine, "YouTube shows no such playlist. It must be public or unlisted.")
    except SourceError as error:
        _fail(mine, f"{error.message} {error.hint}".strip())
    return False


def _create(
    listener: User,
    rows: Sequence[NewRow],
    caller: str,
    *,
    field: str,
    token: str = "",
    **fields: object,
) -> PlaylistImport:
    of_listener = PlaylistImport.objects.filter(user=listener)
    if token and (begun := find_made(of_listener, token)):
        return begun
    if of_listener.filter(state__in=_OPEN).count() >= MAX_OPEN_IMPORTS:
        raise NotNow(
            field, f"{MAX_OPEN_IMPORTS} of your imports are not finished: let them end first."
        )
    # A long import stores its songs in one row, so that all of them are there or none; the worker
    # then stores a row for each.
    is_long = len(rows) > STORED_AT_ONCE
    job = PlaylistImport(
        user=listener,
        token=token or secrets.token_hex(16),
        n_total=len(rows),
        new_rows=rows_to_json(rows) if is_long else None,
        paid_by=describe_payers(caller),
        **fields,
    )

    def save() -> PlaylistImport:
        listener.ensure_stored()
        job.save(force_insert=True)
        if not is_long:
            add_rows(job, rows)
        return job

    return run_unit(save)


def _fail(mine: ClaimQuerySet, why: str) -> None:
    with unit_of_work():
        mine.update(
            state=PlaylistImport.State.FAILED,
            error=why[:255],
            updated_at=timezone.now(),
            paid_by=None,
        )
