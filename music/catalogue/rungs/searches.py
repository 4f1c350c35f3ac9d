"""The last rung: searches at YouTube.

Searches are made side by side. Videos that a name may mean are stored, and only then is it matched,
by the same rules as stored songs; all other results are stored as well. The answers are remembered,
including that nothing was found.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import partial

from music.caching import queries
from music.caching.queries import CachedQuery
from music.catalogue.climb import MAX_SEARCHES, Climb, Searched
from music.catalogue.listings import Listed
from music.catalogue.rungs import stored
from music.catalogue.stored_songs import StoredSong, read_songs_of
from music.collecting.backlog import Leftovers, store_beside
from music.collecting.details import Fetching
from music.collecting.leases import ask_alone
from music.collecting.parallel_calls import Questions
from music.collecting.source import YouTubeSource
from music.names.song_names import SongName
from music.records import VideoRecord
from music.youtube.gateway import PAGE_SIZE
from music.youtube.prepaid import prepaid
from music.youtube.quota import BACKGROUND_CALLERS, SEARCH, UNITS
from music.youtube.shortage import is_short

from .remembered import ASKED, climb_remembered, give_up_vain

AGREED = 0.75
"""The confidence in a song that several leading results of a search are about."""
AT_ONCE = 100
"""The videos found by searches that are stored before their names are answered, if so many, where
alternatives are wanted."""
N_LEADING = 5


def climb_searches(climb: Climb) -> None:
    """Settle remaining names by searches at YouTube, and remember the answers, also empty ones."""
    _search(climb, choose_names(climb, climb.pending.values()))
    _remember_put_off(climb)
    found = {key: s for key, s in climb.searched.items() if s is not None and key in climb.pending}
    if found:
        _settle(climb, found)


def choose_names(climb: Climb, names: Iterable[SongName]) -> list[SongName]:
    """Return those of ``names`` to search for: not known, not searched for yet, not too many.

    Where few searches are left, only names that somebody asked for before: what is asked for twice
    today will be asked for again.
    """
    chosen = [name for name in names if name.key not in climb.searched.keys() | climb.known]
    if chosen and is_short(SEARCH, climb.caller):
        climb.put_off |= {name.key for name in chosen} - climb.asked
        chosen = [name for name in chosen if name.key in climb.asked]
    if climb.caller not in BACKGROUND_CALLERS:
        chosen = chosen[: max(MAX_SEARCHES - len(climb.searched), 0)]
    if not chosen:
        return []
    climb.leases.enter_context(ask_alone(f"search {name.key}" for name in chosen))
    climb_remembered(climb)  # another climb may have searched since this one began
    give_up_vain(climb)
    return [name for name in chosen if name.key in climb.pending]


class Search:
    """Searches under way for some names of a climb; the results go into its ``searched``."""

    def __init__(self, climb: Climb, listed: Listed, fetching: Fetching) -> None:
        self._climb = climb
        self._listed = listed
        self._fetching = fetching

    def ask(self, questions: Questions, names: Iterable[SongName]) -> None:
        """Search for each name; one search call each."""
        source = YouTubeSource()
        for name in names:
            self._climb.searched[name.key] = None
            find = partial(source.find, name.readings[0], caller=self._climb.caller)
            questions.ask(find, partial(self._note, name))

    def _note(self, name: SongName, records: list[VideoRecord] | None) -> None:
        records = records or []
        self._fetching.add(records)
        self._listed.add(records, [name])
        ids = tuple(record.video_id for record in records)
        first_ids = (*self._listed.list_possible(name), *ids[:N_LEADING])
        self._climb.searched[name.key] = Searched(ids, first_ids)

    def list_first(self) -> list[str]:
        """Return the ids of the videos that decide what the names mean, and then some others.

        The others are offered as alternatives, if the climb wants any; with them there are
        ``AT_ONCE``, if so many were found.
        """
        found = [s for s in self._climb.searched.values() if s is not None]
        first = [i for searched in found for i in searched.first_ids]
        offered = found if self._climb.wants_alternatives else ()
        others = [i for searched in offered for i in searched.video_ids]
        return list(dict.fromkeys([*first, *others]))[: max(len(first), AT_ONCE)]


def _search(climb: Climb, names: Sequence[SongName]) -> None:
    """Search for each name and store the results."""
    if not names:
        return
    questions, fetching = Questions(), Fetching(climb.caller)
    search = Search(climb, Listed(), fetching)
    n = len(names)
    with prepaid(SEARCH, n, climb.caller), prepaid(UNITS, n, climb.caller):
        search.ask(questions, names)
        questions.answer_all()
        fetching.ask_first(search.list_first())
        store_beside(Leftovers(fetching.finish_first()), caller=climb.caller)


def _remember_put_off(climb: Climb) -> None:
    """Remember the names that were not searched for now: they are when they are asked again."""
    put_off = climb.put_off & climb.pending.keys() - climb.vain - climb.rejected.keys()
    if put_off:
        queries.store_many(CachedQuery(key, None, rung=ASKED) for key in sorted(put_off))


def _settle(climb: Climb, found: dict[str, Searched]) -> None:
    """Match the searched names and remember the answer of each."""
    searched = {key: climb.pending[key] for key in found}
    first = {key: searched.first_ids for key, searched in found.items()}
    stored.climb_fetched(climb, first, rung="search")
    songs = read_songs_of({i for s in found.values() for i in s.video_ids})
    answers = []
    for key, name in searched.items():
        met = [songs[i] for i in found[key].video_ids if i in songs]
        ids = list(dict.fromkeys(song.song_id for song in met))
        if key in climb.pending:
            leading = [songs[i] for i in found[key].video_ids[:N_LEADING] if i in songs]
            _settle_agreed(climb, name, leading, ids)
        else:
            climb.offer(key, ids)
        if key not in climb.rejected:  # else the answer is this listener's only
            answers.append(_remember(climb, key, ids))
    queries.store_many(answers)


def _settle_agreed(
    climb: Climb, name: SongName, leading: Sequence[StoredSong], ids: Sequence[str]
) -> None:
    agreed = _find_agreed(name, leading, climb.rejected.get(name.key, frozenset()))
    if agreed:
        climb.settle(name.key, agreed, confidence=AGREED, rung="search", alternatives=ids)
    elif not climb.settle_fallback(name.key):
        climb.suggest(name.key, ids)
        climb.give_up(name.key)


def _find_agreed(
    name: SongName, leading: Sequence[StoredSong], rejected: Collection[str]
) -> str | None:
    """Return a song, unsure by its words, that several leading results are takes of.

    YouTube understands spellings that the matching does not; one result alone proves nothing.
    """
    counts = Counter(song.song_id for song in leading if song.artist_key)
    possible = sorted(stored.rate_songs(name, leading), key=lambda match: -match.confidence)
    for match in possible:
        song_id = match.song.song_id
        if counts[song_id] > 1 and song_id not in rejected:
            return song_id
    return None


def _remember(climb: Climb, key: str, ids: Sequence[str]) -> CachedQuery:
    """Store the answer for the name, with all results of the search as alternatives."""
    resolution = climb.answer(key, key)
    return CachedQuery(
        query=key,
        song_id=resolution.song_id,
        video_id=resolution.video_id,
        candidate_ids=tuple(dict.fromkeys((*resolution.alternatives, *ids)))[:PAGE_SIZE],
        rung=resolution.rung,
        confidence=resolution.confidence,
    )
