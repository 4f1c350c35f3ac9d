"""The songs that listeners of a simulated day want, and how they write them."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import accumulate

from tests.servers.youtube_world.synthetic import Song

SONGS_EACH = 10


def make_drawer(songs: list[Song], chance: random.Random) -> Callable[[], list[tuple[str, Song]]]:
    """Return a function that draws ten different songs by Zipf's law, written as people write."""
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(songs))))
    titles = Counter(song.title for song in songs)

    def draw() -> list[tuple[str, Song]]:
        chosen: dict[int, None] = {}
        while len(chosen) < SONGS_EACH:
            chosen[chance.choices(range(len(songs)), cum_weights=weights)[0]] = None
        picked = [songs[rank] for rank in chosen]
        return [(write(song, chance, titles[song.title] == 1), song) for song in picked]

    return draw


def write(song: Song, chance: random.Random, is_only_one: bool) -> str:
    """Return a song's name as somebody might write it; a title alone only if it is unique."""
    style = chance.random()
    if style < 0.65:
        return f"{song.artist} - {song.title}"
    if style < 0.80:
        return f"{song.title} {song.artist}".lower()
    if style < 0.85:
        return f"{song.artist} - {song.title} (Official Video)"
    if style < 0.90:
        return misspell(f"{song.artist} {song.title}", chance)
    if style < 0.95 and is_only_one:
        return song.title
    return f"{song.title} by {song.artist}"


def misspell(text: str, chance: random.Random) -> str:
    """Return a text with one letter left out."""
    place = chance.choice([n for n, letter in enumerate(text) if letter.isalpha() and n > 0])
    return text[:place] + text[place + 1 :]
