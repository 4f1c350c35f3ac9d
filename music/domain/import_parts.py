"""One step of an import: the next rows are identified, and liked.

First every row is looked up where that is cheap; the rest is searched for as far as the quota goes.
Then the listener reviews the rows by state, or, without a review, the remaining words are liked as
they are and looked up again later.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from music.models import ImportRow, PlaylistImport, Song, UserLikedSong, VideoFeature
from music.models.claims import ClaimQuerySet
from music.models.import_row import VIDEO_ID_MAX_LENGTH
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.records import Resolution
from music.youtube.availability import has_youtube
from tunetrace_site.replication.unit import unit_of_work

from .import_meanings import identify_rows, judge
from .import_rows import State, write_link
from .likes import record_likes
from .songs import Named
from .youtube_trouble import describe_trouble

SLICE = 200
"""The number of rows that are identified, and liked, in one unit of work."""
SEARCHED_AT_ONCE = 10
RETRIED_FOR = timedelta(days=30)
_LOOKED_FOR = (State.MISSING, State.DOUBTFUL)
_UNRESOLVED = (*_LOOKED_FOR, State.KEPT)
_CHANGED = ("state", "song", "take", "candidates", "was_searched", "why")


def do_next_part(job: PlaylistImport, mine: ClaimQuerySet, caller: str) -> bool:
    """Identify the next rows, or end the import; return whether there is more to do.

    ``mine`` is the import's row while the caller has claimed it; otherwise nothing is written.
    """
    if job.to_like:
        return _like_pile(job, mine)
    waiting = list(job.rows.filter(state=State.WAITING).order_by("number")[:SLICE])
    if waiting:
        return _settle(job, mine, waiting, identify_rows(job, waiting, caller))
    if has_youtube() and not describe_trouble(caller=caller):
        unsearched = job.rows.filter(state__in=_LOOKED_FOR, was_searched=False).order_by("number")
        if some := list(unsearched[:SEARCHED_AT_ONCE]):
            found = identify_rows(job, some, caller, may_search=True)
            for row in some:
                row.was_searched = True
            return _settle(job, mine, some, found)
    return _keep_words(job, mine) if not job.wants_review else _end(job, mine)


def _settle(
    job: PlaylistImport, mine: ClaimQuerySet, rows: list[ImportRow], found: list[Resolution]
) -> bool:
    """Store what rows were found to mean; without a review like the sure ones at once."""
    with unit_of_work():
        # The import's row first: its lock keeps others from taking the import over until the
        # commit.
        if not mine.update(state=PlaylistImport.State.RUNNING, updated_at=timezone.now()):
            return False
        rows = _drop_changed(job, rows, found)
        if not job.wants_review:
            like_rows(job, [row for row in rows if row.song_id or row.take])
        _save(rows)
        mine.update(**count_rows(job))
    return True


def _save(rows: Sequence[ImportRow]) -> None:
    """Store what became of ``rows``, which exist.

    By an upsert: the CASE that Django's ``bulk_update`` writes for each column took more than half
    of the processor time of an import.
    """
    ImportRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=_CHANGED
    )


def _drop_changed(
    job: PlaylistImport, rows: list[ImportRow], found: list[Resolution]
) -> list[ImportRow]:
    """Judge ``rows``, and leave out those that the listener has decided meanwhile."""
    keys = [row.pk for row in rows]
    now = dict(job.rows.filter(pk__in=keys).values_list("pk", "state"))
    pairs = [
        (row, resolution)
        for row, resolution in zip(rows, found, strict=True)
        if now.get(row.pk) == row.state
    ]
    judge([row for row, _ in pairs], [resolution for _, resolution in pairs])
    return [row for row, _ in pairs]


def like_rows(job: PlaylistImport, rows: Sequence[ImportRow]) -> None:
    """Like what ``rows`` mean, or their words alone, and set their states accordingly.

    The caller holds a unit of work and saves the rows. The first row becomes the newest like,
    unless the file says when each was liked.
    """
    songs = Song.objects.in_bulk({row.song_id for row in rows} - {None})
    videos = VideoFeature.objects.in_bulk({row.take for row in rows} - {""}, field_name="video_id")
    pairs = [_to_pair(row, songs, videos) for row in rows]
    had = set(UserLikedSong.objects.filter(user=job.user).values_list("pk", flat=True))
    likes = record_likes(job.user, pairs, [_find_time(job, row) for row in rows])
    for row, like, (_, named) in zip(rows, likes, pairs, strict=True):
        is_found = named.song is not None or named.video is not None
        new = State.LIKED if is_found else State.KEPT
        row.state = State.HAD if like.pk in had and is_found else new
        had.add(like.pk)


def _to_pair(
    row: ImportRow, songs: dict[int, Song], videos: dict[str, VideoFeature]
) -> tuple[str, Named]:
    named = Named(songs.get(row.song_id or 0), videos.get(row.take))
    is_link = row.video_id and row.name == write_link(row.video_id)
    has_name = named.song is not None or named.video is not None
    return (str(named)[:SONG_NAME_MAX_LENGTH] if is_link and has_name else row.name), named


def _find_time(job: PlaylistImport, row: ImportRow) -> datetime:
    """Return when the row was liked elsewhere; at most now, since clocks differ."""
    now = timezone.now()
    return min(row.liked_at or job.created_at - timedelta(microseconds=row.number), now)


def count_rows(job: PlaylistImport) -> dict[str, int]:
    """Return the progress: ``n_done`` rows are not waiting, ``n_unresolved`` found no song."""
    states = dict(job.rows.order_by().values_list("state").annotate(Count("pk")))
    return {
        "n_done": sum(states.values()) - states.get(State.WAITING, 0),
        "n_unresolved": sum(states.get(state, 0) for state in _UNRESOLVED),
    }


def _like_pile(job: PlaylistImport, mine: ClaimQuerySet) -> bool:
    """Like the next rows in the state that the listener chose; return whether more remain.

    Of doubtful rows the first candidate is liked, of those not found the words.
    """
    with unit_of_work():
        if not mine.update(state=PlaylistImport.State.RUNNING, updated_at=timezone.now()):
            return False
        rows = list(job.rows.filter(state=job.to_like).order_by("number")[:SLICE])
        take_first_candidates([row for row in rows if row.state == State.DOUBTFUL])
        like_rows(job, rows)
        _save(rows)
        is_done = len(rows) < SLICE
        mine.update(**count_rows(job), **({"to_like": ""} if is_done else {}))
    return True


def take_first_candidates(rows: Sequence[ImportRow]) -> None:
    """Let each of ``rows`` mean its first candidate: a song's address, or a video's id."""
    first = {row.pk: row.candidates[0] for row in rows if row.candidates}
    songs = Song.objects.filter(address__in=set(first.values()))
    keys = dict(songs.values_list("address", "pk"))
    for row in rows:
        if not row.song_id and not row.take and row.pk in first:
            row.song_id = keys.get(first[row.pk])
            row.take = "" if row.song_id else first[row.pk][:VIDEO_ID_MAX_LENGTH]


def _keep_words(job: PlaylistImport, mine: ClaimQuerySet) -> bool:
    """Like the words of rows that were not found; return whether there are more of them."""
    rows = list(job.rows.filter(state__in=_LOOKED_FOR).order_by("number")[:SLICE])
    if not rows:
        return _end(job, mine)
    with unit_of_work():
        if not mine.update(updated_at=timezone.now()):
            return False
        keep_words(job, rows)
    return True


def keep_words(job: PlaylistImport, rows: Sequence[ImportRow]) -> None:
    """Like the words of ``rows``, to be looked up again; the caller holds a unit of work."""
    for row in rows:
        row.song_id, row.take = None, ""
    like_rows(job, rows)
    _save(rows)


def _end(job: PlaylistImport, mine: ClaimQuerySet) -> bool:
    """End the work of the site; if there are rows to review, wait for the listener."""
    piles = (State.SURE, *_LOOKED_FOR)
    is_for_review = job.wants_review and job.rows.filter(state__in=piles).exists()
    state = PlaylistImport.State.REVIEW if is_for_review else PlaylistImport.State.DONE
    with unit_of_work():
        forgotten = {} if is_for_review else {"paid_by": None}
        mine.update(state=state, updated_at=timezone.now(), **count_rows(job), **forgotten)
    return False


def retry_missing() -> int:
    """Make imports under review look again for rows not found, with a new day's quota.

    Returns how many rows. Does nothing without a YouTube key.
    """
    if not has_youtube():
        return 0
    since = timezone.now() - RETRIED_FOR
    in_review = PlaylistImport.objects.filter(
        state=PlaylistImport.State.REVIEW, is_paused=False, created_at__gt=since
    )
    missing = ImportRow.objects.filter(job__in=in_review, state=State.MISSING)
    keys = list(missing.values_list("job_id", flat=True).distinct())
    n_rows = 0
    for key in keys:
        with unit_of_work():
            n_rows += missing.filter(job=key).update(was_searched=False)
            in_review.filter(pk=key).update(state=PlaylistImport.State.WAITING)
    return n_rows
