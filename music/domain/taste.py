"""Statistics of a listener's likes by genre, decade, artist and language."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from music.models import UserLikedSong

TOP_N = 12


@dataclass(frozen=True, slots=True)
class TasteCounts:
    """Pairs of a label and how many liked songs have it, most frequent first."""

    n_likes: int
    genres: tuple[tuple[str, int], ...]
    decades: tuple[tuple[str, int], ...]
    artists: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]


def describe_taste(*, listener: User) -> TasteCounts:
    """Return counts over the listener's likes that have a song; decades in order of time.

    YouTube's "en-US" and "en-GB" count as one language.
    """
    rows = list(
        UserLikedSong.objects.liked_by(listener)
        .filter(song__address__isnull=False)
        .values_list("song__genre", "song__year", "song__artist", "song__language")
    )
    genres, years, artists, languages = zip(*rows, strict=True) if rows else ((), (), (), ())
    decades = Counter(f"{year // 10 * 10}s" for year in years if year)
    return TasteCounts(
        n_likes=len(rows),
        genres=_top(genres),
        decades=tuple(sorted(decades.items())),
        artists=_top(artists),
        languages=_top(code.partition("-")[0] for code in languages),
    )


def _top(labels: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(label for label in labels if label)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP_N])
