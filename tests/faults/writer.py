"""A worker process of the fault campaign, which writes and journals the results it gets.

Run as ``python -m tests.faults.writer NUMBER SECONDS JOURNAL [SABOTAGE]`` in the site's
environment. Before each operation it journals what the operation would leave behind, and after it
the outcome: ``ok`` means acknowledged. Every process runs the relay thread, as a web worker does.
"""

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunetrace_site.settings")

import django

django.setup()

from django.core.exceptions import ObjectDoesNotExist  # noqa: E402
from django.db import DatabaseError, InterfaceError, close_old_connections  # noqa: E402

from accounts.models import User  # noqa: E402
from music.models import UserLikedSong, VideoFeature  # noqa: E402
from tests.faults import sabotage  # noqa: E402
from tunetrace_site.replication.background import start_relay_thread  # noqa: E402
from tunetrace_site.replication.failures import Unavailable, is_unavailable  # noqa: E402
from tunetrace_site.replication.unit import run_unit  # noqa: E402

PAUSE_SECONDS = float(os.environ.get("WRITER_PAUSE_SECONDS", "0.01"))
# A file of this name beside the journals ends every writer.
STOP = "stop"

Effects = dict[str, Any]


class Writer:
    """A writer of rows of its own (their names begin with its number) and of the shared songs."""

    def __init__(self, number: int, journal: Path) -> None:
        self.me = f"w{number}"
        self.chance = random.Random(number)
        self.stop = journal.with_name(STOP)
        self.journal = os.open(journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self.n = 0
        self.songs: list[str] = []
        self.others: list[str] = []

    def log(self, **fields: Any) -> None:
        os.write(self.journal, (json.dumps(fields) + "\n").encode())

    def do(self, name: str, effects: Effects, action, write: bool = True) -> tuple[str, Any]:
        """Run one operation through ``run_unit``; return its outcome and result."""
        began = time.time()
        self.log(kind="call", at=began, name=name, effects=effects)
        result, outcome = None, "ok"
        close_old_connections()  # as Django does when a request begins
        try:
            result = run_unit(action, write=write)
        except Unavailable:
            outcome = "refused"
        except (DatabaseError, InterfaceError, ObjectDoesNotExist) as error:
            # A row that was confirmed may be gone. SQLite alone refuses in its own words: nobody
            # could be asked instead.
            name = f"error: {type(error).__name__}: {str(error)[:120]}"
            outcome = "refused" if is_unavailable(error) else name
        seconds = time.time() - began
        self.log(kind="return", at=began, name=name, outcome=outcome, seconds=seconds)
        return outcome, result

    def run(self, seconds: float) -> None:
        self.do("join", {f"user {self.me}": ""}, self._join)
        ends_at = time.time() + seconds
        kinds = [self.add, self.add, self.remove, self.rename, self.edit, self.add_five]
        kinds += [self.add_listener, self.remove_listener, self.store_shared_song]
        while time.time() < ends_at and not self.stop.exists():
            self.n += 1
            self.chance.choice(kinds)()
            time.sleep(PAUSE_SECONDS * 2 * self.chance.random())

    def _join(self) -> None:
        User.objects.get_or_create(user_id=self.me)

    def _user(self) -> User:
        return User.objects.get(user_id=self.me)

    def add(self) -> None:
        song = f"{self.me} {self.n}"

        def action() -> None:
            UserLikedSong.objects.get_or_create(user=self._user(), song_name=song)

        outcome, _ = self.do("add", {f"like {song}": True}, action)
        if outcome == "ok":
            self.songs.append(song)
            self._read_own_write(song)

    def _read_own_write(self, song: str) -> None:
        likes = UserLikedSong.objects.filter(song_name=song)
        outcome, n_found = self.do("read", {}, likes.count, write=False)
        if outcome == "ok" and n_found != 1:
            self.log(kind="unread", song=song)

    def remove(self) -> None:
        if self.songs:
            song = self.songs.pop(self.chance.randrange(len(self.songs)))
            likes = UserLikedSong.objects.filter(song_name=song)
            self.do("remove", {f"like {song}": None}, likes.delete)

    def rename(self) -> None:
        name = f"name {self.n}"
        users = User.objects.filter(user_id=self.me)
        self.do("rename", {f"user {self.me}": name}, lambda: users.update(display_name=name))

    def edit(self) -> None:
        if not self.songs:
            return
        song, learn = self.chance.choice(self.songs), self.chance.random() < 0.5

        def action() -> None:
            like = UserLikedSong.objects.get(song_name=song)
            like.learn = learn
            like.save()

        self.do("edit", {f"like {song}": learn}, action)

    def add_five(self) -> None:
        songs = [f"{self.me} {self.n}.{i}" for i in range(5)]

        def action() -> None:
            user = self._user()
            rows = [UserLikedSong(user=user, song_name=song) for song in songs]
            UserLikedSong.objects.bulk_create(rows, ignore_conflicts=True)

        outcome, _ = self.do("add five", {f"like {song}": True for song in songs}, action)
        if outcome == "ok":
            self.songs += songs

    def add_listener(self) -> None:
        name = f"{self.me}-{self.n}"

        def action() -> None:
            user, _ = User.objects.get_or_create(user_id=name)
            UserLikedSong.objects.get_or_create(user=user, song_name=name)

        outcome, _ = self.do("listener", {f"user {name}": "", f"like {name}": True}, action)
        if outcome == "ok":
            self.others.append(name)

    def remove_listener(self) -> None:
        if self.others:
            name = self.others.pop(0)
            users = User.objects.filter(user_id=name)
            self.do("leave", {f"user {name}": None, f"like {name}": None}, users.delete)

    def store_shared_song(self) -> None:
        """Write a row that other processes write too.

        Only the equality of both databases is checked.
        """
        row = VideoFeature(
            video_id=f"shared{self.chance.randrange(5)}", title=f"{self.me} {self.n}"
        )

        def action() -> None:
            VideoFeature.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["video_id"], update_fields=["title"]
            )

        self.do("shared", {}, action)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        sabotage.apply(sys.argv[4])
    start_relay_thread()
    Writer(int(sys.argv[1]), Path(sys.argv[3])).run(float(sys.argv[2]))
