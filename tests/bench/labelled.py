"""Real videos with their true artist and title, from the large set ``labelled_videos.csv``."""

import csv
import hashlib
import re
import unicodedata
from dataclasses import dataclass

from music.names.normalization import normalize_key

from .large_sets import find_set

_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
_SPELLED = re.compile(r"\[([A-Z][A-Z0-9 -]+)\]")
_GUESTS = re.compile(r"\s*[(\[]?\b(?:feat\.?|ft\.?|featuring)\s.*", re.IGNORECASE)
_TAKE = re.compile(
    r"\s+-\s+[^-]*\b(?:version|edit|mix|remix|remaster(?:ed)?|remastered \d+|live|original|"
    r"remaster \d+|from .*)\s*(?:\d{4})?$",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_JOINTS = {"and", "the", "feat", "ft", "und", "et", "y", "x", "e"}


@dataclass(frozen=True)
class LabelledVideo:
    """One video: its title on YouTube, and its true artist and song."""

    video_id: str
    artist: str
    title: str
    youtube_title: str

    @property
    def song(self) -> str:
        """The true title without featured artists and takes."""
        return _TAKE.sub("", _GUESTS.sub("", self.title))

    @property
    def is_held_out(self) -> bool:
        """Whether the video is in the half, by a digest of its id, that made no patterns."""
        return bool(hashlib.sha256(self.video_id.encode()).digest()[0] & 1)

    @property
    def names_song(self) -> bool:
        """Whether the YouTube title contains the song's whole title."""
        return any(f" {key} " in self._padded for key in song_keys(self.song))

    @property
    def names_artist(self) -> bool:
        """Whether it contains the first artist too, and not only as a part of the song's title."""
        first = normalize_key(re.split(r",|;| & | feat|\(|/| und ", self.artist)[0])
        return f" {first} " in self._padded and first not in song_keys(self.song)

    @property
    def _padded(self) -> str:
        return f" {normalize_key(self.youtube_title)} "

    def is_song(self, title: str) -> bool:
        """Return whether ``title`` is this song's, ignoring brackets."""
        song = _TAKE.sub("", _GUESTS.sub("", title))
        return bool(song_keys(song) & song_keys(self.song))

    def is_artist(self, artist: str) -> bool:
        """Return whether ``artist`` names this artist, or some of several."""
        said, true = _artist_words(artist), _artist_words(self.artist)
        return bool(said) and (said <= true or true <= said)


def song_keys(title: str) -> set[str]:
    """Return a title's key, and its key without bracketed text."""
    return {normalize_key(title), normalize_key(_BRACKETS.sub("", title))} - {""}


def _artist_words(artist: str) -> set[str]:
    words = set(normalize_key(artist).split())
    return (words - _JOINTS) or words


def _restore(text: str) -> str:
    """Return a title as YouTube shows it: the file has character references for some letters."""
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return _SPELLED.sub(_find_letter, text)


def _find_letter(match: re.Match[str]) -> str:
    try:
        return unicodedata.lookup(match[1])
    except KeyError:
        return match.group()


def read_labelled() -> list[LabelledVideo]:
    """Return all videos, in the order of the file; raise ``SetMissingError`` without it."""
    with find_set("youtube/labelled_videos.csv").open(encoding="utf-8", newline="") as file:
        return [
            LabelledVideo(
                row["video_id"],
                row["artist"],
                row["title"],
                _restore(row["youtube_title"]),
            )
            for row in csv.DictReader(file)
        ]
