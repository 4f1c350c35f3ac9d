"""Finds the song that a listener's text means, by the cheapest way that is sure enough.

The ladder (``docs/resolving.md``): 1 corrections by listeners, 2 links to videos, 3 remembered
answers, 4 stored songs, 5 uploads of the artist's channel, also where only its handle can be
guessed, 6 a search at YouTube. Nothing is guessed: a name of which no rung is sure is unresolved.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from music.collecting.artists import artists
from music.names.matching import SURE
from music.names.normalization import normalize_key
from music.names.song_names import read_name
from music.records import Resolution
from music.youtube.availability import has_youtube
from music.youtube.gateway import get_gateway
from tunetrace_site.machine.counters import Counter as SharedCounter
from tunetrace_site.replication.replica_reads import on_primary

from . import song_index, song_search
from .climb import UNRESOLVED, Climb
from .rungs import corrections, links, remembered, stored

MAX_NAMES = 50
RUNGS = ("correction", "link", "query_cache", "stored", "channel", "search", UNRESOLVED)
RESOLUTIONS = {rung: SharedCounter("resolutions", rung=rung) for rung in RUNGS}
"""``tunetrace_resolutions_total{rung}`` in ``/metrics``."""

logger = logging.getLogger(__name__)


@on_primary()
def resolve(
    names: Sequence[str],
    *,
    listener_id: int | None = None,
    caller: str = "listener",
    may_search: bool = True,
    wants_alternatives: bool = True,
) -> list[Resolution]:
    """Return what each of ``names`` means, in order; ``song_id`` is None where nothing is sure.

    The number of database queries does not depend on the number of names. Without a YouTube key no
    search or list is asked for; with one, quota is spent in the name of ``caller``, on searches
    only if it ``may_search``, and a source that is down or out of quota leaves names unresolved. A
    caller that shows no alternatives should not want them: names beyond doubt are then found much
    sooner. Raises ``ValueError`` for over 50 names.
    """
    if len(names) > MAX_NAMES:
        raise ValueError(f"at most {MAX_NAMES} names at a time, not {len(names)}")
    read = [read_name(name) for name in names]
    pending = {name.key: name for name in read if name.key}
    climb = Climb(pending, listener_id, caller, wants_alternatives)
    with climb.leases:
        for rung in _ladder(may_search):
            if climb.pending:
                rung(climb)
    answers = [climb.answer(name.key, text) for name, text in zip(read, names, strict=True)]
    _count(answers)
    return answers


def resolve_beside(names: Sequence[str]) -> None:
    """Resolve ``names`` in the background, so that later requests find the songs stored.

    It spends units of background jobs, and no search. Needs a YouTube key.
    """
    from music.collecting.backlog import run_beside
    from music.youtube.quota import HARVEST

    run_beside(lambda: resolve(names, caller=HARVEST, may_search=False))


def search(text: str, n: int) -> list[str]:
    """Return addresses of up to ``n`` stored songs for a search page, best first.

    Finds by title, artist or both, by beginnings of words, and despite typing errors.
    """
    return song_search.search(read_name(text), n)


def find_stored(text: str) -> str | None:
    """Return the address of the stored song that ``text`` surely names, without asking YouTube."""
    name = read_name(text)
    matches = stored.match_names([name])[name.key] if name.key else ()
    return matches[0].song.song_id if matches and matches[0].confidence >= SURE else None


def names_stored(text: str) -> bool:
    """Return whether ``text`` surely names a stored song, without asking YouTube."""
    name = read_name(text)
    return bool(name.key) and stored.names_one(name)


def find_mentioned(text: str) -> str | None:
    """Return the best known stored song's address whose names hold all of three words or more."""
    return song_search.find_mentioned(read_name(text))


def find_artist(text: str) -> str | None:
    """Return the address of the best known stored song of the artist that ``text`` names.

    The artist is found by name or alias, despite typing errors; None where there is none.
    """
    return song_search.find_artist(normalize_key(text))


def warm_up() -> None:
    """Load what the first names would otherwise wait for.

    Those are the names of stored songs and, with a key, Google's client and the artists by whom
    titles of videos are read.
    """
    song_index.songs.refresh()
    if has_youtube():
        get_gateway().prepare()
        artists.prepare()


def _ladder(may_search: bool) -> list[Callable[[Climb], None]]:
    rungs = [
        corrections.climb_corrections,
        links.climb_links,
        remembered.climb_remembered,
        stored.climb_stored,
    ]
    if has_youtube():
        from .rungs import channels, searches

        rungs += [remembered.give_up_vain, channels.climb_channels]
        rungs += [searches.climb_searches] if may_search else []
    return [*rungs, stored.climb_fallbacks]


def _count(answers: Sequence[Resolution]) -> None:
    rungs = Counter(answer.rung for answer in answers)
    for rung, n in rungs.items():
        RESOLUTIONS[rung].increment(n)
    said = " ".join(f"{rung}={n}" for rung, n in sorted(rungs.items()))
    logger.info("resolved %d names: %s", len(answers), said or "none")
