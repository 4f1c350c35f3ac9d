"""What a fresh clone suggests: whose neighbours it finds, and how far its lists stray.

    .venv/bin/python tests/bench/cold_artists.py [--lists "ABBA - Fernando" ...] [--tuning]

The bundled catalogue is fitted without a single like, as on a site's first day. *Artists*: one
request for the best known song of each artist whom Last.fm's set knows as well; of its first ten
other artists whom that set knows, how many are among the twenty whose listeners it has most in
common with (cosine)? One half of the artists, by a digest of their names, is for tuning, the other
for the figure; ``--tuning`` shows the first half instead. Without the set this is left out.
*Lists*: one request of ten for every song of the catalogue; how many of the suggestions are in
another language, more than twenty years away, of another family of genres, and how many play? Once
by the model alone, then as pages show them (songs with a video count more) and as clients of the
older service do (much more). ``--lists`` prints the lists for songs instead.
"""

import argparse
import csv
import hashlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunetrace_site.settings")

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402
from scipy import sparse  # noqa: E402

from music.catalogue.bundled import VIDEOS_FILE, BundledSong, load_songs, read_videos  # noqa: E402
from music.domain.documents import to_document  # noqa: E402
from music.names.genres import find_family  # noqa: E402
from music.names.normalization import normalize_key  # noqa: E402
from music.recommender import Query, Seed, Snapshot, build_snapshot, recommend  # noqa: E402
from music.recommender.reranking import Reranking  # noqa: E402
from tests.bench.large_sets import SetMissingError, find_set  # noqa: E402

N_SHOWN, N_LASTFM = 10, 20
MIN_LISTENERS = 20
"""Of an artist with fewer listeners in the set nobody can say whom they share."""
DEEP = 150
"""Songs of a request in which ten artists whom the set knows are looked for."""
FAR_YEARS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tuning", action="store_true", help="the half of the artists to tune on")
    parser.add_argument("--lists", nargs="+", metavar="SONG", help='as "ABBA - Fernando"')
    arguments = parser.parse_args()
    songs = {song.address: song for song in load_songs()}
    snapshot = build_snapshot([to_document(song.to_song(), None) for song in songs.values()], [])
    if arguments.lists:
        return print_lists(snapshot, songs, arguments.lists)
    try:
        closest = read_closest(find_set("listening/lastfm_named_artists/items.csv").parent, songs)
        found = rate_artists(snapshot, songs, closest, tuning=arguments.tuning)
        half = "tuning" if arguments.tuning else "held-out"
        print(f"ten first others among Last.fm's {N_LASTFM}, {half} half ({len(found)} artists)")
        print(f"  {np.mean(found):.3f}")
    except SetMissingError as missing:
        print(missing)
    print(f"of ten suggestions for each of {len(songs)} songs: model alone, pages, older clients")
    rates = [rate_lists(snapshot, songs, **preferences) for preferences in list_preferences()]
    for name in rates[0]:
        print(f"  {name:<24}" + "".join(f"{100.0 * rate[name]:8.1f} %" for rate in rates))


def list_preferences() -> list[dict[str, Any]]:
    """Return what a request prefers: nothing, songs that play, and those strongly."""

    def preferred(song_ids: Sequence[str]) -> set[str]:
        return list_playing() & set(song_ids)

    return [{}, {"preferred": preferred}, {"preferred": preferred, "prefers_strongly": True}]


@cache
def list_playing() -> set[str]:
    """Return the addresses of the songs of which the catalogue has a video."""
    by_name = {(song.artist, song.title): song.address for song in load_songs()}
    return {by_name[video.artist, video.title] for video in read_videos(VIDEOS_FILE, load_songs())}


