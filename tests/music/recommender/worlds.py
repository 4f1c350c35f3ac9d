"""A small world for the recommender's tests: metal listeners and bossa nova listeners."""

from music.recommender import Interaction, Snapshot, SongDocument, build_snapshot

METAL = tuple(f"metal{number:02}" for number in range(20))
BOSSA = tuple(f"bossa{number:02}" for number in range(20))
SONGS = METAL + BOSSA


def make_document(song_id: str, **facts) -> SongDocument:
    """A song whose id says what it is: ``metal07`` is a metal song of metal band 3."""
    kind = song_id.rstrip("0123456789")
    given = {
        "title": f"Song {song_id}",
        "artist": f"{kind} band {int(song_id[len(kind) :]) // 2}",
        "genre": kind,
        "tags": (kind,),
    }
    return SongDocument(song_id, **given | facts)


def make_interactions() -> list[Interaction]:
    """Thirty listeners, each with every other song of one kind."""
    return [
        Interaction(f"{songs[0]} listener {number}", song)
        for songs in (METAL, BOSSA)
        for number in range(15)
        for song in songs[number % 5 :: 2]
    ]


def make_snapshot(*more: SongDocument) -> Snapshot:
    """The fitted small world, with ``more`` songs that nobody likes."""
    return build_snapshot([*map(make_document, SONGS), *more], make_interactions())


def kinds(recommendations) -> list[str]:
    """The kind of each recommended song, in order."""
    return [item.song_id.rstrip("0123456789") for item in recommendations]
