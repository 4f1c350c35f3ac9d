"""The third rung: remembered answers, including that nothing was found."""

from music.caching import queries
from music.catalogue.climb import Climb
from music.models import Song

ASKED = "asked"
"""In place of a rung's name: the song was not found, and YouTube was not searched for it either."""


def climb_remembered(climb: Climb) -> None:
    """Settle names that were asked before, unless their song is gone.

    Record the unsuccessful ones.
    """
    known = queries.fetch_many(list(climb.pending))
    ids = {i for answer in known.values() for i in answer.candidate_ids}
    ids |= {answer.song_id for answer in known.values() if answer.song_id is not None}
    present = _find_present(ids) if ids else set()
    for key, answer in known.items():
        others = [i for i in answer.candidate_ids if i in present]
        if answer.song_id in present:
            climb.settle(
                key,
                answer.song_id,
                video_id=answer.video_id,
                confidence=answer.confidence,
                rung="query_cache",
                alternatives=others,
            )
        elif answer.song_id is None:
            climb.suggest(key, others)
            (climb.asked if answer.rung == ASKED else climb.vain).add(key)


def give_up_vain(climb: Climb) -> None:
    """Give up names that YouTube was asked about without success, until that answer expires.

    Comes after the stored songs: the song may have been stored since.
    """
    for key in climb.vain:
        if not climb.settle_fallback(key):
            climb.give_up(key)


def _find_present(song_ids: set[str]) -> set[str]:
    songs = Song.objects.answering().filter(address__in=song_ids)
    return set(songs.values_list("address", flat=True))
