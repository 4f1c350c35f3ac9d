"""Guesses the channel of an artist without stored songs: its handle is often the artist's name.

"Radiohead - Lift" uploaded by somebody else would cost one of a hundred searches a day; asking
whether there is a channel @radiohead costs one of ten thousand units. The channel's uploads are
then matched like everything stored, so that a wrong guess costs units and never gives a wrong song.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from functools import partial
from typing import TypeGuard

from django.utils import timezone

from music.models import Chore, VideoFeature
from music.names.channels import clean_channel, is_topic
from music.names.keys import make_artist_key
from music.youtube.answers import Channel
from music.youtube.gateway import YouTubeGateway, get_gateway
from tunetrace_site.replication.unit import unit_of_work

from .parallel_calls import Questions

SUFFIXES = ("", "vevo", "official", "music")
"""What artists append to their name when it is taken, the most frequent first."""
GUESS_EVERY = timedelta(days=30)
_HANDLE_LENGTHS = range(3, 31)


def make_handles(artist: str) -> list[str]:
    """Return the handles that an artist may have, likeliest first; of 3 to 30 characters.

    ``artist`` is the name, normalised, with its article: "The Beatles" are @thebeatles.
    """
    name = re.sub(r"\W", "", artist)
    handles = [name + suffix for suffix in SUFFIXES]
    return [handle for handle in handles if len(handle) in _HANDLE_LENGTHS] if name else []


def guess_channel(
    gateway: YouTubeGateway,
    artist: str,
    *,
    caller: str,
    on_unit: Callable[[], None] = lambda: None,
) -> str:
    """Return the id of the channel of ``artist`` (a normalised name), empty if no guess is right.

    One unit a guess; ``on_unit`` is called before each and may raise to stop.
    """
    for handle in make_handles(artist):
        on_unit()
        channel = gateway.find_channel(handle, caller=caller)
        if _is_of(channel, artist):
            return channel.channel_id
    return ""


class Guess:
    """A search for the channel of an artist for whom a listener waits.

    All handles are asked for at once (``guess_channel`` asks one after another), which spares the
    half of all artists whose handle is not their plain name one wait for YouTube. Where little
    quota is left, the likeliest is asked for first, and the others only where it is wrong.
    """

    def __init__(
        self, questions: Questions, artist: str, *, caller: str, then: Callable[[str], None]
    ) -> None:
        self._questions = questions
        self._artist = artist
        self._caller = caller
        self._then = then
        self._handles = make_handles(artist)
        self._unasked = list(self._handles)
        self._awaited: set[str] = set()
        self._found: dict[str, str] = {}

    def begin(self, *, saves_units: bool) -> None:
        """Ask; ``then`` gets the channel's id, or "" when no guess found one."""
        self._ask(1 if saves_units else len(self._handles))

    def _ask(self, n_handles: int) -> None:
        handles, self._unasked = self._unasked[:n_handles], self._unasked[n_handles:]
        self._awaited.update(handles)
        find = partial(get_gateway().find_channel, caller=self._caller)
        for handle in handles:
            self._questions.ask(partial(find, handle), partial(self._note, handle))
        if not handles:
            self._then("")

    def _note(self, handle: str, channel: Channel | None) -> None:
        self._awaited.remove(handle)
        if _is_of(channel, self._artist):
            self._found[handle] = channel.channel_id
        if self._awaited:
            return
        if self._found:
            self._then(next(self._found[h] for h in self._handles if h in self._found))
        else:
            self._ask(len(self._unasked))


def _is_of(channel: Channel | None, artist: str) -> TypeGuard[Channel]:
    if channel is None:
        return False
    return make_artist_key(clean_channel(channel.title)) == make_artist_key(artist)


def find_strangers(artists: Collection[str]) -> set[str]:
    """Return the ``artists`` (normalised names) without a known channel or a recent guess."""
    unknown = _find_unknown(artists)
    return unknown - _find_guessed(unknown)


def find_guessed_in_vain(artists: Collection[str]) -> set[str]:
    """Return the ``artists`` (normalised names) without a known channel despite a recent guess."""
    return _find_guessed(_find_unknown(artists))


def _find_guessed(artists: Collection[str]) -> set[str]:
    keys = {make_artist_key(artist) for artist in artists}
    recent = timezone.now() - GUESS_EVERY
    guesses = Chore.objects.filter(kind=Chore.Kind.HANDLE, name__in=keys, done_at__gte=recent)
    guessed = set(guesses.values_list("name", flat=True))
    return {artist for artist in artists if make_artist_key(artist) in guessed}


def _find_unknown(artists: Collection[str]) -> set[str]:
    """Return the ``artists`` (normalised names) of whom no channel but a topic channel is known."""
    key_of = {artist: make_artist_key(artist) for artist in artists}
    takes = VideoFeature.objects.filter(song__artist_key__in=set(key_of.values()))
    channels = takes.exclude(channel_title="").values_list("song__artist_key", "channel_title")
    known = {
        artist_key
        for artist_key, title in channels.distinct()
        if not is_topic(title) and make_artist_key(clean_channel(title)) == artist_key
    }
    return {artist for artist, key in key_of.items() if key not in known}


def record_guessed(artists: Iterable[str]) -> None:
    """Store whose channels were guessed, found or not."""
    chores = [(Chore.Kind.HANDLE, make_artist_key(artist)) for artist in artists]
    with unit_of_work():
        Chore.objects.record_done(chores, now=timezone.now())
