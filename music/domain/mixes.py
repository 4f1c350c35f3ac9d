"""Mixes: lists of songs that a listener saved under a name."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from music.errors import InvalidInput, NotFound, NotNow
from music.models import Mix, Song
from music.models.mix import NAME_MAX_LENGTH, new_token
from music.names.normalization import clean_text, normalize_key
from music.records import ShownSong
from tunetrace_site.replication.unit import unit_of_work

from .playing import show_songs
from .request_keys import find_made

MAX_MIXES = 100
"""The most mixes of a listener."""
MAX_SONGS = 200


@dataclass(frozen=True, slots=True)
class OpenedMix:
    """A mix with its songs as lists show them; a song that is not stored at present is left out."""

    mix: Mix
    songs: tuple[ShownSong, ...]


def save_mix(*, listener: User, name: str, song_ids: Sequence[str], token: str = "") -> Mix:
    """Store these songs (addresses) in their order under a name.

    ``token`` names the mix (``request_keys.py``), a random one by default; a mix that has it
    already is returned. Raises ``KeyUsed`` if the key of the token came with another request,
    ``InvalidInput`` for an empty or too long name and for over 200 songs, ``NotFound`` if no song
    is known, and ``NotNow`` if the listener has a hundred mixes.
    """
    name, songs = clean_name(name), _keep_known(song_ids)
    with unit_of_work():
        of_listener = Mix.objects.filter(user=listener)
        if token and (made := find_made(of_listener, token)):
            return made
        if of_listener.count() >= MAX_MIXES:
            raise NotNow("name", f"You have {MAX_MIXES} mixes: delete one first.")
        listener.ensure_stored()
        return Mix.objects.create(
            user=listener, name=name, song_ids=songs, token=token or new_token()
        )


def _keep_known(song_ids: Sequence[str]) -> list[str]:
    """Return the addresses of stored songs, each once, in their order."""
    known = set(Song.objects.filter(address__in=song_ids).values_list("address", flat=True))
    songs = [song_id for song_id in dict.fromkeys(song_ids) if song_id in known]
    if not songs:
        raise NotFound("None of these songs is known here.", hint="Search for them by name.")
    if len(songs) > MAX_SONGS:
        raise InvalidInput("songs", f"A mix has at most {MAX_SONGS} songs, not {len(songs)}.")
    return songs


def clean_name(name: str) -> str:
    """Return the name of a mix; raises ``InvalidInput`` when empty or too long."""
    cleaned = clean_text(name)
    if not normalize_key(cleaned):
        raise InvalidInput("name", "Give it a name: at least one letter or digit.")
    if len(cleaned) > NAME_MAX_LENGTH:
        raise InvalidInput("name", f"At most {NAME_MAX_LENGTH} characters, not {len(cleaned)}.")
    return cleaned


def list_mixes(*, listener: User) -> QuerySet[Mix]:
    """Return the listener's mixes, last changed first."""
    return Mix.objects.filter(user=listener).order_by("-updated_at", "-id")


def get_mix(*, listener: User, token: str) -> Mix:
    """Return one of the listener's mixes. Raises ``NotFound``."""
    mix = Mix.objects.filter(user=listener, token=token).first()
    if mix is None:
        raise NotFound("There is no such mix.", hint="It may have been deleted.")
    return mix


def open_mix(*, listener: User, token: str) -> OpenedMix:
    """Return one of the listener's mixes with its songs; two queries more. Raises ``NotFound``."""
    return show_mix(get_mix(listener=listener, token=token))


def show_mix(mix: Mix) -> OpenedMix:
    """Return a mix with its songs; two queries."""
    songs = Song.objects.select_related("joined_to").in_bulk(mix.song_ids, field_name="address")
    present = [songs[song_id] for song_id in mix.song_ids if song_id in songs]
    return OpenedMix(mix, tuple(show_songs([song.joined_to or song for song in present])))


def change_mix(
    *,
    listener: User,
    token: str,
    name: str | None = None,
    song_ids: Sequence[str] | None = None,
) -> Mix:
    """Give a mix another name, or other songs, or the same songs in another order.

    None leaves a value as it is. Raises ``InvalidInput`` or ``NotFound``.
    """
    changes: dict[str, object] = {"updated_at": timezone.now()}
    if name is not None:
        changes["name"] = clean_name(name)
    if song_ids is not None:
        changes["song_ids"] = _keep_known(song_ids)
    with unit_of_work():
        mix = get_mix(listener=listener, token=token)
        for field, value in changes.items():
            setattr(mix, field, value)
        mix.save(update_fields=list(changes))
    return mix


def place_song(*, listener: User, token: str, song_id: str, place: int) -> Mix:
    """Move a song of a mix to a place, counted from zero; places after the end mean the end.

    A place rather than a direction, so that doing it twice is doing it once. Raises ``NotFound``.
    """
    with unit_of_work():
        mix = get_mix(listener=listener, token=token)
        if song_id not in mix.song_ids:
            raise NotFound("That song is not in this mix.")
        others = [other for other in mix.song_ids if other != song_id]
        mix.song_ids = [*others[:place], song_id, *others[place:]]
        _save_songs(mix)
    return mix


def remove_song(*, listener: User, token: str, song_id: str) -> Mix:
    """Remove a song from a mix; no-op for a song that is not in it. Raises ``NotFound``."""
    with unit_of_work():
        mix = get_mix(listener=listener, token=token)
        mix.song_ids = [other for other in mix.song_ids if other != song_id]
        _save_songs(mix)
    return mix


def _save_songs(mix: Mix) -> None:
    mix.updated_at = timezone.now()
    mix.save(update_fields=["song_ids", "updated_at"])


def delete_mix(*, listener: User, token: str) -> None:
    """Delete a mix; its songs stay."""
    with unit_of_work():
        get_mix(listener=listener, token=token).delete()
