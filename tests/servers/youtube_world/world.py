"""What the server knows: videos, channels, playlists, charts, and a search over them."""

import base64
import hashlib
import heapq
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process

MUSIC = "10"
CHART_LENGTH = 200


@dataclass(slots=True)
class Video:
    """One video as YouTube would describe it; ``kind`` and ``song`` are the truth about it."""

    id: str
    title: str
    channel_id: str
    channel_title: str
    views: int
    published_at: str = "2015-06-01T12:00:00Z"
    description: str = ""
    tags: tuple[str, ...] = ()
    duration: str = "PT3M30S"
    category: str = MUSIC
    live: str = "none"
    privacy: str = "public"
    upload: str = "processed"
    embeddable: bool = True
    made_for_kids: bool = False
    age_restricted: bool = False
    statistics_hidden: bool = False
    blocked: tuple[str, ...] | None = None
    allowed: tuple[str, ...] | None = None
    topics: tuple[str, ...] = ("Music",)
    language: str = ""
    home_region: str = "US"
    kind: str = "official"
    song: int | None = None


@dataclass(slots=True)
class Channel:
    """One channel; its uploads are kept newest first."""

    id: str
    title: str
    handle: str
    uploads: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Playlist:
    """Ids in order; one that no video has stands for a deleted video."""

    id: str
    title: str
    channel_id: str
    video_ids: list[str]
    privacy: str = "public"


class World:
    """All videos, channels and playlists. Add everything first; indexes are built on first use."""

    def __init__(self) -> None:
        self.videos: dict[str, Video] = {}
        self.channels: dict[str, Channel] = {}
        self.playlists: dict[str, Playlist] = {}

    def add_video(self, video: Video) -> None:
        channel = self.channels.get(video.channel_id)
        if channel is None:
            channel = Channel(video.channel_id, video.channel_title, _draw_handle(video))
            self.channels[channel.id] = channel
        if video.id not in self.videos:
            channel.uploads.append(video.id)
        self.videos[video.id] = video

    def finish(self) -> None:
        """Sort every channel's uploads, newest first."""
        for channel in self.channels.values():
            channel.uploads.sort(key=lambda i: (self.videos[i].published_at, i), reverse=True)

    def get_public(self, video_id: str) -> Video | None:
        video = self.videos.get(video_id)
        return video if video and video.privacy != "private" and video.upload != "deleted" else None

    def get_playlist(self, playlist_id: str) -> Playlist | None:
        channel = self.channels.get("UC" + playlist_id[2:])
        if playlist_id.startswith("UU") and channel is not None:
            return Playlist(playlist_id, "Uploads", channel.id, channel.uploads)
        return self.playlists.get(playlist_id)

    @lru_cache(maxsize=256)  # noqa: B019  one world a process
    def get_chart(self, region: str) -> list[Video]:
        """The most viewed there: own artists count fully, others by how far they travel."""
        official = (v for v in self._listed if v.category == MUSIC and v.kind == "official")
        return heapq.nlargest(CHART_LENGTH, official, key=lambda v: _chart_views(v, region))

    def search(self, query: str, *, category: str | None = None, limit: int = 50) -> list[Video]:
        """The videos that match best: rare words count most, then views."""
        words = [w for word in split_words(query) for w in self._known_words(word)]
        scores: Counter[int] = Counter()
        for word in words:
            rarity = math.log(1 + len(self._listed) / len(self._postings[word]))
            for position, weight in self._postings[word]:
                scores[position] += rarity * weight
        if not scores:
            return []
        floor = 0.2 * max(scores.values())
        ranked = sorted(
            (p for p, score in scores.items() if score >= floor),
            key=lambda p: -scores[p] * (1 + 0.02 * math.log10(1 + self._listed[p].views)),
        )
        matches = (self._listed[p] for p in ranked)
        return [v for v in matches if category in (None, v.category)][:limit]

    def search_channels(self, query: str) -> list[Channel]:
        wanted = " ".join(split_words(query))
        return [c for c in self.channels.values() if " ".join(split_words(c.title)) == wanted]

    @cached_property
    def _listed(self) -> list[Video]:
        """What search and charts show: public and not deleted."""
        return [v for v in self.videos.values() if v.privacy == "public" and v.upload != "deleted"]

    @cached_property
    def _postings(self) -> dict[str, list[tuple[int, float]]]:
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, video in enumerate(self._listed):
            weights = dict.fromkeys(split_words(video.channel_title), 0.8)
            weights |= dict.fromkeys(split_words(video.title), 1.0)
            for word, weight in weights.items():
                postings[word].append((position, weight))
        return dict(postings)

    @cached_property
    def _vocabulary(self) -> list[str]:
        return list(self._postings)

    def _known_words(self, word: str) -> Iterable[str]:
        """The word itself, or its likeliest spelling, as YouTube corrects what is misspelt."""
        if word in self._postings:
            return (word,)
        found = process.extractOne(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=75)
        return (found[0],) if found else ()


def split_words(text: str) -> list[str]:
    """Lower-case words without accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def make_video_id(*key: object) -> str:
    """An 11-character id that depends on ``key`` only."""
    return _digest(key, 9)[:11]


def make_channel_id(*key: object) -> str:
    """An id of 24 characters, beginning with UC, that depends on ``key`` only."""
    return "UC" + _digest(key, 18)[:22]


def _draw_handle(video: Video) -> str:
    """Half of all channels have their name as handle; a fifth one that nobody can guess."""
    name = re.sub(r"\W", "", video.channel_title).lower()
    lot = hashlib.blake2b(name.encode(), digest_size=1).digest()[0] / 256
    if lot < 0.5 or name.endswith(("vevo", "official")):
        return f"@{name}"
    if lot < 0.7:
        return f"@{name}official"
    return f"@{name}music" if lot < 0.8 else f"@user-{name[:3]}{video.channel_id[-6:].lower()}"


def _digest(key: tuple[object, ...], n_bytes: int) -> str:
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return base64.urlsafe_b64encode(digest[:n_bytes]).decode()


def _chart_views(video: Video, region: str) -> float:
    if video.home_region == region:
        return float(video.views)
    travel = hashlib.blake2b(f"{video.id}{region}".encode(), digest_size=2).digest()
    return video.views * (int.from_bytes(travel) / 65_535) ** 3 * 0.2
