"""A listener's history of suggestions and playbacks, day by day, and how to delete it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice

from django.utils import timezone

from accounts.models import User
from music.models import Impression, Playback, Song, SuggestionSum
from music.records import ShownSong
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste
from .listens import forget_listens
from .playing import show_songs
from .reports import list_refused

MAX_SHOWN = 200
"""The most playbacks, and the most suggestions, that are shown."""
PLAYED, SUGGESTED = "played", "suggested"


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """One day (UTC): the songs that were played or skipped, and those that were suggested.

    Each song appears once in each list, latest first.
    """

    day: date
    played: tuple[ShownSong, ...]
    skipped: tuple[ShownSong, ...]
    suggested: tuple[ShownSong, ...]


def list_history(*, listener: User) -> list[HistoryDay]:
    """Return the last days of a listener, latest first; five queries.

    Suggestions reach ``IMPRESSION_DAYS`` back. Of each song only the last play is stored.
    """
    events = sorted(_read_events(listener), key=lambda event: event[0], reverse=True)
    songs = Song.objects.present(song_pk for _, _, song_pk in events)
    present = list({song.pk: song for song in songs.values()}.values())
    listed = show_songs(present, unwanted=list_refused(listener.pk))
    by_key = {song.song_pk: song for song in listed}
    shown = {key: by_key[song.pk] for key, song in songs.items()}
    return [_build_day(day, list(of_day), shown) for day, of_day in groupby(events, lambda e: e[0])]


Event = tuple[date, str, int]


def _read_events(listener: User) -> Iterator[Event]:
    """Return day, kind and song key of each event, latest first within each kind."""
    plays = Playback.objects.filter(user=listener).order_by("-created_at")
    for kind, song_pk, at in plays.values_list("kind", "song_id", "created_at")[:MAX_SHOWN]:
        yield timezone.localdate(at), kind, song_pk
    lists = Impression.objects.filter(user=listener).order_by("-created_at", "position")
    suggested = lists.only("song_ids", "song_id", "created_at")[:MAX_SHOWN]
    pairs = ((song_pk, row.created_at) for row in suggested for song_pk in row.song_pks)
    for song_pk, at in islice(pairs, MAX_SHOWN):
        yield timezone.localdate(at), SUGGESTED, song_pk


def _build_day(day: date, events: list[Event], shown: dict[int, ShownSong]) -> HistoryDay:
    def list_of(kind: str) -> tuple[ShownSong, ...]:
        keys = (key for _, of_kind, key in events if of_kind == kind and key in shown)
        return tuple({shown[key].song_pk: shown[key] for key in keys}.values())

    return HistoryDay(
        day, list_of(Playback.Kind.PLAY), list_of(Playback.Kind.SKIP), list_of(SUGGESTED)
    )


def clear_history(*, listener: User, what: str) -> None:
    """Delete what was ``played`` (and skipped), or what was ``suggested``, and its sums.

    Deleted playbacks no longer count for suggestions, and are not sent to ListenBrainz.
    """
    with unit_of_work():
        if what == PLAYED:
            Playback.objects.filter(user=listener).delete()
            forget_listens(listener=listener)
        else:
            Impression.objects.filter(user=listener).delete()
            SuggestionSum.objects.filter(user=listener).delete()
        forget_taste(listener)
