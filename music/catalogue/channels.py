"""The fourth rung: what the artist's channels uploaded.

Channels are known from stored songs; of an artist of whom nothing is stored the channel's handle
is guessed. All are read side by side, everything is stored, and only then are names matched, by
the same rules as stored songs. A source that fails leaves names unresolved and says so once in the
log; what was stored by then is used. No unit of work is open while YouTube is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain

from django.utils import timezone

from music.models import Chore, VideoFeature
from music.normalization import normalize_key
from music.records import SongRecord
from music.youtube.prepaid import Purse, prepaid
from music.youtube.quota import SEARCH, UNITS

from . import stored_matches
from .asking import Questions
from .climb import MAX_SEARCHES, Climb
from .fetching import Fetching
from .handles import GUESSES_EACH, Guess, find_strangers
from .leases import ask_alone
from .matching import SongName
from .titles import clean_channel
from .youtube import YouTubeSource

CHANNEL_PAGES = 4
"""The newest 200 uploads of an artist are read."""
MAX_OWN_CHANNELS = 3
CHANNEL_EVERY = timedelta(days=7)
MAX_ARTISTS = 25
"""So many artists' channels are guessed for one climb."""
MAX_ARTIST_WORDS = 6


def climb_channels(climb: Climb) -> None:
    """Settle names by what the channels of their artists uploaded, known or guessed."""
    known = _find_channels(climb.pending.values())
    channel_ids = _find_due(list(dict.fromkeys(chain.from_iterable(known.values()))))
    artists = _choose_strangers(name.artist for name in climb.pending.values())
    if not (channel_ids or artists):
        return
    leases = [f"channel {channel_id}" for channel_id in channel_ids]
    leases += [f"artist {artist}" for artist in artists]
    if climb.leases.enter_context(ask_alone(leases)):
        channel_ids, artists = _find_due(channel_ids), _choose_strangers(artists)
    with (
        prepaid(UNITS, (GUESSES_EACH + 2) * len(artists) + 2 * len(channel_ids), climb.caller),
        prepaid(SEARCH, 0, climb.caller) as searches,
    ):
        _Reading(climb, searches, known).read(channel_ids, artists)
    keys = climb.pending.keys() - climb.searched.keys()
    stored_matches.climb_stored(climb, rung="channel", keys=keys)


class _Reading:
    """Channels being read, all side by side; also guesses, and searches that are sure to come."""

    def __init__(self, climb: Climb, searches: Purse, known: Mapping[str, Sequence[str]]) -> None:
        self._climb = climb
        self._searches = searches
        self._without_channel = [n for n in climb.pending.values() if not known[n.key]]
        self._source = YouTubeSource()
        self._lists = Questions()
        self._fetching = Fetching(climb.caller)
        self._done: list[tuple[str, str]] = []
        self._n_ahead = 0

    def read(self, channel_ids: Sequence[str], artists: Sequence[str]) -> None:
        """Store what these channels uploaded, and those of ``artists`` (keys) that are guessed."""
        for artist in artists:  # the longest ways first
            then = partial(self._note_guess, artist)
            Guess(self._lists, artist, caller=self._climb.caller, then=then).begin()
        for channel_id in channel_ids:
            self._ask_uploads(channel_id)
        while self._lists:
            self._lists.answer_some()
        self._lists.log_errors()
        self._fetching.finish(self._done)

    def _note_guess(self, artist: str, channel_id: str) -> None:
        self._done.append((Chore.Kind.HANDLE, artist))
        if channel_id:
            self._ask_uploads(channel_id)
            return
        for name in self._without_channel:
            if name.artist == artist:
                self._search_ahead(name)

    def _ask_uploads(self, channel_id: str) -> None:
        self._lists.ask(
            partial(
                self._source.list_channel,
                channel_id,
                caller=self._climb.caller,
                n_pages=CHANNEL_PAGES,
            ),
            partial(self._note_uploads, channel_id),
        )

    def _note_uploads(self, channel_id: str, uploads: Sequence[SongRecord] | None) -> None:
        self._done.append((Chore.Kind.CHANNEL, channel_id))
        self._fetching.add(uploads or ())

    def _search_ahead(self, name: SongName) -> None:
        """Nothing that is being read is about this name: it need not wait for the next rung."""
        if self._n_ahead < MAX_SEARCHES and self._searches.fill(1):
            self._n_ahead += 1
            search = partial(self._source.find, name.readings[0], caller=self._climb.caller)
            self._lists.ask(search, partial(self._note_found, name.key))

    def _note_found(self, key: str, records: list[SongRecord] | None) -> None:
        self._climb.searched[key] = records or []
        self._fetching.add(records or ())


def _choose_strangers(artists: Iterable[str]) -> list[str]:
    return sorted(find_strangers({artist for artist in artists if artist}))[:MAX_ARTISTS]


def _find_channels(names: Iterable[SongName]) -> dict[str, list[str]]:
    """For each name's key the channels of the artist it begins or ends with; one query."""
    parts = {name.key: _edges(name) for name in names}
    wanted = {part for edges in parts.values() for part in edges}
    rows = (
        VideoFeature.objects.filter(artist_key__in=wanted, source="youtube")
        .exclude(channel_id="")
        .values_list("artist_key", "channel_id", "channel_title")
        .distinct()
    )
    by_artist: dict[str, set[tuple[bool, str]]] = {}
    for artist_key, channel_id, channel_title in rows:
        is_own = artist_key == normalize_key(clean_channel(channel_title))
        by_artist.setdefault(artist_key, set()).add((not is_own, channel_id))
    return {
        key: _choose_channels(max(edges & by_artist.keys(), key=len, default=""), by_artist)
        for key, edges in parts.items()
    }


def _choose_channels(artist: str, by_artist: Mapping[str, set[tuple[bool, str]]]) -> list[str]:
    """An artist's own channels (the label's and theirs), or one that others keep."""
    ranked = sorted(by_artist.get(artist, ()))[:MAX_OWN_CHANNELS]
    return [i for n, (is_foreign, i) in enumerate(ranked) if n == 0 or not is_foreign]


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
