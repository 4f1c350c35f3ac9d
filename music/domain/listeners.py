"""A listener's taste, in the one form that suggestions are made from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from accounts.models import User
from music.caching import keys, liked_songs, listeners
from music.models import Dismissal, Playback, Steering, UserLikedSong
from music.names.normalization import normalize_key
from tunetrace_site.replication.prepared import PreparedQuery
from tunetrace_site.replication.unit import on_commit

MAX_PLAYBACKS = 500
_LIKES = PreparedQuery(
    UserLikedSong,
    lambda listener: UserLikedSong.objects.liked_by(listener).values_list(
        "song_name", "song__address", "learn"
    ),
)
_DISMISSED = PreparedQuery(
    Dismissal,
    lambda listener: (
        Dismissal.objects.filter(user=listener, song__address__isnull=False)
        .order_by("-created_at", "id")
        .values_list("song__address", "created_at")
    ),
)
_PLAYBACKS = PreparedQuery(
    Playback,
    lambda listener: (
        Playback.objects.filter(user=listener, song__address__isnull=False)
        .order_by("-created_at", "id")
        .values_list("kind", "song__address", "created_at")[:MAX_PLAYBACKS]
    ),
)
_STEERED = PreparedQuery(
    Steering,
    lambda listener: Steering.objects.filter(user=listener).values_list("kind", "key"),
)


@dataclass(frozen=True)
class LikedSong:
    """A like: the listener's words, the song's address if found, whether to learn from it."""

    song_name: str
    song_id: str | None
    learn: bool


@dataclass(frozen=True)
class TimedSong:
    """A song (its address) that was dismissed, played or skipped, and when (POSIX seconds)."""

    song_id: str
    at: float


@dataclass(frozen=True)
class Taste:
    """A listener's implicit feedback, each kind newest first."""

    likes: tuple[LikedSong, ...] = ()
    dismissed: tuple[TimedSong, ...] = ()
    played: tuple[TimedSong, ...] = ()
    skipped: tuple[TimedSong, ...] = ()
    hidden_artists: tuple[str, ...] = ()
    """Keys of artists of whom nothing is to be suggested."""
    less_like: tuple[str, ...] = ()
    """Addresses of songs that are to count less."""

    @cached_property
    def digest(self) -> str:
        """A text for cache keys, equal for equal tastes and only for those."""
        kinds = {"dismissed": self.dismissed, "played": self.played, "skipped": self.skipped}
        return keys.taste_digest(
            likes=((like.song_name, like.song_id, like.learn) for like in self.likes),
            feedback=(
                *((kind, song.song_id, song.at) for kind, songs in kinds.items() for song in songs),
                *(("hidden artist", key, 0.0) for key in self.hidden_artists),
                *(("less like", song_id, 0.0) for song_id in self.less_like),
            ),
        )

    def with_likes(self, likes: Iterable[LikedSong]) -> "Taste":
        """Return the taste with new likes added; a like ends a dismissal of its song."""
        made = {like.song_name: like for like in likes}
        songs = {like.song_id for like in made.values()}
        return replace(
            self,
            likes=(*made.values(), *(li for li in self.likes if li.song_name not in made)),
            dismissed=tuple(song for song in self.dismissed if song.song_id not in songs),
        )

    @cached_property
    def liked_words(self) -> frozenset[str]:
        """Normalised names of all likes."""
        return frozenset(normalize_key(like.song_name) for like in self.likes)


NO_TASTE = Taste()


def load_taste(listener: User) -> Taste:
    """Return the listener's taste from the liked-songs tier, or by four queries.

    A listener who is not stored yet has none.
    """
    if listener._state.adding:
        return NO_TASTE
    return liked_songs.fetch(listener.pk, lambda: _read_taste(listener))


@dataclass(frozen=True, slots=True)
class Opinions:
    """The primary keys of the songs that a listener likes, and of those dismissed."""

    liked: frozenset[int | None] = frozenset()
    dismissed: frozenset[int | None] = frozenset()


NO_OPINIONS = Opinions()


def load_opinions(listener: User) -> Opinions:
    """Return what the listener said of songs, cached as their taste is, or by two queries."""
    return listeners.fetch_of_listener("opinions", listener.pk, lambda: _read_opinions(listener))


def _read_opinions(listener: User) -> Opinions:
    likes, dismissals = (
        model.objects.filter(user=listener).exclude(song=None).values_list("song_id", flat=True)
        for model in (UserLikedSong, Dismissal)
    )
    return Opinions(frozenset(likes), frozenset(dismissals))


def forget_taste(listener: User) -> None:
    """Make every process read the listener's taste again once this unit has committed."""
    listener_pk = listener.pk
    on_commit(lambda: liked_songs.invalidate(listener_pk))


def _read_taste(listener: User) -> Taste:
    heard: dict[str, list[TimedSong]] = {kind: [] for kind in Playback.Kind.values}
    for kind, song_id, created_at in _PLAYBACKS.fetch(listener.pk):
        heard[kind].append(TimedSong(song_id, created_at.timestamp()))
    steered: dict[str, list[str]] = {kind: [] for kind in Steering.Kind.values}
    for kind, key in _STEERED.fetch(listener.pk):
        steered[kind].append(key)
    if steered[Steering.Kind.NO_PLAYS]:
        heard = {kind: [] for kind in Playback.Kind.values}
    return Taste(
        likes=tuple(LikedSong(*row) for row in _LIKES.fetch(listener.pk)),
        dismissed=tuple(
            TimedSong(song_id, at.timestamp()) for song_id, at in _DISMISSED.fetch(listener.pk)
        ),
        played=tuple(heard[Playback.Kind.PLAY]),
        skipped=tuple(heard[Playback.Kind.SKIP]),
        hidden_artists=tuple(sorted(steered[Steering.Kind.HIDDEN_ARTIST])),
        less_like=tuple(sorted(steered[Steering.Kind.LESS_LIKE])),
    )
