"""Songs and artists that words name in part or whole, for pages on which somebody chooses."""

from collections.abc import Sequence

from music.catalogue import song_index, stored_songs
from music.catalogue.rungs.stored import N_CANDIDATES, POSSIBLE, propose
from music.names.keys import make_artist_key
from music.names.matching import Candidate
from music.names.mentions import rate_mention, rate_name_alike
from music.names.song_names import SongName

N_ARTIST_SONGS = 40
MENTIONED_WORDS, WHOLE = 3, 0.99
"""At least this many words, all of them in a song's names, mean the song."""
ALIKE = 0.8
"""From this likeness on two spellings are one artist's name."""


def search(name: SongName, n: int) -> list[str]:
    """Return addresses of up to ``n`` songs that ``name`` names in part or whole, best first.

    The letters of a link name nothing.
    """
    if n < 1:
        return []
    found: dict[str, None] = {}
    rated = [candidate for _, candidate in _rate_mentions(name, n)]
    while rated and len(found) < n:
        first, rated = rated[:n], rated[n:]
        found |= dict.fromkeys(_list_present(first))
    return list(found)[:n]


def find_mentioned(name: SongName) -> str | None:
    """Return the address of the best known song whose names hold every word of ``name``.

    None when the words are too few to mean a song.
    """
    if len(name.key.split()) < MENTIONED_WORDS:
        return None
    rated = _rate_mentions(name, N_CANDIDATES)
    present = _list_present([candidate for mention, candidate in rated if mention >= WHOLE])
    return next(iter(present), None)


def _rate_mentions(name: SongName, n: int) -> list[tuple[float, Candidate]]:
    """Return the songs of the index that serve ``name``, with how well, best first.

    Most are never shown, so none of them is read from the database here.
    """
    if not name.key or name.is_link_only:
        return []
    song_index.songs.refresh()
    candidates = [c for r in name.readings for c in song_index.songs.find_containing(r, 5 * n)]
    by_id = {c.song_id: c for c in (*candidates, *propose(name))}
    named = stored_songs.read_names_titled_or_by(name.titles, make_artist_key(name.key))
    by_id |= {candidate.song_id: candidate for candidate in named}
    rated = [(rate_mention(name, candidate), candidate) for candidate in by_id.values()]
    rated = [(mention, candidate) for mention, candidate in rated if mention >= POSSIBLE]
    rated.sort(key=lambda pair: (-pair[0], -pair[1].popularity, pair[1].song_id))
    return rated


def _list_present(candidates: Sequence[Candidate]) -> list[str]:
    """Return the addresses of the songs that ``candidates`` mean and that are stored now."""
    present = stored_songs.find_present({candidate.song_id for candidate in candidates})
    return [present[c.song_id] for c in candidates if c.song_id in present]


def find_artist(key: str) -> str | None:
    """Return the best known song's address by an artist whose name or alias is nearly ``key``."""
    if not key:
        return None
    song_index.songs.refresh()
    found = [*song_index.songs.find_containing(key, N_ARTIST_SONGS)]
    found += song_index.songs.find(key, N_ARTIST_SONGS)
    rated = [(_rate_artist(key, c), c) for c in found]
    rated = [(alike, c) for alike, c in rated if alike >= ALIKE]
    best = max(rated, key=lambda pair: (pair[0], pair[1].popularity, pair[1].song_id), default=None)
    return best[1].song_id if best else None


def _rate_artist(key: str, candidate: Candidate) -> float:
    """Return how likely ``key`` is the candidate's artist, in [0, 1].

    An alias counts a little less: it may be another performer's.
    """
    own, *others = candidate.artists or ("",)
    named = max((rate_name_alike(key, name) for name in others), default=0.0)
    return max(rate_name_alike(key, own), named - 0.02)
