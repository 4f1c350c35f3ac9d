"""Rates listed videos that are not stored yet: which of them may a name mean?

Lists are long and a name means one or two of their videos: only titles that share an important word
with the name are parsed, and where that finds nothing, those that look most like it.
"""

from collections.abc import Iterable, Sequence

from music.catalogue.rungs.stored import POSSIBLE
from music.collecting.naming import name_song
from music.models.video_feature import ITSELF
from music.names.matching import SURE, list_telling_words, make_candidate, rate
from music.names.normalization import normalize_key
from music.names.song_names import SongName
from music.records import VideoRecord

from .ngrams import TrigramIndex

N_POSSIBLE = 10
"""The number of videos of which details are fetched to decide what a name means."""
N_ALIKE = 10
OTHER_TAKE = 0.75
"""The confidence in a live take or a cover that the name does not ask for: not sure enough."""


class Listed:
    """Videos of lists that were read for some names, rated by their titles alone."""

    def __init__(self) -> None:
        self._records: dict[str, VideoRecord] = {}
        self._keys: dict[str, str] = {}
        self._confidence: dict[str, dict[str, float]] = {}

    def add(self, records: Iterable[VideoRecord], names: Sequence[SongName]) -> None:
        """Add a list, and rate its videos for the names that it was read for."""
        fresh = {record.video_id: record for record in records}
        self._records |= fresh
        self._keys |= {i: normalize_key(record.title) for i, record in fresh.items()}
        for name in names:
            telling = list_telling_words(name)
            alike = [i for i in fresh if not telling.isdisjoint(self._keys[i].split())]
            self._rate(name, alike)

    def is_sure_of(self, name: SongName) -> bool:
        """Return whether a video was listed whose title surely matches the name."""
        return any(c >= SURE for c in self._confidence.get(name.key, {}).values())

    def look_everywhere(self, names: Sequence[SongName]) -> None:
        """Rate videos that resemble ``names``: mistyped, or in lists read for other names.

        The second finds a song on the channel of an artist featured on it.
        """
        ids = list(self._records)
        if not (ids and names):
            return
        trigrams = TrigramIndex.of([self._write_text(video_id) for video_id in ids])
        for name in names:
            found = (trigrams.find(reading, N_ALIKE)[0] for reading in name.readings[:2])
            self._rate(name, [ids[place] for places in found for place in places])

    def list_possible(self, name: SongName) -> list[str]:
        """Return the ids of the videos that ``name`` may mean, the surest first."""
        rated = self._confidence.get(name.key, {})
        return sorted(rated, key=lambda video_id: -rated[video_id])[:N_POSSIBLE]

    def _rate(self, name: SongName, video_ids: Iterable[str]) -> None:
        rated = self._confidence.setdefault(name.key, {})
        for video_id in video_ids:
            confidence = _rate_video(name, name_song(self._records[video_id]))
            if confidence >= POSSIBLE:
                rated[video_id] = confidence

    def _write_text(self, video_id: str) -> str:
        return f"{normalize_key(self._records[video_id].channel_title)} {self._keys[video_id]}"


def _rate_video(name: SongName, record: VideoRecord) -> float:
    """Return how sure it is, in [0, 1], that ``name`` means the song of a listed video."""
    confidence = rate(name, make_candidate(record.video_id, record.artist, record.song_title))
    is_meant = record.take in ITSELF or record.take in name.takes
    return confidence if is_meant else confidence * OTHER_TAKE
