"""A made-up music world with a known truth: artists, songs, and who uploaded what of them.

Every song is uploaded the way real ones are: by the label ("Artist - Topic"), by the artist
("ArtistVEVO", "Artist", "Artist Official"), and by others as lyrics, covers, live recordings,
karaoke, remixes and nameless copies. The same arguments always give the same world.
"""

import random

from .names import draw_artist_names, draw_song_title
from .uploads import GENRES, RIGHT_KINDS, Artist, Song, Uploads
from .world import World

__all__ = ["RIGHT_KINDS", "Song", "build_synthetic_world"]

REGIONS = (
    "US GB DE FR BR MX IN JP KR ID ES IT CA AU AR CO PL TR NL SE NO DK FI PT GR CZ HU RO BG UA "
    "ZA NG KE EG MA SA AE IL TH VN PH MY SG TW HK CL PE EC VE UY BE AT CH IE NZ PK BD LK IS HR"
).split()
ARTISTS_PER_HUB = 60
"""How many artists there are for each channel that uploads what others made."""


def build_synthetic_world(
    *, n_artists: int = 2000, n_songs: int = 20_000, seed: int = 7
) -> tuple[World, list[Song]]:
    """The world and its songs, the most popular first."""
    rng = random.Random(seed)
    artists = [_draw_artist(rng, name) for name in draw_artist_names(rng, n_artists)]
    drawn = [
        (artist.fame * rng.lognormvariate(0, 1.2), artist, title)
        for artist, n in zip(artists, _split_songs(rng, n_artists, n_songs), strict=True)
        for title in _draw_titles(rng, n)
    ]
    drawn.sort(key=lambda row: -row[0])
    world, songs = World(), []
    uploads = Uploads(rng, world, n_hubs=max(n_artists // ARTISTS_PER_HUB, 1))
    for rank, (_, artist, title) in enumerate(drawn):
        song = Song(artist.name, title, rank)
        songs.append(song)
        uploads.upload_all(artist, song)
    world.finish()
    return world, songs


def _draw_artist(rng: random.Random, name: str) -> Artist:
    style = rng.choices(("{}", "{}VEVO", "{} Official"), (55, 30, 15))[0]
    return Artist(
        name=name,
        # A quarter of all artists come from the first region, few from the last.
        region=REGIONS[min(int(rng.expovariate(0.09)), len(REGIONS) - 1)],
        topic=rng.choice(list(GENRES)),
        fame=rng.lognormvariate(0, 1.3),
        channel_title=style.format(name.replace(" ", "") if "VEVO" in style else name),
    )


def _split_songs(rng: random.Random, n_artists: int, n_songs: int) -> list[int]:
    """How many songs each artist has: at least one, ``n_songs`` in all."""
    counts = [1] * n_artists
    for position in rng.choices(
        range(n_artists),
        weights=[rng.lognormvariate(0, 0.5) for _ in range(n_artists)],
        k=n_songs - n_artists,
    ):
        counts[position] += 1
    return counts


def _draw_titles(rng: random.Random, n: int) -> list[str]:
    titles: dict[str, None] = {}
    while len(titles) < n:
        titles[draw_song_title(rng)] = None
    return list(titles)
