"""The review of an import: its rows by state, and the listener's decisions about them."""

from dataclasses import dataclass
from math import ceil

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.models import User
from music.errors import InvalidInput, NotFound, NotNow
from music.models import ImportRow, MatchCorrection, PlaylistImport
from music.names.normalization import normalize_key
from music.youtube.availability import has_youtube
from tunetrace_site.replication.unit import unit_of_work

from .import_parts import count_rows, keep_words, like_rows
from .import_rows import list_unstored
from .imports import cancel_import, get_import, pause_import
from .names import clean_song_name
from .songs import get_named

State = ImportRow.State
PILES = (State.SURE, State.DOUBTFUL, State.MISSING)
ON_ROWS = ("choose", "leave", "keep", "reword")
ACTIONS = ("pause", "resume", "cancel", "like", "finish", *ON_ROWS)
"""The decisions that a listener can make about an import; those in ``ON_ROWS`` name a row."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many searches at YouTube an import still needs, and how many days they take."""

    n_searches: int
    n_days: int


def act(
    *,
    listener: User,
    token: str,
    action: str,
    pile: str = "",
    number: int = 0,
    reference: str = "",
    words: str = "",
) -> PlaylistImport:
    """Carry out a decision of the listener about an import or one of its rows; return the import.

    ``like`` takes a ``pile`` (a state); ``choose`` a row's ``number`` and the song's or video's
    ``reference``; ``reword`` other ``words``. Raises ``InvalidInput``, ``NotNow`` or ``NotFound``.
    """
    if action in {"pause", "resume"}:
        return pause_import(listener=listener, token=token, is_paused=action == "pause")
    if action == "cancel":
        return cancel_import(listener=listener, token=token)
    job = get_import(listener=listener, token=token)
    if action not in ACTIONS:
        raise InvalidInput("action", f"Use one of {', '.join(ACTIONS)}, not {action!r}.")
    if job.is_finished:
        raise NotNow("action", "This import is finished.")
    if action == "like":
        _choose_pile(job, pile)
    elif action == "finish":
        _finish(job)
    else:
        _decide(job, action, number, reference, words)
    return get_import(listener=listener, token=token)


def count_piles(job: PlaylistImport) -> dict[str, int]:
    """Return how many rows are in each state; states without rows are left out."""
    return dict(job.rows.order_by().values_list("state").annotate(Count("pk")))


def estimate_searches(job: PlaylistImport) -> Estimate:
    """Return the most rows that will be searched for, and the days of one listener's share."""
    if job.is_finished or not has_youtube():
        return Estimate(0, 0)
    unsearched = job.rows.filter(
        state__in=(State.WAITING, State.DOUBTFUL, State.MISSING), was_searched=False, video_id=""
    )
    unstored = [row for row in list_unstored(job) if not (row.left_out or row.video_id)]
    n_searches = unsearched.count() + len(unstored)
    share = max(int(settings.YOUTUBE_DAILY_SEARCHES * settings.YOUTUBE_ADDRESS_SHARE), 1)
    return Estimate(n_searches, ceil(n_searches / share))


def _choose_pile(job: PlaylistImport, pile: str) -> None:
    if pile not in PILES:
        raise InvalidInput("pile", f"Use one of {', '.join(PILES)}, not {pile!r}.")
    if job.to_like:
        raise NotNow("pile", "The songs you chose before are still being liked: wait a moment.")
    with unit_of_work():
        _unfinished(job).update(
            to_like=pile, state=PlaylistImport.State.WAITING, updated_at=timezone.now()
        )


def _finish(job: PlaylistImport) -> None:
    """End the review; rows without a decision are left out."""
    with unit_of_work():
        _unfinished(job).update(
            state=PlaylistImport.State.DONE,
            to_like="",
            paid_by=None,
            updated_at=timezone.now(),
            **count_rows(job),
        )


def _decide(job: PlaylistImport, action: str, number: int, reference: str, words: str) -> None:
    named = get_named(reference) if action == "choose" else None
    name = clean_song_name(words, field="words") if action == "reword" else ""
    with unit_of_work():
        # The import's row first, as background work does, so that both wait for each other.
        _unfinished(job).update(updated_at=timezone.now())
        row = job.rows.filter(number=number, state__in=PILES).first()
        if row is None:
            raise NotFound("This row is not waiting for a decision.")
        if named is not None:
            row.song_id = named.song.pk if named.song else None
            row.take = named.video.video_id if named.video else ""
            _remember(job.user, row)
            like_rows(job, [row])
        elif action == "keep":
            keep_words(job, [row])
        elif action == "leave":
            row.state, row.why = State.LEFT, "You left it out."
        else:
            _look_again(job, row, name)
        row.save()
        _unfinished(job).update(**count_rows(job), **_end_if_decided(job))


def _look_again(job: PlaylistImport, row: ImportRow, name: str) -> None:
    row.name, row.video_id, row.candidates = name, "", []
    row.state, row.song_id, row.take = State.WAITING, None, ""
    row.was_searched = False
    _unfinished(job).update(state=PlaylistImport.State.WAITING)


def _remember(listener: User, row: ImportRow) -> None:
    """Store what the listener says that words mean, for later rows with the same words."""
    if row.song_id is None:
        return
    query = normalize_key(row.name)
    said = MatchCorrection.objects.filter(user=listener, query=query).first()
    rejected = said.rejected_ids if said else []
    MatchCorrection.objects.update_or_create(
        user=listener, query=query, defaults={"song_id": row.song_id, "rejected_ids": rejected}
    )


def _end_if_decided(job: PlaylistImport) -> dict[str, str | None]:
    """End the import when its last row has been decided."""
    left = job.rows.filter(state__in=(*PILES, State.WAITING))
    return {} if left.exists() else {"state": PlaylistImport.State.DONE, "paid_by": None}


def _unfinished(job: PlaylistImport) -> QuerySet[PlaylistImport]:
    over = (PlaylistImport.State.DONE, PlaylistImport.State.FAILED)
    return PlaylistImport.objects.filter(pk=job.pk).exclude(state__in=over)
