"""A made-up catalogue with listeners, of any size, for the recommender's benchmarks.

Songs belong to artists, artists to one of a hundred scenes; listeners like songs of three scenes,
well-known ones more often. Names, tags and counts follow Zipf's law, as real ones do.
"""

from collections.abc import Iterator

import numpy as np

from music.recommender.documents import SongDocument
from music.recommender.interactions import Interaction

N_SCENES = 100
LIKES_PER_LISTENER = 20


def make_documents(n_songs: int) -> list[SongDocument]:
    """``n_songs`` songs of about a fifth as many artists, with ten tags each."""
    random = np.random.default_rng(1)
    artists = random.zipf(1.6, n_songs) % max(n_songs // 5, 1)
    tags = random.zipf(1.3, (n_songs, 6)) % 400
    moods = random.integers(0, 300, (n_songs, 3))
    return [
        SongDocument(
            song_id=f"{song:011d}",
            title=f"Artist {artist} - Word{song % 5003} Word{song % 9001} (Official Video)",
            artist=f"Artist {artist}",
            genre=f"scene {artist % N_SCENES}",
            tags=(
                f"scene {artist % N_SCENES}",
                *(f"scene {artist % N_SCENES} tag {tag}" for tag in song_tags),
                *(f"mood {mood}" for mood in song_moods),
            ),
            year=1950 + song % 75,
            view_count=int(1e9 / (1 + song)),
            duration_seconds=150 + song % 200,
        )
        for song, (artist, song_tags, song_moods) in enumerate(
            zip(artists.tolist(), tags.tolist(), moods.tolist(), strict=True)
        )
    ]


def make_interactions(documents: list[SongDocument], n_likes: int) -> Iterator[Interaction]:
    """``n_likes`` likes of listeners with three scenes each."""
    random = np.random.default_rng(2)
    scene_of = np.array([int(document.genre.split()[1]) for document in documents])
    songs_of = [np.flatnonzero(scene_of == scene) for scene in range(N_SCENES)]
    songs_of = [songs for songs in songs_of if songs.size]
    for listener in range(n_likes // LIKES_PER_LISTENER):
        tastes = random.integers(0, len(songs_of), 3)
        for taste in random.choice(tastes, LIKES_PER_LISTENER).tolist():
            songs = songs_of[taste]
            place = int(songs.size * random.random() ** 3)
            yield Interaction(f"listener {listener}", documents[int(songs[place])].song_id)
