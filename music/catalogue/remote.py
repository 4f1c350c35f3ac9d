"""The last two rungs: the uploads of the artist's channel, then a search at YouTube.

Both ask in parallel, store everything that was answered, and only then match, by the same rules as
stored songs. A source that fails leaves names unresolved and says so once in the log; what was
stored by then is used. No unit of work is open while YouTube is asked.
"""

import contextvars
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from django.db import connections
from django.utils import timezone

from music.caching import queries
from music.caching.queries import CachedQuery
from music.errors import SourceError, SourceNotFound
from music.models import Chore, VideoFeature
from music.normalization import normalize_key
from music.records import SongRecord
from music.youtube.prepaid import prepaid
from music.youtube.quota import BACKGROUND_CALLERS, SEARCH, UNITS
from tunetrace_site.replication.unit import unit_of_work

from . import stored_matches
from .climb import Climb
from .leases import ask_alone
from .matching import SongName
from .naming import name_song
from .remembered import climb_remembered
from .titles import clean_channel
from .youtube import YouTubeSource

CHANNEL_PAGES = 4
"""The newest 200 uploads of an artist are read."""
MAX_OWN_CHANNELS = 2
CHANNEL_EVERY = timedelta(days=7)
MAX_SEARCHES = 10
"""Of the hundred a day, one call for a listener may use this many; background jobs are not held
to it."""
MAX_ARTIST_WORDS = 6
AGREED = 0.75
"""The confidence in a song that several leading results of a search are about."""
N_LEADING = 5
N_THREADS = 8
PAGE = 50

logger = logging.getLogger(__name__)
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def climb_channels(climb: Climb) -> None:
    """Settle names whose artist's channel is known, by what the channel uploaded."""
    read_channels(climb, _find_channels(climb.pending.values()))


def read_channels(climb: Climb, channel_ids: Sequence[str]) -> None:
    """Store what these channels uploaded, but for those read lately, and match with it."""
    due = _find_due(channel_ids)
    if not due:
        return
    with ask_alone(f"channel {channel_id}" for channel_id in due) as waited:
        due = _find_due(due) if waited else due
        source = YouTubeSource()
        with prepaid(UNITS, len(due), climb.caller):
            listed = ask_all(
                due, lambda c: source.list_channel(c, caller=climb.caller, n_pages=CHANNEL_PAGES)
            )
        unknown = _find_unknown(record for records in listed.values() for record in records)
        _store(_fetch(source, unknown, climb.caller), done=list(listed))
    stored_matches.climb_stored(climb, rung="channel")


def climb_searches(climb: Climb) -> None:
    """Settle what is left by searching YouTube, and remember the answers, also the empty ones."""
    names = list(climb.pending.values())
    if climb.caller not in BACKGROUND_CALLERS:
        names = names[:MAX_SEARCHES]
    with ask_alone(f"search {name.key}" for name in names) as waited:
        if waited:
            climb_remembered(climb)
        wanted = {name.readings[0]: name for name in names if name.key in climb.pending}
        source = YouTubeSource()
        with prepaid(SEARCH, len(wanted), climb.caller):
            found = ask_all(wanted, lambda query: source.find(query, caller=climb.caller))
        records = {r.video_id: r for records in found.values() for r in records}
        _store(_fetch(source, list(records.values()), climb.caller))
        _settle(climb, {wanted[query].key: found[query] for query in found})


def _settle(climb: Climb, found: dict[str, list[SongRecord]]) -> None:
    """Match the searched names and remember what each was found to mean."""
    searched = {key: climb.pending[key] for key in found}
    stored_matches.climb_stored(climb, rung="search", keys=searched.keys())
    answers = []
    for key, name in searched.items():
        ids = [record.video_id for record in found[key]]
        if key in climb.pending:
            _settle_agreed(climb, name, ids)
        else:
            climb.offer(key, ids)
        if key not in climb.rejected:  # what one listener rejected says nothing to the others
            answers.append(_remember(climb, key, ids))
    queries.store_many(answers)


def _settle_agreed(climb: Climb, name: SongName, ids: Sequence[str]) -> None:
    agreed = _find_agreed(name, climb.allow(name.key, ids))
    if agreed:
        climb.settle(name.key, agreed, confidence=AGREED, rung="search", alternatives=ids)
    elif not climb.settle_other_take(name.key):
        climb.suggest(name.key, ids)
        climb.give_up(name.key)


def _find_agreed(name: SongName, ids: Sequence[str]) -> str | None:
    """The song that is not sure by its words but that several leading results are about.

    YouTube understands spellings that we do not; one result alone proves nothing.
    """
    matches = stored_matches.match_ids(name, ids[:N_LEADING])
    songs = [(match.song.artist_key, match.song.title_key) for match in matches]
    for match, song in zip(matches, songs, strict=True):
        if all(song) and songs.count(song) > 1:
            return match.song.candidate.video_id
    return None


