"""Finds the stored channels of the artists that names may mean.

A name may begin or end with its artist, and somebody may be called like either end: another artist,
or whom a cover's title was taken for. Whoever has channels of their own is read first.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain

from music.catalogue import song_index
from music.models import VideoFeature
from music.names.channels import clean_channel, is_topic
from music.names.keys import make_artist_key
from music.names.mentions import rate_name_alike
from music.names.song_names import SongName

MAX_OWN_CHANNELS = 3
MAX_ARTIST_WORDS = 6
N_ALIKE = 25
"""The number of stored songs that are looked at for the artist of a mistyped name."""
ALIKE = 0.85
"""From this likeness on a part of a name may be a mistyped artist."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the song of a name may be: on known channels, or on those of artists (normalised names)
    of whom no channel is known."""

    channel_ids: tuple[str, ...] = ()
    artists: tuple[str, ...] = ()


class _Channels:
    """Channels with songs of some artists, by the artist's key: their own, and others'."""

    def __init__(self, artist_keys: Collection[str]) -> None:
        self._own: dict[str, list[tuple[bool, str]]] = {}
        self._foreign: dict[str, list[str]] = {}
        rows = (
            VideoFeature.objects.filter(song__artist_key__in=artist_keys)
            .exclude(channel_id="")
            .values_list("song__artist_key", "channel_id", "channel_title")
            .distinct()
        )
        for artist_key, channel_id, title in rows:
            if artist_key == make_artist_key(clean_channel(title)):
                self._own.setdefault(artist_key, []).append((not is_topic(title), channel_id))
            else:
                self._foreign.setdefault(artist_key, []).append(channel_id)

    def list_own(self, artist_keys: Iterable[str]) -> list[str]:
        """Return the own channels of these artists, each artist's topic channel first."""
        found = (sorted(self._own.get(key, ()))[:MAX_OWN_CHANNELS] for key in artist_keys)
        return list(dict.fromkeys(channel_id for _, channel_id in chain.from_iterable(found)))

    def find_longest_own(self, artist_keys: Set[str]) -> list[str]:
        """Return the longest of these artists with a channel of their own, in a list."""
        return _find_longest(self._own.keys() & artist_keys)

    def find_longest_foreign(self, artist_keys: Set[str]) -> list[str]:
        """Return the longest of these artists whose songs are only on others' channels."""
        return _find_longest((self._foreign.keys() - self._own.keys()) & artist_keys)

    def list_foreign(self, artist_keys: Iterable[str]) -> list[str]:
        """Return a channel of somebody else with songs of the longest of these artists."""
        longest = _find_longest(self._foreign.keys() & set(artist_keys))
        return sorted(chain.from_iterable(self._foreign[key] for key in longest))[:1]


def _find_longest(artist_keys: Iterable[str]) -> list[str]:
    return sorted(artist_keys, key=lambda key: (-len(key), key))[:1]


def find_whereabouts(
    names: Collection[SongName], artists: Mapping[str, str]
) -> dict[str, Whereabouts]:
    """Return where the song of each name may be, by the name's key.

    ``artists`` are the keys of the artists of stored songs that names surely mean. One query, or
    two where an artist may be mistyped.
    """
    edges = {name.key: _Edges(name) for name in names}
    told = {n.key: [artists.get(n.key, ""), make_artist_key(n.artist)] for n in names}
    wanted = {key for edge in edges.values() for side in edge.sides for key in side}
    channels = _Channels(wanted.union(*told.values()) - {""})
    own: dict[str, list[str]] = {}
    for key, edge in edges.items():
        ends = chain.from_iterable(map(channels.find_longest_own, map(set, edge.sides)))
        own[key] = channels.list_own([*told[key], *ends])
    alike = _list_alike([name for name in names if not own[name.key]])
    found = {}
    for name in names:
        edge = edges[name.key]
        ids = own[name.key] or alike.get(name.key) or channels.list_foreign(edge.names)
        strangers = [name.artist] if name.artist else edge.list_names(channels)
        found[name.key] = Whereabouts(tuple(ids), tuple(strangers))
    return found


class _Edges:
    """What may be the artist in a name: its first words, or its last; each by its artist's key."""

    def __init__(self, name: SongName) -> None:
        self.sides = tuple(dict(_list_edges(name, is_last)) for is_last in (False, True))
        self.names = self.sides[0] | self.sides[1]

    def list_names(self, channels: _Channels) -> list[str]:
        """Return the artists of stored songs that have no channel of their own, as written."""
        keys = chain.from_iterable(channels.find_longest_foreign(set(side)) for side in self.sides)
        return list(dict.fromkeys(self.names[key] for key in keys))


def _list_edges(name: SongName, is_last: bool) -> Iterator[tuple[str, str]]:
    yield from ((make_artist_key(title), title) for title in name.titles)
    for words in (reading.split() for reading in name.readings[:2]):
        for n in range(1, min(len(words) - 1, MAX_ARTIST_WORDS) + 1):
            edge = " ".join(words[-n:] if is_last else words[:n])
            yield make_artist_key(edge), edge


def _list_alike(names: Collection[SongName]) -> dict[str, list[str]]:
    """Return own channels of stored artists with whose name, mistyped, names begin or end."""
    artists = {name.key: _list_artists_alike(name) for name in names}
    wanted = set(chain.from_iterable(artists.values()))
    channels = _Channels(wanted) if wanted else None
    return {key: channels.list_own(keys) for key, keys in artists.items()} if channels else {}


def _list_artists_alike(name: SongName) -> list[str]:
    """Return the keys of stored artists with whose name, mistyped, ``name`` begins or ends."""
    readings = name.readings[:2]
    stored = chain.from_iterable(song_index.songs.find(reading, N_ALIKE) for reading in readings)
    artists = dict.fromkeys(artist for song in stored for artist in song.artists[:1])
    return [
        make_artist_key(artist)
        for artist in artists
        if any(_rate_edge(reading.split(), artist) >= ALIKE for reading in readings)
    ]


def _rate_edge(words: list[str], artist: str) -> float:
    n = len(artist.split())
    if n >= len(words):
        return 0.0
    return max(rate_name_alike(" ".join(edge), artist) for edge in (words[:n], words[-n:]))
