"""What listeners said of videos becomes what they said of songs: the data part of issue 11.

Runs in each database by itself, perhaps days apart. All that is written follows from the rows alone
(``music.names.keys`` is fixed for ever), and carries the version of the row that it is made from
(``tunetrace_site.replication.rekey``). Runs twice: when the tables have been expanded, and again
when no process of the code of before can be serving, for what such a process wrote in between.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from music.models.song import rate_popularity
from music.names.keys import song_address, song_key
from music.names.takes import Take, read_take
from music.names.titles import parse_title
from tunetrace_site.replication.keys import derive_row_key
from tunetrace_site.replication.models import RowVersion
from tunetrace_site.replication.rekey import derive_rows, fill_rows, rekey_rows

CATALOGUE = "catalogue"
PREFIX = "catalogue:"
BATCH = 500
REKEYED = ("Dismissal", "Impression", "Playback")
"""What has a primary key that is made of the song, among others."""
Row = Any
"""A row of a historical model, whose fields no checker knows."""
Songs = dict[str, tuple[int, str]]
"""The key and the address of the song of each video, by its id."""


class Copy:
    """The copying of one database."""

    def __init__(self, apps: Apps, alias: str) -> None:
        self._apps = apps
        self._alias = alias

    def run(self) -> None:
        """Copy all that is not copied yet. Safe to repeat."""
        self._read_takes()
        self._make_songs()
        for name in REKEYED:
            self._rekey(name)
        for name in ("UserLikedSong", "MatchCorrection"):
            self._fill_in_songs(name)
        self._convert_rejected()
        self._convert_queries()

    def retire_catalogue(self) -> None:
        """Let go of the entries of the bundled catalogue that stood among the videos."""
        entries = self._rows("VideoFeature").filter(source=CATALOGUE)
        likes = self._rows("UserLikedSong").filter(video__in=entries)
        likes.update(video=None)
        queries = self._rows("QueryCache").filter(best_video_id__startswith=PREFIX)
        queries.update(best_video_id=None)
        rekey_rows(entries, self._make_song)

    def drop_halves(self) -> None:
        """Let go of rows that are about nothing: brought by a relay of the code of before, without
        the column that it did not know. Their versions are forgotten, so that what the other
        database has of them counts as newer (``reconcile``).
        """
        for name in REKEYED:
            halves = self._rows(name).filter(song=None)
            if name == "Impression":
                halves = halves.filter(song_ids__isnull=True)  # the others are lists of songs
            for batch in _pages(halves):
                table, keys = batch[0]._meta.db_table, [row.pk for row in batch]
                known = RowVersion.objects.using(self._alias).filter(table_name=table)
                known.filter(row_pk__in=[str(key) for key in keys]).delete()
                self._rows(name).filter(pk__in=keys)._raw_delete(self._alias)

    def _rows(self, name: str) -> models.QuerySet:
        return self._apps.get_model("music", name)._base_manager.using(self._alias)

    def _read_takes(self) -> None:
        """Say of each video which song it is a take of, and which take."""
        videos = self._rows("VideoFeature").filter(song=None)
        for batch in _pages(videos):
            for video in batch:
                video.song_id = self._key_of(*_names_of(video)) if _is_song(video) else None
                video.take = _take_of(video)
            videos.bulk_update(batch, ["song", "take"])

    def _make_songs(self) -> None:
        """What the catalogue says of a song comes first, then its original, then other takes."""
        videos = self._rows("VideoFeature").filter(song__isnull=False)
        unmade = ~Exists(self._rows("Song").filter(pk=OuterRef("song_id")))
        itself = Q(take__in=(Take.ORIGINAL, Take.LYRICS))
        derive_rows(videos.filter(source=CATALOGUE), self._make_song)
        derive_rows(videos.filter(unmade, itself), self._make_song)
        derive_rows(videos.filter(unmade), self._make_song)

    def _make_song(self, video: Row) -> Row:
        artist, title = _names_of(video)
        artist_key, title_key = song_key(artist, title)
        is_entry = video.source == CATALOGUE
        return self._apps.get_model("music", "Song")(
            id=self._key_of(artist, title),
            artist_key=artist_key,
            title_key=title_key,
            address=song_address(artist_key, title_key),
            artist=artist[:255],
            title=title[:255],
            aliases=video.aliases,
            genre=video.genre,
            tags=video.tags,
            year=video.year,
            language=video.language,
            popularity=video.popularity if is_entry else rate_popularity(video.view_count),
            # An entry that is not available was taken out of the catalogue's file.
            is_bundled=is_entry and video.available,
            created_at=video.created_at,
            updated_at=video.updated_at,
        )

    def _rekey(self, name: str) -> None:
        """Rows whose key is made of the video get one that is made of the song."""
        rows = self._rows(name).filter(song=None, video__isnull=False).select_related("video")
        self._keep_keyed(name, rows)
        rekey_rows(rows, self._with_song)

    def _keep_keyed(self, name: str, rows: models.QuerySet) -> None:
        """A relay of the code of before brings rows of new keys without what it does not know."""
        for batch in _pages(rows):
            keyed = []
            for row in batch:
                made = self._with_song(row)
                if made and made._meta.pk.get_pk_value_on_save(made) == row.pk:
                    row.song_id = made.song_id
                    keyed.append(row)
            self._rows(name).bulk_update(keyed, ["song"])

    def _with_song(self, row: Row) -> Row | None:
        """The row as one about the song of its video; its new key is still to be made."""
        if row.song_id or row.video is None:
            return None
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        return type(row)(**values | {"id": None, "song_id": self._song_of(row.video)})

    def _song_of(self, video: Row) -> int:
        """The song of a video; of one that is no song the key that its names would have.

        What was said of it is kept, and refers to nothing.
        """
        return video.song_id or self._key_of(*_names_of(video))

    def _key_of(self, artist: str, title: str) -> int:
        return derive_row_key(self._apps.get_model("music", "Song"), *song_key(artist, title))

    def _fill_in_songs(self, name: str) -> None:
        """Rows that keep their key get the song of their video, also where it is another one now."""
        rows = self._rows(name).filter(video__video_id__isnull=False).select_related("video")
        is_other = Q(song=None) | ~Q(song=F("video__song"))
        for batch in _pages(rows.filter(is_other)):
            filled = {}
            for row in batch:
                # A like of what is no song keeps its video, and a correction has nothing else.
                is_like = name == "UserLikedSong"
                row.song_id = row.video.song_id if is_like else self._song_of(row.video)
                if row.song_id:
                    filled[row] = row.video
            fill_rows(filled, ["song"])

    def _convert_rejected(self) -> None:
        """Entries of the catalogue that were rejected are songs now."""
        corrections = self._rows("MatchCorrection")
        for batch in _pages(corrections.filter(rejected_ids__icontains=PREFIX)):
            songs = self._find_songs(id_ for row in batch for id_ in row.rejected_ids)
            for row in batch:
                row.rejected_ids = [
                    _address_of_entry(id_, songs) if id_.startswith(PREFIX) else id_
                    for id_ in row.rejected_ids
                ]
            corrections.bulk_update(batch, ["rejected_ids"])

    def _convert_queries(self) -> None:
        """Answers get their song; candidates are songs instead of videos."""
        queries = self._rows("QueryCache")
        for batch in _pages(queries.exclude(candidate_ids=[], best_video_id=None)):
            ids = {id_ for row in batch for id_ in (row.best_video_id, *row.candidate_ids) if id_}
            songs = self._find_songs(ids)
            for row in batch:
                best = songs.get(row.best_video_id or "")
                row.song_id = row.song_id or (best and best[0])
                row.candidate_ids = list(dict.fromkeys(_addresses(row.candidate_ids, songs)))
            queries.bulk_update(batch, ["song", "candidate_ids"])

    def _find_songs(self, video_ids: Iterable[str]) -> Songs:
        """The songs of those of these videos that are takes of one."""
        ids, found = sorted(set(video_ids)), {}
        for start in range(0, len(ids), BATCH):
            videos = self._rows("VideoFeature").filter(video_id__in=ids[start : start + BATCH])
            rows = videos.values_list("video_id", "song_id", "song__address")
            found |= {id_: (key, address) for id_, key, address in rows if address}
        return found


def _pages(rows: models.QuerySet) -> Iterator[list[Row]]:
    """All rows in the order of their keys, some at a time; they may change meanwhile."""
    after = None
    while page := list(rows.filter(pk__gt=after or 0).order_by("pk")[:BATCH]):
        after = page[-1].pk
        yield page


def _names_of(video: Row) -> tuple[str, str]:
    """Artist and song: as the catalogue has them, or read from the title as it is read today.

    What was read before, perhaps worse, stands in where the title alone does not say both.
    """
    if video.source != CATALOGUE:
        parsed = parse_title(video.title, video.channel_title)
        if parsed.artist and parsed.song_title:
            return parsed.artist, parsed.song_title
    return video.artist, video.song_title or video.title


def _is_song(video: Row) -> bool:
    return all(_names_of(video))


def _take_of(video: Row) -> str:
    """An entry of the catalogue is nothing to play, until it is gone."""
    if video.source == CATALOGUE:
        return Take.CLIP.value
    return read_take(video.title, video.channel_title, video.tags).value


def _addresses(candidate_ids: list[str], songs: Songs) -> Iterator[str]:
    for id_ in candidate_ids:
        if id_ in songs or id_.startswith(PREFIX):
            yield _address_of_entry(id_, songs)
        elif "/" in id_:  # which no id of a video contains: converted before
            yield id_


def _address_of_entry(id_: str, songs: Songs) -> str:
    return songs[id_][1] if id_ in songs else id_.removeprefix(PREFIX)