def _remember(climb: Climb, key: str, ids: Sequence[str]) -> CachedQuery:
    """What the name was found to mean, with all that the search found as alternatives."""
    resolution = climb.answer(key, key)
    return CachedQuery(
        query=key,
        best_video_id=resolution.video_id,
        candidate_ids=tuple(dict.fromkeys((*resolution.alternatives, *ids)))[:PAGE],
        rung=resolution.rung,
        confidence=resolution.confidence,
    )


def _find_channels(names: Iterable[SongName]) -> list[str]:
    """Ids of the channels of the artists that ``names`` begin or end with; one query."""
    parts = {name.key: _edges(name) for name in names}
    wanted = {part for edges in parts.values() for part in edges}
    rows = (
        VideoFeature.objects.filter(artist_key__in=wanted, source="youtube")
        .exclude(channel_id="")
        .values_list("artist_key", "channel_id", "channel_title")
        .distinct()
    )
    by_artist: dict[str, list[tuple[bool, str]]] = {}
    for artist_key, channel_id, channel_title in rows:
        is_own = artist_key == normalize_key(clean_channel(channel_title))
        by_artist.setdefault(artist_key, []).append((not is_own, channel_id))
    chosen = (
        max((edge for edge in edges if edge in by_artist), key=len, default=None)
        for edges in parts.values()
    )
    ranked = [sorted(set(by_artist[artist])) for artist in chosen if artist]
    # Both of an artist's own channels (the label's and theirs), or one that others keep.
    wanted = [
        channel_id
        for channels in ranked
        for n, (is_foreign, channel_id) in enumerate(channels[:MAX_OWN_CHANNELS])
        if n == 0 or not is_foreign
    ]
    return list(dict.fromkeys(wanted))


def _edges(name: SongName) -> set[str]:
    """What may be the artist in a name: its first words, or its last."""
    edges = set(name.titles)
    for reading in name.readings[:2]:
        words = reading.split()
        for n in range(1, min(len(words) - 1, MAX_ARTIST_WORDS) + 1):
            edges |= {" ".join(words[:n]), " ".join(words[-n:])}
    return edges


def _find_due(channel_ids: Sequence[str]) -> list[str]:
    """The channels that were not read lately."""
    done = set(
        Chore.objects.filter(
            kind=Chore.Kind.CHANNEL,
            name__in=channel_ids,
            done_at__gte=timezone.now() - CHANNEL_EVERY,
        ).values_list("name", flat=True)
    )
    return [channel_id for channel_id in channel_ids if channel_id not in done]


def _find_unknown(records: Iterable[SongRecord]) -> list[SongRecord]:
    wanted = {record.video_id: record for record in records}
    known = VideoFeature.objects.filter(video_id__in=wanted).values_list("video_id", flat=True)
    return [wanted[video_id] for video_id in wanted.keys() - set(known)]


def _fetch(source: YouTubeSource, listed: Sequence[SongRecord], caller: str) -> list[SongRecord]:
    """All that is known of the listed videos; of those it could not say, what was listed."""
    ids = sorted(record.video_id for record in listed)
    batches = [tuple(ids[start : start + PAGE]) for start in range(0, len(ids), PAGE)]
    with prepaid(UNITS, len(batches), caller):
        answers = ask_all(batches, lambda batch: source.fetch(batch, caller=caller))
    asked = {video_id for batch in answers for video_id in batch}
    fetched = [record for records in answers.values() for record in records]
    return fetched + [name_song(record) for record in listed if record.video_id not in asked]


def _store(songs: Sequence[SongRecord], done: Sequence[str] = ()) -> None:
    """Keep the songs, and that these channels were read."""
    now = timezone.now()
    chores = [Chore(kind=Chore.Kind.CHANNEL, name=name, done_at=now) for name in done]
    with unit_of_work():
        VideoFeature.objects.store(songs)
        Chore.objects.bulk_create(
            chores,
            update_conflicts=True,
            unique_fields=["kind", "name"],
            update_fields=["done_at"],
        )


def ask_all(questions: Iterable[Asked], ask: Callable[[Asked], Answer]) -> dict[Asked, Answer]:
    """The answers there are, by question; asked in parallel, each with a connection of its own."""
    wanted = list(questions)
    if not wanted:
        return {}
    errors: list[SourceError] = []

    def ask_one(question: Asked) -> tuple[Asked, Answer] | None:
        try:
            return question, ask(question)
        except SourceNotFound:
            return None
        except SourceError as error:
            errors.append(error)
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(min(N_THREADS, len(wanted)), "resolve") as pool:
        futures = [
            pool.submit(contextvars.copy_context().run, ask_one, question) for question in wanted
        ]
        answers = [future.result() for future in futures]
    if errors:
        n_answered = len(wanted) - len(errors)
        logger.warning("YouTube answered %d of %d: %s", n_answered, len(wanted), errors[0])
    return dict(answer for answer in answers if answer is not None)