def read_closest(folder: Path, songs: dict[str, BundledSong]) -> dict[str, set[str]]:
    """The keys of the twenty artists of the catalogue whose listeners in the set of ``folder`` each
    artist has most in common with; for artists of the catalogue with ``MIN_LISTENERS``.
    """
    with (folder / "items.csv").open(encoding="utf-8", newline="") as lines:
        name_of = {row["item"]: normalize_key(row["name"]) for row in csv.DictReader(lines)}
    ours = {normalize_key(song.artist) for song in songs.values()}
    rows, columns = [], []
    for name in ("train.txt", "test.txt"):
        for line in (folder / name).read_text().splitlines():
            listener, *items = line.split()
            rows += [int(listener)] * len(items)
            columns += [int(item) for item in items]
    likes = sparse.csc_matrix((np.ones(len(rows), np.float32), (rows, columns)))
    likes.data[:] = 1.0
    counts = np.asarray(likes.sum(axis=0)).ravel()
    kept = [
        column
        for column in range(likes.shape[1])
        if counts[column] >= MIN_LISTENERS and name_of.get(str(column)) in ours
    ]
    likes = likes[:, kept] @ sparse.diags_array(counts[kept] ** -0.5)
    cosines = (likes.T @ likes).toarray()
    np.fill_diagonal(cosines, -1.0)
    names = [name_of[str(column)] for column in kept]
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :N_LASTFM]
    return {
        name: {names[other] for other in row}
        for name, row in zip(names, nearest.tolist(), strict=True)
    }


def is_for_tuning(artist: str) -> bool:
    """Return whether the artist with this key is in the half used for choosing settings."""
    return hashlib.sha256(artist.encode()).digest()[0] % 2 == 0


def rate_artists(
    snapshot: Snapshot,
    songs: dict[str, BundledSong],
    closest: dict[str, set[str]],
    *,
    tuning: bool,
) -> list[float]:
    """Return for each artist of one half the share of the first ten others among the closest."""
    best: dict[str, BundledSong] = {}
    for song in sorted(songs.values(), key=lambda song: -song.popularity):
        best.setdefault(normalize_key(song.artist), song)
    shares = []
    for artist, theirs in closest.items():
        if is_for_tuning(artist) != tuning:
            continue
        found = ask(snapshot, best[artist], n=DEEP, policy=Reranking(per_artist=1))
        others = dict.fromkeys(normalize_key(songs[song_id].artist) for song_id in found)
        known = [other for other in others if other in closest and other != artist][:N_SHOWN]
        shares.append(sum(other in theirs for other in known) / N_SHOWN)
    return shares


def rate_lists(
    snapshot: Snapshot, songs: dict[str, BundledSong], **preferences: Any
) -> dict[str, float]:
    """Which shares of all ten suggestions for each song are far from it, by what they are far in,
    and which share plays.

    Songs without words have the language of everybody; classical works have no years.
    """
    playing, n_all, n_playing = list_playing(), 0, 0
    far = {"another language": 0, f"over {FAR_YEARS} years apart": 0, "another genre": 0}
    for seed in songs.values():
        for song in (songs[song_id] for song_id in ask(snapshot, seed, n=N_SHOWN, **preferences)):
            n_all += 1
            n_playing += song.address in playing
            strays = (
                "zxx" not in (spoken := {seed.language, song.language}) and len(spoken) > 1,
                abs((seed.year or 0) - (song.year or 0)) > FAR_YEARS,
                find_family(seed.genre) != find_family(song.genre),
            )
            for name, is_far in zip(far, strays, strict=True):
                far[name] += is_far
    return {name: count / n_all for name, count in (*far.items(), ("plays", n_playing))}


def ask(
    snapshot: Snapshot, seed: BundledSong, n: int, policy: Reranking | None = None, **more: Any
) -> list[str]:
    """Return the ids of the songs suggested for one like; ``more`` are fields of the query."""
    query = Query([Seed(seed.address)], n=n, reranking=policy or Reranking(), **more)
    return [item.song_id for item in recommend(snapshot, query)]


def print_lists(snapshot: Snapshot, songs: dict[str, BundledSong], names: Sequence[str]) -> None:
    """Print the ten suggestions for each of the songs ``names``."""
    by_name = {f"{song.artist} - {song.title}": song for song in songs.values()}
    for name in names:
        print(f"\n{describe(by_name[name])}")
        for song_id in ask(snapshot, by_name[name], n=N_SHOWN):
            print(f"    {describe(songs[song_id])}")


def describe(song: BundledSong) -> str:
    """Return a song in one line."""
    return f"{song.artist} - {song.title} ({song.year}, {song.genre}, {song.language})"


if __name__ == "__main__":
    main()
