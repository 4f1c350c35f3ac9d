"""Searches for topic channels: whose are searched for, and which were found."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import chain, zip_longest

from django.db.models import Exists, OuterRef

from music.models import Song, VideoFeature
from music.models.video_feature import ITSELF
from music.names.channels import TOPIC, is_topic_of
from music.names.keys import make_artist_key
from music.names.normalization import normalize_key
from music.records import VideoRecord

from .handles import find_guessed_in_vain
from .harvest_targets import find_in_batches, list_artists

TOPIC_EVERY = timedelta(days=30)
"""How often an artist's topic channel is searched for."""
_NAME_LENGTH = 64


def list_artists_without_topic() -> list[str]:
    """Return artists without a known topic channel, those first whose one would tell most.

    Half of an artist's releases may be only there, and such a channel has no handle. Three lists
    take turns, each with the most liked first, then the best known: artists of songs that are known
    and not heard on any stored video (there are only covers of them, or a live take); artists
    without a known channel of their own, whose handle was guessed in vain; all.
    """
    takes = VideoFeature.objects.exclude(channel_id="").exclude(song=None)
    known = takes.filter(channel_title__endswith=TOPIC).values("song__artist_key")
    of_song = takes.filter(song=OuterRef("pk"))
    songs = Song.objects.unjoined().exclude(artist_key__in=known)
    unheard = songs.exclude(Exists(of_song.filter(take__in=ITSELF, available=True)))
    silent = [row["name"] for row in list_artists(unheard)]
    everybody = [row["name"] for row in list_artists(songs.filter(Exists(of_song)))]
    names = [*map(normalize_key, everybody)]
    vain = find_in_batches(find_guessed_in_vain, names)
    strangers = [artist for artist in everybody if normalize_key(artist) in vain]
    turns = chain.from_iterable(zip_longest(silent, strangers, everybody))
    return list(dict.fromkeys(artist for artist in turns if artist))


def write_topic_query(artist: str) -> str:
    """Return what is searched for to find the artist's topic channel: a song of theirs on it.

    The results for a song hold those of the same name by others too, on their topic channels: a
    search for the artist alone finds a third as many. The song is the best known one that is not
    heard on any stored video, else the best known.
    """
    heard = VideoFeature.objects.filter(song=OuterRef("pk"), take__in=ITSELF, available=True)
    songs = Song.objects.unjoined().filter(artist_key=make_artist_key(artist))
    ordered = songs.annotate(is_heard=Exists(heard)).order_by("is_heard", "-popularity", "address")
    title = ordered.values_list("title", flat=True).first()
    return f"{artist} - {title}{TOPIC}" if title else f"{artist}{TOPIC}"


def has_topic(artist: str) -> bool:
    """Return whether a song of the artist's topic channel is stored."""
    topics = VideoFeature.objects.filter(channel_title__endswith=TOPIC)
    return topics.filter(song__artist_key=make_artist_key(artist)).exists()


def list_topics(found: Iterable[VideoRecord], artist: str) -> list[str]:
    """Return the ids of the topic channels of ``artist`` among the channels of found videos."""
    topics = (r.channel_id for r in found if is_topic_of(r.channel_title, artist))
    return list(dict.fromkeys(topics))


def name_topic_chore(artist: str) -> str:
    """Return the name under which it is noted that the artist was searched for."""
    return f"{artist}{TOPIC}"[:_NAME_LENGTH]
