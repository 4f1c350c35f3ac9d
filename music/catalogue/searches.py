"""The last rung: a search at YouTube.

Searches are made side by side, everything they find is stored, and only then are names matched, by
the same rules as stored songs. The answers are remembered, also that nothing was found.
"""

from collections.abc import Sequence
from functools import partial

from music.caching import queries
from music.caching.queries import CachedQuery
from music.records import SongRecord
from music.youtube.gateway import PAGE_SIZE
from music.youtube.prepaid import prepaid
from music.youtube.quota import BACKGROUND_CALLERS, SEARCH, UNITS

from . import stored_matches
from .asking import Questions
from .climb import MAX_SEARCHES, Climb
from .fetching import Fetching
from .leases import ask_alone
from .matching import SongName
from .remembered import climb_remembered
from .youtube import YouTubeSource

AGREED = 0.75
"""The confidence in a song that several leading results of a search are about."""
N_LEADING = 5


def climb_searches(climb: Climb) -> None:
    """Settle what is left by searching YouTube, and remember the answers, also the empty ones."""
    names = sorted(climb.pending.values(), key=lambda name: name.key not in climb.searched)
    if climb.caller not in BACKGROUND_CALLERS:
        names = names[:MAX_SEARCHES]
    climb.leases.enter_context(ask_alone(f"search {name.key}" for name in names))
    climb_remembered(climb)  # somebody may have asked since this climb began
    found = {key: records for key, records in climb.searched.items() if key in climb.pending}
    names = [name for name in names if name.key in climb.pending and name.key not in found]
    if names:
        found |= _search(names, climb.caller)
    if found:
        _settle(climb, found)


def _search(names: Sequence[SongName], caller: str) -> dict[str, list[SongRecord]]:
    """Store what a search for each name finds; the videos found, by the name's key."""
    lists, fetching, source = Questions(), Fetching(caller), YouTubeSource()
    found: dict[str, list[SongRecord]] = {}

    def note_found(key: str, records: list[SongRecord] | None) -> None:
        found[key] = records or []
        fetching.add(found[key])

    with prepaid(SEARCH, len(names), caller), prepaid(UNITS, len(names), caller):
        for name in names:
            search = partial(source.find, name.readings[0], caller=caller)
            lists.ask(search, partial(note_found, name.key))
        while lists:
            lists.answer_some()
        lists.log_errors()
        fetching.finish()
    return found


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
        candidate_ids=tuple(dict.fromkeys((*resolution.alternatives, *ids)))[:PAGE_SIZE],
        rung=resolution.rung,
        confidence=resolution.confidence,
    )
