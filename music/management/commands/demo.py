"""Command: fill a demo site with made-up listeners, likes, plays and suggestions.

It also makes an operator.
"""

import random
from secrets import token_urlsafe
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from music.domain.dismissals import dismiss_song
from music.domain.likes import like_song, list_likes
from music.domain.listens import record_playback
from music.domain.suggestions import suggest_for_listener
from music.models import Playback, Song
from music.names.genres import expand_genre
from tunetrace_site.replication.unit import unit_of_work

N_LIKES = 18
N_BEST_KNOWN = 80
"""A listener's likes are drawn from this many songs of each genre, the best known."""
N_TAKEN_UP = 3
"""The number of suggested songs that each listener plays; all but one of them are liked."""
DOMAIN = "demo.example"


class MadeUpListener(NamedTuple):
    """A made-up listener: their name, and the genres that they like, the favourite first."""

    name: str
    genres: tuple[str, ...]


LISTENERS = (
    MadeUpListener("Mara", ("Rock", "Folk")),
    MadeUpListener("Jonas", ("Rock", "Metal")),
    MadeUpListener("Priya", ("Pop", "R&B")),
    MadeUpListener("Tomasz", ("Electronic", "Pop")),
    MadeUpListener("Aiko", ("Pop", "Jazz")),
    MadeUpListener("Luis", ("Latin", "Pop")),
    MadeUpListener("Nadia", ("Hip-Hop", "R&B")),
    MadeUpListener("Owen", ("Country", "Folk")),
    MadeUpListener("Chloé", ("Jazz", "Soul")),
    MadeUpListener("Samuel", ("Hip-Hop", "Electronic")),
    MadeUpListener("Ingrid", ("Classical", "Jazz")),
    MadeUpListener("Felix", ("Rock", "Electronic")),
)


class Command(BaseCommand):
    help = (
        "Fill a site with made-up listeners, so that there is something to look at, and make an "
        "operator and print how to sign in. Needs DEBUG=true and the bundled catalogue. Repeated, "
        "it only sets a new password (`make demo` does it all, in a database of its own)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "demo makes accounts whose password it prints, on a site for trying out only: "
                "set DEBUG=true, and SQLITE_DATABASE_URL to a database that you can throw away."
            )
        if not Song.objects.filter(is_bundled=True).exists():
            raise CommandError("There are no songs yet: run load_catalogue first.")
        password = token_urlsafe(9)
        operator = _find_or_make("operator", "Operator", password, is_operator=True)
        listeners = [
            (_find_or_make(f"listener{n}", taste.name, password), taste)
            for n, taste in enumerate(LISTENERS, start=1)
        ]
        new = [(who, taste) for who, taste in listeners if not list_likes(listener=who).exists()]
        for listener, taste in new:
            _like_what_they_like(listener, taste)
        for listener, taste in new:  # after all have likes, since suggestions learn from everybody
            _take_up_suggestions(listener, taste)
        self.stdout.write(
            f"{len(listeners)} listeners like songs now. Sign in at /accounts/login/ with the "
            f"password {password}\n"
            f"  {operator.email}, then open /admin/\n"
            f"  {listeners[0][0].email} and the others: {', '.join(t.name for _, t in listeners)}"
        )


def _find_or_make(local_part: str, name: str, password: str, *, is_operator: bool = False) -> User:
    """Return the demo's account of that address, with ``password`` from now on."""
    email = f"{local_part}@{DOMAIN}"
    with unit_of_work():
        user = User.objects.filter(email=email).first()
        if user is not None:
            user.set_password(password)
            user.save(update_fields=["password"])
        elif is_operator:
            user = User.objects.create_superuser(email, password, display_name=name)
        else:
            user = User.objects.create_user(email, password, display_name=name)
            # No mail can reach the address: it counts as proven.
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _like_what_they_like(listener: User, taste: MadeUpListener) -> None:
    """Like well-known songs, more of the first genre, and play a few; the same every time."""
    chance = random.Random(taste.name)
    for share, genre in zip((2, 1), taste.genres, strict=True):
        songs = Song.objects.filter(genre__in=expand_genre(genre) or (), is_bundled=True)
        best_known = list(songs.order_by("-popularity", "address")[:N_BEST_KNOWN])
        for song in chance.sample(best_known, min(N_LIKES * share // 3, len(best_known))):
            like_song(
                listener=listener,
                song_name=f"{song.artist} {song.title}",
                reference=song.address,
            )
            if chance.random() < 0.5:
                record_playback(listener=listener, reference=song.address, kind=Playback.Kind.PLAY)


def _take_up_suggestions(listener: User, taste: MadeUpListener) -> None:
    """Play a few songs of the listener's suggestions, like some, and dismiss one."""
    chance = random.Random(taste.name)
    suggested = suggest_for_listener(listener=listener).suggestions
    chosen = chance.sample(suggested, min(N_TAKEN_UP + 1, len(suggested)))
    for suggestion in chosen[:-1]:
        record_playback(listener=listener, reference=suggestion.song_id, kind=Playback.Kind.PLAY)
    for suggestion in chosen[1:-1]:
        like_song(listener=listener, song_name=str(suggestion), reference=suggestion.song_id)
    for suggestion in chosen[-1:]:
        dismiss_song(listener=listener, reference=suggestion.song_id)
