"""The fifth rung: uploads of the artist's channels.

Channels are known from stored songs; for an artist without stored songs the channel's handle is
guessed. All are read side by side, each until its names are found. Videos that the names may mean
are stored, and only then are they matched, by the same rules as stored songs; the rest is read and
stored beside later requests. A source that fails leaves names unresolved and is reported once in
the log; what was stored by then is used. No unit of work is open while YouTube is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain

from django.utils import timezone

from music.catalogue.artist_channels import Whereabouts, find_whereabouts
from music.catalogue.climb import MAX_SEARCHES, Climb
from music.catalogue.listings import Listed
from music.catalogue.rungs import stored
from music.collecting.backlog import Leftovers, store_beside
from music.collecting.details import Fetching
from music.collecting.handles import SUFFIXES, Guess, find_strangers
from music.collecting.leases import ask_alone
from music.collecting.parallel_calls import Questions
from music.collecting.uploads import CHANNEL_EVERY, Bookmark
from music.models import Chore
from music.names.keys import make_artist_key
from music.names.song_names import SongName
from music.youtube.answers import PlaylistPage
from music.youtube.prepaid import prepaid
from music.youtube.quota import BACKGROUND_CALLERS, SEARCH, UNITS
from music.youtube.shortage import is_short

from .searches import Search, choose_names

MAX_ARTISTS = 25
"""The most artists whose channels are guessed in one climb."""


def climb_channels(climb: Climb) -> None:
    """Settle names by the uploads of their artists' channels, known or guessed."""
    places = find_whereabouts(list(climb.pending.values()), climb.fallback_artists)
    known = chain.from_iterable(place.channel_ids for place in places.values())
    channel_ids = _find_due(list(dict.fromkeys(known)))
    artists = _choose_strangers(chain.from_iterable(p.artists for p in places.values()))
    if not (channel_ids or artists):
        return
    leases = [f"channel {channel_id}" for channel_id in channel_ids]
    leases += [f"artist {artist}" for artist in artists]
    if climb.leases.enter_context(ask_alone(leases)):
        stored.climb_stored(climb, rung="channel")  # songs read by others meanwhile
        channel_ids, artists = _find_due(channel_ids), _choose_strangers(artists)
    if climb.pending and (channel_ids or artists):
        n_units = (len(SUFFIXES) + 2) * len(artists) + 2 * len(channel_ids) + MAX_SEARCHES
        with prepaid(UNITS, n_units, climb.caller):
            _Reading(climb, places).read(channel_ids, artists)


class _Reading:
    """Channels being read side by side for the names of one climb."""

    def __init__(self, climb: Climb, places: Mapping[str, Whereabouts]) -> None:
        self._climb = climb
        self._places = places
        self._lists = Questions()
        self._listed = Listed()
        self._fetching = Fetching(climb.caller)
        self._chores: list[tuple[str, str]] = []
        self._names: dict[str, list[SongName]] = {}
        for name in climb.pending.values():
            for channel_id in places[name.key].channel_ids:
                self._names.setdefault(channel_id, []).append(name)
        self._video_ids: dict[str, set[str]] = {}
        self._unread: list[Bookmark] = []
        self._read: list[str] = []

    def read(self, channel_ids: Sequence[str], artists: Sequence[str]) -> None:
        """Settle names by these channels, and by those of ``artists`` that are guessed."""
        saves_units = bool(artists) and self._saves_units()
        for artist in artists:  # the longest ways first
            then = partial(self._note_guess, artist)
            guess = Guess(self._lists, artist, caller=self._climb.caller, then=then)
            guess.begin(saves_units=saves_units)
        for channel_id in channel_ids:
            self._ask(Bookmark(channel_id))
        self._lists.answer_all()
        self._listed.look_everywhere(self._list_missing())
        possible = {n.key: self._listed.list_possible(n) for n in self._climb.pending.values()}
        self._fetching.ask_first(chain.from_iterable(possible.values()))
        self._search_ahead()
        self._finish()
        channels = {k: ids for k, ids in possible.items() if k not in self._climb.searched}
        stored.climb_fetched(self._climb, channels, rung="channel")

    def _saves_units(self) -> bool:
        caller = self._climb.caller
        return caller in BACKGROUND_CALLERS or is_short(UNITS, caller)

    def _note_guess(self, artist: str, channel_id: str) -> None:
        self._chores.append((Chore.Kind.HANDLE, make_artist_key(artist)))
        if channel_id:
            pending = self._climb.pending.values()
            names = [name for name in pending if artist in self._places[name.key].artists]
            self._names.setdefault(channel_id, []).extend(names)
            self._ask(Bookmark(channel_id))

    def _ask(self, bookmark: Bookmark) -> None:
        bookmark.ask(self._lists, caller=self._climb.caller, then=self._note_page)

    def _note_page(self, bookmark: Bookmark, page: PlaylistPage | None) -> None:
        records = page.records if page else ()
        names = self._names.get(bookmark.channel_id, ())
        self._fetching.add(records)
        self._listed.add(records, names)
        ids = self._video_ids.setdefault(bookmark.channel_id, set())
        ids.update(record.video_id for record in records)
        further = bookmark.after(page)
        if further is None:
            self._read.append(bookmark.channel_id)
        elif all(self._listed.is_sure_of(name) for name in names):
            self._unread.append(further)
        else:
            self._ask(further)

    def _list_missing(self) -> list[SongName]:
        return [n for n in self._climb.pending.values() if not self._listed.is_sure_of(n)]

    def _search_ahead(self) -> None:
        """Search for names that no list has, while details of listed videos are awaited."""
        names = choose_names(self._climb, self._list_missing())
        with prepaid(SEARCH, len(names), self._climb.caller):
            search = Search(self._climb, self._listed, self._fetching)
            search.ask(self._lists, names)
            self._lists.answer_all()
        self._fetching.ask_first(search.list_first())

    def _finish(self) -> None:
        """Store what names may mean; leave the rest to be stored in the background."""
        unstored = self._fetching.list_unstored()
        complete = [i for i in self._read if self._video_ids[i].isdisjoint(unstored)]
        chores = [(Chore.Kind.CHANNEL, channel_id) for channel_id in complete]
        left = self._fetching.finish_first([*self._chores, *chores])
        partly_stored = [i for i in self._read if i not in complete]
        leftovers = Leftovers(left, self._unread, partly_stored)
        store_beside(leftovers, caller=self._climb.caller)


def _choose_strangers(artists: Iterable[str]) -> list[str]:
    return sorted(find_strangers({artist for artist in artists if artist}))[:MAX_ARTISTS]


def _find_due(channel_ids: Sequence[str]) -> list[str]:
    """Return the channels that were not read lately."""
    done = set(
        Chore.objects.filter(
            kind=Chore.Kind.CHANNEL,
            name__in=channel_ids,
            done_at__gte=timezone.now() - CHANNEL_EVERY,
        ).values_list("name", flat=True)
    )
    return [channel_id for channel_id in channel_ids if channel_id not in done]
