"""Corrections by operators that no rule can find: two songs joined, a take moved to another song.

Everything about the song is repointed in one unit of work, with a fixed number of statements and
one more for each thousand rows. The moved rows are recorded (``SongMove``), so that it can be
undone. The song that was joined to another one stays as a redirect.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from music.errors import InvalidInput
from music.models import (
    Dismissal,
    Impression,
    MatchCorrection,
    Playback,
    QueryCache,
    Song,
    SongMove,
    UserLikedSong,
    VideoFeature,
)
from music.models.song import LEARNT_FIELDS
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste

BATCH = 1000
REPOINTED: tuple[type[Model], ...] = (VideoFeature, UserLikedSong, MatchCorrection, QueryCache)
"""Tables with a column for the song."""
REKEYED: tuple[type[Model], ...] = (Dismissal, Playback, Impression)
"""Tables whose primary key is derived from the song and other columns."""
LISTED: tuple[tuple[type[Model], str], ...] = (
    (MatchCorrection, "rejected_ids"),
    (QueryCache, "candidate_ids"),
)
"""Columns that hold lists of addresses of songs."""
Moved = dict[str, Any]


def join_songs(*, song: Song, into: Song, made_by: User | None = None) -> SongMove:
    """Replace ``song`` by ``into``: its takes, and everything that listeners said about it.

    Raises ``InvalidInput`` where they are one song already.
    """
    into = into.joined_to or into
    if into.pk == song.pk or song.joined_to_id is not None:
        raise InvalidInput("song", f"{song} and {into} are one song already.")
    with unit_of_work():
        moved: Moved = {model._meta.label: _repoint(model, song, into) for model in REPOINTED}
        moved |= {model._meta.label: _rekey(model, song, into) for model in REKEYED}
        moved |= {f: _rename(m, f, song.address, into.address) for m, f in LISTED}
        earlier = Song.objects.filter(joined_to=song)
        moved["joined"] = list(earlier.values_list("pk", flat=True))
        earlier.update(joined_to=into)
        Song.objects.filter(pk=song.pk).update(joined_to=into)
        return _note(SongMove.Kind.JOIN, song, into, moved, made_by)


def move_take(*, video: VideoFeature, to_song: Song, made_by: User | None = None) -> SongMove:
    """Make ``video`` a take of ``to_song``, and move the likes and answers that meant this take.

    What listeners said of its old song without naming a take stays with that song. Raises
    ``InvalidInput`` where it is a take of ``to_song`` already.
    """
    to_song = to_song.joined_to or to_song
    if video.song_id == to_song.pk:
        raise InvalidInput("song", f"{video} is a take of {to_song} already.")
    from_song = Song.objects.filter(pk=video.song_id).first() if video.song_id else None
    about: dict[type[Model], dict[str, object]] = {
        VideoFeature: {"pk": video.pk},
        UserLikedSong: {"video": video},
        QueryCache: {"best_video_id": video.video_id},
    }
    with unit_of_work():
        moved: Moved = {
            model._meta.label: _repoint(model, from_song, to_song, **of_take)
            for model, of_take in about.items()
        }
        return _note(SongMove.Kind.TAKE, from_song, to_song, moved, made_by)


def undo_move(*, move: SongMove) -> None:
    """Move the rows back, except those that have been changed or withdrawn since.

    Raises ``InvalidInput`` where it was undone already, or where the song has been joined to yet
    another one since, which must be undone first.
    """
    if move.undone_at is not None:
        raise InvalidInput("move", "It has been undone already.")
    later = SongMove.objects.filter(
        kind=SongMove.Kind.JOIN, from_song=move.to_song_id, undone_at=None
    )
    if later.filter(created_at__gt=move.created_at).exists():
        raise InvalidInput(
            "move", "Its song has been joined to another one since: undo that first."
        )
    with unit_of_work():
        for model in REPOINTED:
            _put_back(model, move)
        for model in REKEYED:
            _rekey_back(model, move)
        if move.kind == SongMove.Kind.JOIN:
            _end_redirects(move)
        _retell([move.from_song_id, move.to_song_id])
        SongMove.objects.filter(pk=move.pk).update(undone_at=timezone.now())
        _forget_tastes(move.moved)


def _note(
    kind: SongMove.Kind, from_song: Song | None, to_song: Song, moved: Moved, made_by: User | None
) -> SongMove:
    _forget_tastes(moved)
    _retell([song.pk for song in (from_song, to_song) if song is not None])
    return SongMove.objects.create(
        kind=kind, from_song=from_song, to_song=to_song, moved=moved, made_by=made_by
    )


def _retell(keys: Iterable[int | None]) -> None:
    """Set the facts of learnt songs to those of their present takes.

    Facts from takes that have left may be kept for 30 days only. Every process reads all of these
    songs again for its index.
    """
    songs = Song.objects.filter(pk__in=[key for key in keys if key is not None])
    learnt = songs.filter(is_bundled=False)
    learnt.forget_learnt_facts()
    songs.update(updated_at=timezone.now())
    by_key = learnt.in_bulk()
    takes = VideoFeature.objects.filter(song__in=by_key).most_seen_first()
    for take in takes.only("song_id", "genre", "tags", "view_count"):
        by_key[take.song_id].take_facts(take.tell_facts())
    Song.objects.bulk_update(by_key.values(), LEARNT_FIELDS)


def _repoint(
    model: type[Model], from_song: Song | None, to_song: Song, **which: object
) -> list[int]:
    rows = model._base_manager.filter(song=from_song, **which)
    keys = list(rows.values_list("pk", flat=True))
    rows.update(song=to_song)
    return keys


def _put_back(model: type[Model], move: SongMove) -> None:
    for keys in _batches(move.moved.get(model._meta.label, ())):
        rows = model._base_manager.filter(pk__in=keys, song=move.to_song_id)
        rows.update(song=move.from_song_id)


def _rekey(model: type[Model], from_song: Song, to_song: Song) -> Moved:
    """Give rows the keys of the other song; existing rows of that song stay as they are."""
    rows = list(model._base_manager.filter(song=from_song))
    made = {row.pk: _copy(row, to_song.pk) for row in rows}
    met = _find_present(model, [copy.pk for copy in made.values()])
    new = [copy for copy in made.values() if copy.pk not in met]
    model._base_manager.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    model._base_manager.filter(song=from_song).delete()
    return {
        "rows": [_write(row) for row in rows],
        "met": [pk for pk, copy in made.items() if copy.pk in met],
    }


def _rekey_back(model: type[Model], move: SongMove) -> None:
    """Restore the rows, unless a listener has withdrawn the statement since."""
    noted = move.moved.get(model._meta.label)
    if not noted:
        return
    rows = [_read(model, values) for values in noted["rows"]]
    made = {row.pk: _copy(row, move.to_song_id).pk for row in rows}
    present = _find_present(model, list(made.values()))
    back = [row for row in rows if made[row.pk] in present]
    model._base_manager.bulk_create(back, batch_size=BATCH, ignore_conflicts=True)
    met = set(noted["met"])
    for keys in _batches([new for old, new in made.items() if old not in met]):
        model._base_manager.filter(pk__in=keys).delete()


def _write(row: Model) -> dict[str, str | None]:
    """Return a row as JSON values, times to the microsecond."""
    fields = row._meta.concrete_fields
    return {
        field.attname: None if value is None else field.value_to_string(row)
        for field in fields
        for value in [getattr(row, field.attname)]
    }


def _read(model: type[Model], values: dict[str, str | None]) -> Model:
    return model(**{f.attname: f.to_python(values[f.attname]) for f in model._meta.concrete_fields})


def _copy(row: Model, song_pk: int | None) -> Model:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    copy = type(row)(**values | {"song_id": song_pk, row._meta.pk.attname: None})
    copy.pk = copy._meta.pk.get_pk_value_on_save(copy)
    return copy


def _find_present(model: type[Model], keys: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for batch in _batches(keys):
        found |= set(model._base_manager.filter(pk__in=batch).values_list("pk", flat=True))
    return found


def _rename(model: type[Model], field: str, old: str, new: str) -> list[int]:
    """Replace one address by another in columns of addresses; return the keys of the rows."""
    rows = [
        row
        for row in model._base_manager.filter(**{f"{field}__icontains": old})
        if old in getattr(row, field)
    ]
    for row in rows:
        names = [new if name == old else name for name in getattr(row, field)]
        setattr(row, field, list(dict.fromkeys(names)))
    model._base_manager.bulk_update(rows, [field], batch_size=BATCH)
    return [row.pk for row in rows]


def _end_redirects(move: SongMove) -> None:
    songs = Song.objects.in_bulk([move.from_song_id, move.to_song_id])
    song, other = songs[move.from_song_id], songs[move.to_song_id]
    Song.objects.filter(pk=song.pk).update(joined_to=None)
    Song.objects.filter(pk__in=move.moved["joined"], joined_to=other).update(joined_to=song)
    for model, field in LISTED:
        keys = set(move.moved[field])
        rows = list(model._base_manager.filter(pk__in=keys))
        for row in rows:
            names = getattr(row, field)
            setattr(row, field, [song.address if n == other.address else n for n in names])
        model._base_manager.bulk_update(rows, [field], batch_size=BATCH)


def _forget_tastes(moved: Moved) -> None:
    """Invalidate cached tastes of everybody whose likes, dismissals or playbacks were moved."""
    listeners: set[int] = set()
    for keys in _batches(moved.get(UserLikedSong._meta.label, ())):
        likes = UserLikedSong.objects.filter(pk__in=keys)
        listeners |= set(likes.values_list("user_id", flat=True))
    for model in (Dismissal, Playback):
        rows = moved.get(model._meta.label, {}).get("rows", ())
        listeners |= {int(row["user_id"]) for row in rows}
    for keys in _batches(sorted(listeners)):
        for listener in User.objects.filter(pk__in=keys):
            forget_taste(listener)


def _batches(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
