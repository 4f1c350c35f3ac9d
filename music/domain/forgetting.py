"""Removes a deleted listener's words from cached answers, which no foreign key connects to them."""

from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from accounts.models import User
from music.caching import stack
from music.models import ImportRow, MatchCorrection, PlaylistImport, QueryCache, UserLikedSong
from music.names.song_names import read_name
from tunetrace_site.replication.unit import on_commit

_CHUNK = 500
_gone: ContextVar[frozenset[int]] = ContextVar("gone", default=frozenset())


def forget_words(*, listener: User) -> None:
    """Remove cached answers to the listener's words, in the unit of work that deletes the listener.

    Answers for song names that nobody else likes or has corrected in the same words are deleted.
    Cached suggestion lists of the listener are overwritten once the unit has committed. A signal
    calls this, whoever deletes the listener.
    """
    names = set(_list_names(listener))
    keys = {read_name(name).key for name in names}
    keys |= set(MatchCorrection.objects.filter(user=listener).values_list("query", flat=True))
    for chunk in _chunks(keys - _find_keys_of_others(listener, names, keys)):
        QueryCache.objects.filter(query__in=chunk).delete()
    _gone.set(_gone.get() | {listener.pk})
    on_commit(_erase_gone)


def _list_names(listener: User) -> Iterator[str]:
    likes = UserLikedSong.objects.filter(user=listener)
    yield from likes.values_list("song_name", flat=True)
    for songs in PlaylistImport.objects.filter(user=listener).values_list(
        "pasted_songs", flat=True
    ):
        yield from songs
    rows = ImportRow.objects.filter(job__user=listener)
    yield from rows.values_list("name", flat=True)


def _find_keys_of_others(listener: User, names: set[str], keys: set[str]) -> set[str]:
    """Return those of ``keys`` that occur in another listener's like or correction."""
    found: set[str] = set()
    for chunk in _chunks(names):
        likes = UserLikedSong.objects.filter(song_name__in=chunk).exclude(user=listener)
        for name in likes.values_list("song_name", flat=True).distinct():
            found.add(read_name(name).key)
    for chunk in _chunks(keys):
        corrections = MatchCorrection.objects.filter(query__in=chunk).exclude(user=listener)
        found |= set(corrections.values_list("query", flat=True))
    return found


def _chunks(words: Iterable[str]) -> Iterator[list[str]]:
    in_order = sorted(words)
    return (in_order[start : start + _CHUNK] for start in range(0, len(in_order), _CHUNK))


def _erase_gone() -> None:
    """Erase cached lists of all listeners deleted together; only the first commit hook does it."""
    gone = _gone.get()
    if gone:
        _gone.set(frozenset())
        stack.erase_listeners(gone)
