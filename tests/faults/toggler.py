"""A worker on one of two machines, which likes, unlikes and dismisses the same few songs as others.

Run as ``python -m tests.faults.toggler NUMBER SECONDS JOURNAL LOCKS`` in the environment of its
machine. A worker holds the song's lock in the folder LOCKS while it works, so operations on one
song have an order known to all, and the last acknowledged operation is what must be kept.
"""

import fcntl
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunetrace_site.settings")

import django

django.setup()

from django.db import DatabaseError, InterfaceError, close_old_connections  # noqa: E402

from accounts.models import User  # noqa: E402
from music.domain.dismissals import dismiss_song, undo_dismissal  # noqa: E402
from music.domain.likes import (  # noqa: E402
    record_likes,
    set_learning,
    unlike_song,
)
from music.domain.songs import Named  # noqa: E402
from music.errors import NotFound  # noqa: E402
from music.models import Song, UserLikedSong  # noqa: E402
from tunetrace_site.replication.background import start_relay_thread  # noqa: E402
from tunetrace_site.replication.failures import Unavailable  # noqa: E402
from tunetrace_site.replication.unit import run_unit  # noqa: E402

N_SONGS = 8
LISTENER = "ann"
# Clocks of SQLite tell whole milliseconds, and an order of changes is told by clocks.
_APART_SECONDS = 0.005


def song_of(number: int) -> str:
    return f"song{number}"


class Toggler:
    """Journals the results of its operations, in the order known to all workers."""

    def __init__(self, number: int, journal: Path, locks: Path) -> None:
        self.chance = random.Random(number)
        self.journal = os.open(journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self.locks = locks

    def run(self, seconds: float) -> None:
        """Leave one song after another alone, so that some last operations fall into the outage."""
        began_at = time.time()
        kinds = [self.like, self.like, self.unlike, self.set_flag, self.dismiss, self.allow]
        while (done := (time.time() - began_at) / seconds) < 1:
            song = song_of(self.chance.randrange(int(done * N_SONGS), N_SONGS))
            with self.locked(song):
                self.chance.choice(kinds)(song)
                time.sleep(_APART_SECONDS)
            time.sleep(0.02 * self.chance.random())

    @contextmanager
    def locked(self, song: str) -> Iterator[None]:
        with (self.locks / song).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def do(self, key: str, value: object, action: Callable[[], object]) -> None:
        outcome, at = "ok", time.time()
        close_old_connections()
        try:
            run_unit(action)
        except NotFound:
            outcome = "not found"
        except Unavailable:
            outcome = "refused"
        except (DatabaseError, InterfaceError) as error:
            outcome = f"error: {type(error).__name__}: {str(error)[:120]}"
        entry = {"at": at, "key": key, "value": value, "outcome": outcome}
        os.write(self.journal, (json.dumps(entry) + "\n").encode())

    def like(self, song: str) -> None:
        def action() -> None:
            named = Named(Song.objects.get(title=song), None)
            record_likes(User.objects.get(user_id=LISTENER), [(song, named)])

        self.do(f"like {song}", True, action)

    def unlike(self, song: str) -> None:
        def action() -> None:
            listener = User.objects.get(user_id=LISTENER)
            like = listener.liked_songs.filter(song_name=song).first()
            unlike_song(listener=listener, like_id=like.pk if like else 0)

        self.do(f"like {song}", None, action)

    def set_flag(self, song: str) -> None:
        def action() -> None:
            listener = User.objects.get(user_id=LISTENER)
            like = UserLikedSong.objects.filter(user=listener, song_name=song).first()
            set_learning(listener=listener, like_id=like.pk if like else 0, learn=True)

        self.do(f"like {song}", True, action)

    def dismiss(self, song: str) -> None:
        def action() -> None:
            # Another song than those that are liked: a like would end its dismissal.
            other = Song.objects.get(title=f"other {song}")
            dismiss_song(listener=User.objects.get(user_id=LISTENER), reference=other.address)

        self.do(f"dismissal {song}", True, action)

    def allow(self, song: str) -> None:
        def action() -> None:
            other = Song.objects.get(title=f"other {song}")
            undo_dismissal(listener=User.objects.get(user_id=LISTENER), reference=other.address)

        self.do(f"dismissal {song}", None, action)


if __name__ == "__main__":
    start_relay_thread()
    Toggler(int(sys.argv[1]), Path(sys.argv[3]), Path(sys.argv[4])).run(float(sys.argv[2]))
