"""The fourth rung: what the artist's channels uploaded.

Channels are known from stored songs; of an artist of whom nothing is stored the channel's handle
is guessed. All are read side by side, everything is stored, and only then are names matched, by
the same rules as stored songs. A source that fails leaves names unresolved and says so once in the
log; what was stored by then is used. No unit of work is open while YouTube is asked.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from django.utils import timezone

from music.models import Chore, VideoFeature
from music.normalization import normalize_key
from music.records import SongRecord
from music.youtube.prepaid import prepaid
from music.youtube.quota import UNITS

from . import stored_matches
from .asking import Questions
from .climb import Climb
from .fetching import Fetching
from .handles import GUESSES_EACH, Guess, find_strangers
from .leases import ask_alone
from .matching import SongName
from .titles import clean_channel
from .youtube import YouTubeSource

CHANNEL_PAGES = 4
"""The newest 200 uploads of an artist are read."""
MAX_OWN_CHANNELS = 2
CHANNEL_EVERY = timedelta(days=7)
MAX_ARTISTS = 25
"""So many artists' channels are guessed for one climb."""
MAX_ARTIST_WORDS = 6


def climb_channels(climb: Climb) -> None:
    """Settle names by what the channels of their artists uploaded, known or guessed."""
    channel_ids = _find_due(_find_channels(climb.pending.values()))
    artists = _choose_strangers(name.artist for name in climb.pending.values())
    if not (channel_ids or artists):
        return
    leases = [f"channel {channel_id}" for channel_id in channel_ids]
    leases += [f"artist {artist}" for artist in artists]
    with ask_alone(leases) as waited:
        if waited:
            channel_ids, artists = _find_due(channel_ids), _choose_strangers(artists)
        _read_channels(channel_ids, artists, climb.caller)
    stored_matches.climb_stored(climb, rung="channel")


def _read_channels(channel_ids: Sequence[str], artists: Sequence[str], caller: str) -> None:
    """Store what these channels uploaded, and those of ``artists`` (keys) that can be guessed."""
    lists, fetching = Questions(), Fetching(caller)
    source = YouTubeSource()
    done: list[tuple[str, str]] = []

    def read(channel_id: str) -> None:
        fetch = partial(source.list_channel, channel_id, caller=caller, n_pages=CHANNEL_PAGES)
        lists.ask(fetch, partial(note_uploads, channel_id))

    def note_uploads(channel_id: str, uploads: list[SongRecord] | None) -> None:
        done.append((Chore.Kind.CHANNEL, channel_id))
        fetching.add(uploads or ())

    def note_guess(artist: str, channel_id: str) -> None:
        done.append((Chore.Kind.HANDLE, artist))
        if channel_id:
            read(channel_id)

    with prepaid(UNITS, (GUESSES_EACH + 2) * len(artists) + 2 * len(channel_ids), caller):
        for artist in artists:  # the longest ways first
            Guess(lists, artist, caller=caller, then=partial(note_guess, artist)).begin()
        for channel_id in channel_ids:
            read(channel_id)
        while lists:
            lists.answer_some()
        lists.log_errors()
        fetching.finish(done)


def _choose_strangers(artists: Iterable[str]) -> list[str]:
    return sorted(find_strangers({artist for artist in artists if artist}))[:MAX_ARTISTS]


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
