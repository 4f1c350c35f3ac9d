"""How well titles are taken apart and names are resolved, and how fast.

Run: .venv/bin/python tests/bench/resolving.py [--songs 100000] [--only catalogue]

Catalogue: every song of the bundled catalogue, stored, in each form in which people write names,
and with all but itself stored. Titles: artist and song both right, where the YouTube title holds
both; song right and no artist made up, where it holds the song only. Resolving: half of the
labelled songs are stored; names of them, and of the other half that must not be found. Both need
the large set of labelled videos (``tests/bench/large_sets.py``). Speed: 50 names over a large
made-up stock.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, default=100_000, help="how many for the speed")
    parser.add_argument("--only", choices=REPORTS, help="one of the reports")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "STATE_DIR": folder,
            "SQLITE_DATABASE_URL": f"sqlite:///{folder}/bench.db",
            "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
            "LOG_LEVEL": "error",
        }
        os.environ.pop("YOUTUBE_API_KEY", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        for name, report in REPORTS.items():
            if arguments.only in (None, name):
                report(arguments)
                _empty()


def report_catalogue(_arguments: argparse.Namespace) -> None:
    """Every song of the catalogue in each form; and what its name finds where it is not stored."""
    from django.core.management import call_command

    from music.names.channels import TOPIC
    from music.names.titles import parse_title
    from tests.catalogue_names import FORMS, read_names

    call_command("load_catalogue", verbosity=0)
    songs = read_names()
    n = len(songs)
    print(f"Catalogue, {n:,} songs            right  unresolved     wrong   wrong, not stored")
    for what, form in FORMS.items():
        names = [form(song)[:200] for song in songs]
        right, wrong, strange = _count_found(names, [_address(*song) for song in songs])
        print(
            f"  {what:24} {right / n:9.2%} {(n - right - wrong) / n:10.2%} {wrong / n:9.2%} "
            f"{strange / n:12.2%}"
        )
    parsed = [(s, parse_title(s.title, f"{s.artist}{TOPIC}")) for s in songs]
    right = sum(_address(p.artist, p.song_title) == _address(*s) for s, p in parsed)
    print(f"  {'T on A - Topic':24} {right / n:9.2%}\n")


def _count_found(names: list[str], addresses: list[str]) -> tuple[int, int, int]:
    """How many names found their song, another one, and another one where it is not stored."""
    from music.catalogue.resolver import MAX_NAMES, resolve
    from music.catalogue.rungs.stored import match_names
    from music.names.matching import SURE
    from music.names.song_names import read_name

    right = wrong = strange = 0
    for start in range(0, len(names), MAX_NAMES):
        part, meant = names[start : start + MAX_NAMES], addresses[start : start + MAX_NAMES]
        for answer, address in zip(resolve(part), meant, strict=True):
            right += answer.song_id == address
            wrong += answer.song_id not in (None, address)
        read = [read_name(name) for name in part]
        own = {n.key: [a] for n, a in zip(read, meant, strict=True)}
        best = (matches[0] for matches in match_names(read, own).values() if matches)
        strange += sum(match.confidence >= SURE for match in best)
    return right, wrong, strange


def _address(artist: str, title: str) -> str:
    from music.names.keys import song_address, song_key

    return song_address(*song_key(artist, title))


def _empty() -> None:
    """Forget all songs."""
    from music.catalogue import name_keeping, song_index
    from music.models import Song, VideoFeature
    from tunetrace_site.replication.unit import unit_of_work

    with unit_of_work():
        VideoFeature.objects.all().delete()
        Song.objects.all().delete()
    name_keeping.drop_file()
    song_index.songs.forget()


def report_written(_arguments: argparse.Namespace) -> None:
    """The share of titles of our own set taken apart rightly."""
    from music.names.titles import parse_title
    from tests.bench.written import is_right, read_written
    from tests.catalogue_names import read_artists

    artists, videos = read_artists(), read_written()
    known = (artists.is_known, artists.is_distinct, artists.has_song)
    n_right = sum(is_right(v, parse_title(v.youtube_title, "", *known)) for v in videos)
    print(f"Titles of our own set       {n_right / len(videos):8.1%} of {len(videos)}\n")


def report_labelled(_arguments: argparse.Namespace) -> None:
    """What needs the labelled videos, or one line that says why it is left out."""
    from tests.bench.labelled import read_labelled
    from tests.bench.large_sets import SetMissingError

    try:
        videos = read_labelled()
    except SetMissingError as missing:
        return print(f"Titles and resolving {missing}")
    report_titles([video for video in videos if video.names_song])
    report_resolving(videos)


def report_titles(videos: list) -> None:
    """The share of titles taken apart rightly, on the half that was tuned on and the other."""
    from music.names.titles import parse_title
    from tests.catalogue_names import read_artists

    artists = read_artists()
    print("Titles                      tuned on   held out        n")
    for what, has_artist in (("artist and song in it", True), ("only the song in it", False)):
        shares = []
        for held_out in (False, True):
            group = [v for v in videos if (v.names_artist, v.is_held_out) == (has_artist, held_out)]
            right = 0
            for video in group:
                parsed = parse_title(
                    video.youtube_title, "", artists.is_known, artists.is_distinct, artists.has_song
                )
                is_artist = video.is_artist(parsed.artist) if has_artist else not parsed.artist
                right += is_artist and video.is_song(parsed.song_title)
            shares.append((right / len(group), len(group)))
        print(
            f"{what:26} {shares[0][0]:9.1%} {shares[1][0]:10.1%} {shares[0][1]:5} + {shares[1][1]}"
        )


def report_resolving(videos: list) -> None:
    """Right, unresolved and wrong shares of names of stored songs, and of songs not stored."""
    from music.models import VideoFeature
    from music.records import VideoRecord
    from tests.catalogue_names import mistype
    from tunetrace_site.replication.unit import unit_of_work

    stored = [video for video in videos if not video.is_held_out]
    with unit_of_work():
        VideoFeature.objects.store(
            VideoRecord(v.video_id, v.youtube_title, v.artist, v.song) for v in stored
        )
    others = [v for v in videos if not any(v.is_song(s.song) for s in stored)]
    rng = random.Random(SEED)
    forms: dict[str, Callable] = {
        "artist title": lambda v: f"{v.artist} {v.song}",
        "title by artist": lambda v: f"{v.song} by {v.artist}",
        "title": lambda v: v.song,
        "artist title, mistyped": lambda v: mistype(f"{v.artist} {v.song}", rng),
        "title, mistyped": lambda v: mistype(v.song, rng),
        "YouTube title": lambda v: v.youtube_title,
    }
    print(f"\nResolving, {len(stored)} stored      right  unresolved    wrong   ms a name")
    for what, form in forms.items():
        _report_form(what, [(form(video), video) for video in stored])
    print(f"{len(others)} songs that are not stored")
    for what, form in forms.items():
        _report_form(what, [(form(video), video) for video in others])


def _report_form(what: str, named: list[tuple[str, object]]) -> None:
    from music.catalogue.resolver import MAX_NAMES, resolve
    from music.models import Song

    right = wrong = 0
    seconds = 0.0
    is_title_only = what.startswith("title") and "artist" not in what
    for start in range(0, len(named), MAX_NAMES):
        part = named[start : start + MAX_NAMES]
        began = time.perf_counter()
        answers = resolve([name[:200] for name, _ in part])
        seconds += time.perf_counter() - began
        ids = [answer.song_id for answer in answers]
        songs = Song.objects.in_bulk([i for i in ids if i], field_name="address")
        for (_, video), song_id in zip(part, ids, strict=True):
            if song_id:
                song = songs[song_id]
                is_artist = is_title_only or video.is_artist(song.artist)
                is_right = video.is_song(song.title) and is_artist
                right += is_right
                wrong += not is_right
    n = len(named)
    unresolved = n - right - wrong
    print(
        f"  {what:24} {right / n:8.1%} {unresolved / n:10.1%} {wrong / n:9.1%} "
        f"{1000 * seconds / n:9.2f}"
    )


def report_speed(arguments: argparse.Namespace) -> None:
    """Milliseconds for one and for fifty names, exact and mistyped, over many songs."""
    from music.catalogue import name_keeping, song_index
    from music.catalogue.resolver import resolve, search
    from music.models import VideoFeature
    from music.records import VideoRecord
    from tests.catalogue_names import mistype
    from tests.servers.youtube_world.synthetic import build_synthetic_world
    from tunetrace_site.replication.unit import unit_of_work

    n_songs = arguments.songs
    songs = build_synthetic_world(n_artists=n_songs // 10, n_songs=n_songs)[1]
    records = [
        VideoRecord(f"song{n:07d}", f"{s.artist} - {s.title}", s.artist, s.title)
        for n, s in enumerate(songs)
    ]
    for start in range(0, len(records), 5000):
        with unit_of_work():
            VideoFeature.objects.store(records[start : start + 5000])
    rng = random.Random(SEED)
    names = [f"{r.artist} {r.song_title}" for r in rng.sample(records, 50)]
    name_keeping.drop_file()
    song_index.songs.forget()
    before = _memory_bytes()
    print(f"\nSpeed, {n_songs:,} songs")
    print(f"  building the index      {_clock(song_index.songs.refresh):9.0f} ms")
    print(f"  its memory              {(_memory_bytes() - before) / 2**20:9.0f} MiB")
    time.sleep(name_keeping.OVERLAP.total_seconds())  # rows this new are read again with every name
    print(f"  one name                {_clock(lambda: resolve(names[:1])):9.1f} ms")
    print(f"  50 names                {_clock(lambda: resolve(names)):9.1f} ms")
    typos = [mistype(name, rng) for name in names]
    print(f"  50 mistyped names       {_clock(lambda: resolve(typos)):9.1f} ms")
    print(f"  50 names of nothing     {_clock(lambda: resolve([n[::-1] for n in names])):9.1f} ms")
    print(f"  one search              {_clock(lambda: search(names[0][:9], 20)):9.1f} ms")


def _clock(action: Callable[[], object], n_rounds: int = 3) -> float:
    """Milliseconds of the fastest of some rounds."""
    rounds = []
    for _ in range(n_rounds):
        began = time.perf_counter()
        action()
        rounds.append(time.perf_counter() - began)
    return 1000 * (rounds[0] if action.__name__ == "refresh" else min(rounds))


def _memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


REPORTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "catalogue": report_catalogue,
    "written": report_written,
    "labelled": report_labelled,
    "speed": report_speed,
}

if __name__ == "__main__":
    main()
