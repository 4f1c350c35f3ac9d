"""Artists of whom nothing is stored: their channel's handle is often their name.

"Radiohead - Lift" by a stranger would cost one of a hundred searches a day; asking whether there
is a channel @radiohead costs one of ten thousand units. What the channel uploaded is then matched
like everything stored, so that a wrong guess costs units and never gives a wrong song.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

from django.utils import timezone

from music.models import Chore, VideoFeature
from music.normalization import normalize_key
from music.youtube.gateway import YouTubeGateway, get_gateway
from music.youtube.prepaid import prepaid
from music.youtube.quota import UNITS
from tunetrace_site.replication.unit import unit_of_work

from .climb import Climb
from .remote import ask_all, read_channels
from .titles import clean_channel

SUFFIXES = ("", "vevo", "official", "music")
"""What artists put behind their name when it is taken, the most frequent first."""
MAX_ARTISTS = 25
GUESSES_EACH = 2
"""How many it takes on average; the rest are counted one by one."""
GUESS_EVERY = timedelta(days=30)
_TOPIC = " - topic"
_CHORE_NAME_LENGTH = 64
_HANDLE_LENGTHS = range(3, 31)


def climb_handles(climb: Climb) -> None:
    """Settle names whose artist's channel can be guessed, by what the channel uploaded."""
    artists = {name.artist for name in climb.pending.values() if name.artist}
    wanted = sorted(find_strangers(artists))[:MAX_ARTISTS]
    if not wanted:
        return
    gateway = get_gateway()
    with prepaid(UNITS, GUESSES_EACH * len(wanted), climb.caller):
        found = ask_all(wanted, lambda artist: guess_channel(gateway, artist, caller=climb.caller))
    record_guessed(found)
    read_channels(climb, [channel_id for channel_id in found.values() if channel_id])


def make_handles(artist: str) -> list[str]:
    """The handles that an artist (a key) may have, the likeliest first; of 3 to 30 characters."""
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
    """The id of the channel of ``artist`` (a key), empty when no guess finds one.

    One unit a guess; ``on_unit`` is called before each and may raise to stop.
    """
    for handle in make_handles(artist):
        on_unit()
        channel = gateway.find_channel(handle, caller=caller)
        if channel is not None and normalize_key(clean_channel(channel.title)) == artist:
            return channel.channel_id
    return ""


def find_strangers(artists: Collection[str]) -> set[str]:
    """Those whose own channel is not known and who were not guessed at lately."""
    own = VideoFeature.objects.filter(artist_key__in=artists, source="youtube")
    known = {
        artist_key
        for artist_key, channel_title in own.values_list("artist_key", "channel_title").distinct()
        if not channel_title.lower().endswith(_TOPIC)
        and normalize_key(clean_channel(channel_title)) == artist_key
    }
    guessed = Chore.objects.filter(
        kind=Chore.Kind.HANDLE, name__in=artists, done_at__gte=timezone.now() - GUESS_EVERY
    )
    return set(artists) - known - set(guessed.values_list("name", flat=True))


def record_guessed(artists: Iterable[str]) -> None:
    """Remember who was guessed at, found or not."""
    now = timezone.now()
    chores = [
        Chore(kind=Chore.Kind.HANDLE, name=artist, done_at=now)
        for artist in artists
        if len(artist) <= _CHORE_NAME_LENGTH
    ]
    with unit_of_work():
        Chore.objects.bulk_create(
            chores,
            update_conflicts=True,
            unique_fields=["kind", "name"],
            update_fields=["done_at"],
        )
