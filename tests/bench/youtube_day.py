"""Are a hundred searches a day enough? The figures of the YouTube part, on one free key's quota.

Run: .venv/bin/python tests/bench/youtube_day.py [--listeners 2000] [--latency 0.06]

Everything runs against the API server of ``tests/servers/youtube.py`` with 60 ms latency, over a
made-up world of 2,000 artists and 20,000 songs whose truth is known: TuneTrace itself under
gunicorn for single requests and the restart, in this process for the simulated day.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.bench.youtube_clock import passing_day
from tests.bench.youtube_misses import Misses
from tests.bench.youtube_names import make_drawer
from tests.bench.youtube_setup import configure, forget_everything, site_environment
from tests.bench.youtube_table import HEADER, Line, show
from tests.servers.site import running_site
from tests.servers.youtube import YouTubeServer, running_server
from tests.servers.youtube_world.synthetic import RIGHT_KINDS, Song, build_synthetic_world
from tests.servers.youtube_world.world import World

N_ARTISTS, N_SONGS = 2000, 20_000
NIGHT_UNITS = 5000
NIGHT_SEARCHES = 50
N_WARM_UPS = 20


def main() -> None:
    options = read_options()
    world, songs = build_synthetic_world(n_artists=N_ARTISTS, n_songs=N_SONGS)
    print(HEADER, flush=True)
    with (
        running_server(n_artists=N_ARTISTS, n_songs=N_SONGS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        configure(server, Path(folder))
        server.configure(latency_seconds=options.latency)
        if options.only != "day":
            show(measure_requests(server, world, songs, Path(folder)))
            forget_everything()
        if options.only != "requests":
            show(measure_day(server, world, songs, options))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=2000)
    parser.add_argument("--latency", type=float, default=0.06, help="Seconds of each API call.")
    parser.add_argument("--only", choices=("requests", "day"))
    parser.add_argument(
        "--night", type=Path, help="Keep the database after the night here; start from it if there."
    )
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--misses", type=Path, help="Write what was not right here, with causes.")
    return parser.parse_args()


# --- One request with 50 never-seen songs, 40 of them by stored artists -----------------------


def measure_requests(
    server: YouTubeServer, world: World, songs: list[Song], folder: Path
) -> Iterator[Line]:
    asked = store_forty_artists(world, songs)
    names = [f"{song.artist} - {song.title}" for song in asked]
    build_everything()
    with running_site(folder, **site_environment(server)) as site:
        warm_up(site.url)
        server.reset()
        yield measure_request("50 never-seen songs, 40 by stored artists", site.url, names, server)
        server.reset()
        yield measure_request("the same again", site.url, names, server)
    server.reset()
    with running_site(folder, **site_environment(server)) as site:
        yield measure_request("the same after a restart", site.url, names, server)


def build_everything() -> None:
    """Do what a first start does beside its first requests, on the same two cores."""
    from django.core.management import call_command

    call_command("load_catalogue")
    call_command("build_index", "--quiet")


def warm_up(url: str) -> None:
    """Give every worker requests that need no call, and the time to load its data."""
    from music.models import Song

    for song in Song.objects.filter(is_bundled=True).best_known_first()[:N_WARM_UPS]:
        ask(url, [f"{song.artist} - {song.title}"])


def store_forty_artists(world: World, songs: list[Song]) -> list[Song]:
    """Store one video each of 40 artists; answers with another song of each and ten strangers'."""
    from music.collecting.naming import name_song
    from music.models import VideoFeature
    from music.youtube.gateway import get_gateway

    official: dict[str, list[str]] = {}
    for video in world.videos.values():
        if video.kind == "official":
            official.setdefault(songs[video.song].artist, []).append(video.id)
    artists = [artist for artist, ids in official.items() if len(ids) > 1][100:150]
    known = [official[artist][0] for artist in artists[:40]]
    batch = get_gateway().fetch_videos(known, caller="harvest")
    VideoFeature.objects.store(name_song(record) for record in batch.found)
    return [songs[world.videos[official[artist][1]].song] for artist in artists]


def measure_request(work: str, url: str, names: list[str], server: YouTubeServer) -> Line:
    began = time.perf_counter()
    unresolved = ask(url, names)["unresolved"]
    seconds = time.perf_counter() - began
    used = await_quiet(server)
    # Over HTTP only what was not resolved is told: whether rightly is measured by the day.
    notes = [f"resolved: {len(names) - len(unresolved)} of {len(names)}"]
    return Line(work, used["searches"], used["units"], [seconds], notes=notes)


def await_quiet(server: YouTubeServer) -> dict:
    """Return all calls that the request caused, including those after its response."""
    before, used = None, server.report()
    while used != before:
        time.sleep(2)
        before, used = used, server.report()
    return used


