"""What YouTube lists, before it is stored: which of these videos may a name mean?

Lists are long and a name means one or two of their videos: only titles that share a telling word
with the name are taken apart, and where that finds nothing, those that look most like it.
"""

from collections.abc import Iterable, Sequence

from music.catalogue.rungs.stored import Match, StoredSong, rate_songs
from music.collecting.naming import name_song
from music.names.matching import SURE, SongName, list_telling_words, make_candidate
from music.names.normalization import normalize_key
from music.names.takes import read_take
from music.records import SongRecord

from .ngrams import TrigramIndex

N_POSSIBLE = 10
"""The details of so many videos decide what a name means."""
N_ALIKE = 10


class Listed:
    """Videos of lists that were read for some names, rated by their titles alone."""

    def __init__(self) -> None:
        self._records: dict[str, SongRecord] = {}
        self._keys: dict[str, str] = {}
        self._matches: dict[str, dict[str, Match]] = {}

    def add(self, records: Iterable[SongRecord], names: Sequence[SongName]) -> None:
        """Take in a list, and rate its videos for the names that it was read for."""
        fresh = {record.video_id: record for record in records}
        self._records |= fresh
        self._keys |= {i: normalize_key(record.title) for i, record in fresh.items()}
        for name in names:
            telling = list_telling_words(name)
            alike = [i for i in fresh if not telling.isdisjoint(self._keys[i].split())]
            self._rate(name, alike)

    def is_sure_of(self, name: SongName) -> bool:
        """Whether a video with the right title was listed."""
        return any(m.confidence >= SURE for m in self._matches.get(name.key, {}).values())

    def look_everywhere(self, names: Sequence[SongName]) -> None:
        """Rate for ``names`` what looks like them: mistyped, or listed for others (a guest has the
        song too)."""
        ids = list(self._records)
        if not (ids and names):
            return
        trigrams = TrigramIndex([self._write_text(video_id) for video_id in ids])
        for name in names:
            found = (trigrams.find(reading, N_ALIKE)[0] for reading in name.readings[:2])
            self._rate(name, [ids[place] for places in found for place in places])

    def list_possible(self, name: SongName) -> list[str]:
        """The ids of the videos that ``name`` may mean, the surest first."""
        matches = self._matches.get(name.key, {}).values()
        ordered = sorted(matches, key=lambda match: -match.confidence)
        return [match.song.candidate.video_id for match in ordered[:N_POSSIBLE]]

    def _rate(self, name: SongName, video_ids: Iterable[str]) -> None:
        songs = [_to_song(name_song(self._records[video_id])) for video_id in video_ids]
        rated = {match.song.candidate.video_id: match for match in rate_songs(name, songs)}
        self._matches.setdefault(name.key, {}).update(rated)

    def _write_text(self, video_id: str) -> str:
        return f"{normalize_key(self._records[video_id].channel_title)} {self._keys[video_id]}"


def _to_song(record: SongRecord) -> StoredSong:
    return StoredSong(
        candidate=make_candidate(record.video_id, record.artist, record.song_title),
        title=record.title,
        artist_key=normalize_key(record.artist),
        title_key=normalize_key(record.song_title),
        is_playable=True,  # not told by a list
        take=read_take(record.title, record.channel_title),
    )
