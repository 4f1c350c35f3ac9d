"""The description of a song for the recommender."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SongDocument:
    """Text and facts of one song, from whatever source knows it.

    ``tag_weights`` runs parallel to ``tags`` where a source counts how often each was given
    (Last.fm does); empty means that all tags count alike. ``energy`` goes from 1 (still) to 5 (full
    force), ``occasions`` are what the song is for ("party"). ``near_artists`` are artists near the
    song's own, itself among them, each with its nearness (``artist_vectors``), ``country`` is where
    the artist comes from. ``None`` and ``""`` mean unknown.
    """

    song_id: str
    title: str
    artist: str
    genre: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    channel: str = ""
    year: int | None = None
    language: str = ""
    view_count: int | None = None
    duration_seconds: int | None = None
    tag_weights: tuple[float, ...] = ()
    energy: int | None = None
    occasions: tuple[str, ...] = ()
    is_instrumental: bool | None = None
    near_artists: tuple[tuple[str, float], ...] = ()
    country: str = ""