def ask(url: str, names: list[str]) -> dict:
    body = json.dumps({"songs": names}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/suggestions", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


# --- A simulated day --------------------------------------------------------------------------


def measure_day(
    server: YouTubeServer, world: World, songs: list[Song], options: argparse.Namespace
) -> Iterator[Line]:
    from music.collecting.backlog import wait_for_growth

    server.reset()
    if not load_night(options.night):
        yield measure_night(server)
        keep_night(options.night)
    server.reset()
    server.configure(latency_seconds=options.latency)
    chance = random.Random(options.seed)
    draw = make_drawer(songs, chance)
    line = Line(f"a day of {options.listeners} listeners, 10 songs each", 0, 0, [])
    rungs: Counter[str] = Counter()
    misses = Misses(world)
    n_without, n_shown, n_playable = 0, 0, 0
    bar = tqdm(total=options.listeners, unit="listener")
    with recorded_resolutions() as recorded, passing_day() as set_part, bar:
        for number in range(options.listeners):
            set_part(0.999 * number / options.listeners)
            wanted = draw()
            shown = suggest(wanted, line, address_of(number))
            n_without, n_shown = n_without + (not shown), n_shown + len(shown)
            n_playable += sum(bool(song["youtube_video_id"]) for song in shown)
            judge(wanted, recorded, world, line, rungs, misses)
            wait_for_growth()  # the next listener comes 43 seconds later
            bar.set_postfix(right=line.n_right / line.n_asked, wrong=line.n_wrong / line.n_asked)
            bar.update()
    used = server.report()
    line.searches, line.units = used["searches"], used["units"]
    line.notes = [
        f"refused by the server over its quota: {used['refused']}",
        f"listeners without suggestions: {n_without}",
        f"of ten suggestions, playable: {10 * n_playable / max(n_shown, 1):.2f}",
        f"searches per thousand suggestions: {1000 * line.searches / max(n_shown, 1):.1f}",
        f"answered by: {', '.join(f'{rung} {n}' for rung, n in rungs.most_common())}",
        *misses.describe(),
    ]
    if options.misses:
        misses.write(options.misses)
    yield line


def measure_night(server: YouTubeServer) -> Line:
    """Run one night of ``harvest`` and a build of the index, on the quota of the day before."""
    from django.core.management import call_command

    server.configure(latency_seconds=0)  # nobody waits for it
    began = time.perf_counter()
    budget = ["--units", str(NIGHT_UNITS), "--searches", str(NIGHT_SEARCHES)]
    call_command("harvest", *budget, "--quiet")
    call_command("build_index", "--quiet")
    used = server.report()
    seconds = time.perf_counter() - began
    return Line("one night of harvest", used["searches"], used["units"], [seconds])


def load_night(path: Path | None) -> bool:
    """Install a saved database; return whether there was one."""
    from django.conf import settings
    from django.db import connection

    if path is None or not path.exists():
        return False
    connection.close()
    shutil.copyfile(path, settings.DATABASES["default"]["NAME"])
    return True


def keep_night(path: Path | None) -> None:
    from django.db import connection

    if path is not None:
        connection.cursor().execute(f"VACUUM INTO '{path}'")


@contextmanager
def recorded_resolutions() -> Iterator[dict[str, object]]:
    """Yield the resolver's last answers, by name; the reader clears them."""
    from music.catalogue import resolver

    recorded: dict[str, object] = {}
    original = resolver.resolve

    def resolve(names, **options):
        answers = original(names, **options)
        recorded.update(zip(names, answers, strict=True))
        return answers

    resolver.resolve = resolve
    try:
        yield recorded
    finally:
        resolver.resolve = original


def address_of(number: int) -> str:
    """Return the address of a listener's machine: one address may spend only a part of a day."""
    return str(ip_address("10.0.0.1") + number)


def suggest(wanted: list[tuple[str, Song]], line: Line, address: str) -> list[dict]:
    from django.test import Client

    body = {"songs": [name for name, _ in wanted]}
    began = time.perf_counter()
    client = Client(REMOTE_ADDR=address)
    answer = client.post("/suggestions", body, content_type="application/json")
    line.seconds.append(time.perf_counter() - began)
    return answer.json().get("suggestions", [])


def judge(
    wanted: list[tuple[str, Song]],
    recorded: dict[str, object],
    world: World,
    line: Line,
    rungs: Counter[str],
    misses: Misses,
) -> None:
    """Count what was resolved rightly and wrongly, by the take that is played: a cover or a live
    take is wrong. A song of which no take is stored yet counts as neither."""
    played = find_played(recorded.values())
    for name, song in wanted:
        resolution = recorded[name]
        rungs[resolution.rung] += 1
        video = world.videos[played[resolution.song_id]] if resolution.song_id in played else None
        is_right = video is not None and video.song == song.rank and video.kind in RIGHT_KINDS
        line.n_asked += 1
        line.n_right += is_right
        line.n_wrong += video is not None and not is_right
        if not is_right:
            misses.add(name, song, resolution.rung, video)
    recorded.clear()


def find_played(resolutions: Iterable[object]) -> dict[str | None, str]:
    """Return the id of the video that plays each found song, by the song's address."""
    from music.domain.playing import find_playing_takes
    from music.models import Song

    found = {resolution.song_id for resolution in resolutions if resolution.song_id}
    songs = {song.pk: song for song in Song.objects.filter(address__in=found)}
    takes = find_playing_takes(songs.values())
    return {songs[pk].address: video.video_id for pk, video in takes.items()}


if __name__ == "__main__":
    main()
