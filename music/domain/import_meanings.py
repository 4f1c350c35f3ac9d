"""Finds what the rows of an import mean: from facts in the file, from links, from words."""

from collections.abc import Sequence

from music.catalogue import resolver
from music.catalogue.resolver import MAX_NAMES
from music.models import ImportRow, PlaylistImport, Song, VideoFeature
from music.names.addresses import find_video_id
from music.records import Resolution

from .import_rows import State, write_link

FILE_RUNG = "file"
SURE_ENOUGH = 0.92
"""Below this the listener is asked, as where another artist's song fits as well."""


def identify_rows(
    job: PlaylistImport, rows: Sequence[ImportRow], caller: str, *, may_search: bool = False
) -> list[Resolution]:
    """Return what each of ``rows`` means, by its link where it has one, else by its words."""
    if told := _find_told(rows):
        others = [row for row in rows if row.pk not in told]
        by_words = iter(identify_rows(job, others, caller, may_search=may_search) if others else ())
        return [told.get(row.pk) or next(by_words) for row in rows]
    texts = [write_link(row.video_id) if row.video_id else row.name for row in rows]
    found = _resolve(job, texts, caller, may_search)
    vain = [
        place
        for place, row in enumerate(rows)
        if row.video_id and not found[place].is_found and not find_video_id(row.name)
    ]
    names = _resolve(job, [rows[place].name for place in vain], caller, may_search)
    for place, resolution in zip(vain, names, strict=True):
        found[place] = resolution
    return found


def _find_told(rows: Sequence[ImportRow]) -> dict[int, Resolution]:
    """Return songs that the file itself names by address and that are stored, by row key."""
    said = {
        row.pk: row.candidates[0] for row in rows if row.state == State.WAITING and row.candidates
    }
    if not said:
        return {}
    known = Song.objects.unjoined().filter(address__in=set(said.values()))
    addresses = set(known.values_list("address", flat=True))
    takes = {row.pk: row.video_id for row in rows}
    ids = VideoFeature.objects.filter(video_id__in=set(takes.values()), song__address__in=addresses)
    of_song = dict(ids.values_list("video_id", "song__address"))
    return {
        key: Resolution(
            address,
            address,
            1.0,
            FILE_RUNG,
            video_id=takes[key] if of_song.get(takes[key]) == address else None,
        )
        for key, address in said.items()
        if address in addresses
    }


def _resolve(
    job: PlaylistImport, texts: Sequence[str], caller: str, may_search: bool
) -> list[Resolution]:
    return [
        resolution
        for start in range(0, len(texts), MAX_NAMES)
        for resolution in resolver.resolve(
            texts[start : start + MAX_NAMES],
            listener_id=job.user_id,
            caller=caller,
            may_search=may_search,
        )
    ]


def judge(rows: Sequence[ImportRow], found: Sequence[Resolution]) -> None:
    """Set the state of each row: sure, doubtful (with candidates) or not found."""
    addresses = {r.song_id for r in found} - {None}
    songs = dict(Song.objects.filter(address__in=addresses).values_list("address", "pk"))
    for row, resolution in zip(rows, found, strict=True):
        row.candidates = list(resolution.alternatives)
        row.song_id = songs.get(resolution.song_id or "")
        row.take = resolution.video_id or ""
        if not (row.song_id or row.take):
            row.state = State.DOUBTFUL if row.candidates else State.MISSING
        elif resolution.confidence >= SURE_ENOUGH:
            row.state = State.SURE
        else:
            row.state = State.DOUBTFUL
            first = resolution.song_id or row.take
            row.candidates = [first, *(other for other in row.candidates if other != first)]
