"""Channels whose handle is guessed from the artist's name, against the API server."""

import pytest

from music.catalogue import resolver
from music.collecting import handles
from music.collecting.backlog import wait_for_growth
from music.models import Chore, QuotaUsage, VideoFeature
from music.youtube.gateway import get_gateway
from music.youtube.pacific_days import get_pacific_day
from music.youtube.quota import HARVEST, UNITS
from tests.factories import SongFactory
from tests.servers.youtube_world.synthetic import build_synthetic_world

pytestmark = pytest.mark.django_db(transaction=True)

WORLD, SONGS = build_synthetic_world(n_artists=40, n_songs=400)


def find_song(is_guessable, is_plain=False):
    """The best known song with an official video whose channel's handle can be guessed, or not.

    If it ``is_plain``, the handle is the artist's name.
    """
    for song in SONGS:
        for video_id in song.right_ids:
            video = WORLD.videos[video_id]
            if video.kind == "official":
                key = "".join(c for c in song.artist.lower() if c.isalnum())
                handle = WORLD.channels[video.channel_id].handle.lstrip("@")
                guessed = [key] if is_plain else handles.make_handles(key)
                if (handle in guessed) == is_guessable:
                    return song, video
    raise LookupError


def plays(answer, song):
    """Whether the answer is a song of which the right video is stored."""
    takes = VideoFeature.objects.filter(song__address=answer.song_id)
    return not set(song.right_ids).isdisjoint(takes.values_list("video_id", flat=True))


def test_song_of_a_stranger_costs_units_and_no_search(youtube_server):
    song, video = find_song(is_guessable=True)
    answer = resolver.resolve([f"{song.artist} - {song.title}"])[0]
    assert (plays(answer, song), answer.rung) == (True, "channel")
    report = youtube_server.report()
    assert report["searches"] == 0
    assert report["units"] <= len(handles.SUFFIXES) + 2
    wait_for_growth()
    stored = set(VideoFeature.objects.values_list("video_id", flat=True))
    assert stored == set(WORLD.channels[video.channel_id].uploads)


@pytest.mark.parametrize(
    ("caller", "n_used", "n_asked"),
    [
        ("listener", 0, len(handles.SUFFIXES)),
        ("listener", 9_990, 1),
        (HARVEST, 0, 1),
    ],
)
def test_handles_are_asked_for_one_by_one_where_units_are_scarce_or_nobody_waits(
    youtube_server, caller, n_used, n_asked
):
    song, _ = find_song(is_guessable=True, is_plain=True)
    QuotaUsage.objects.create(day=get_pacific_day(), bucket=UNITS, caller="", used=n_used)
    (answer,) = resolver.resolve([f"{song.artist} - {song.title}"], caller=caller)
    assert plays(answer, song)
    assert youtube_server.report()["by_resource"]["channels"] == n_asked


def test_artist_nobody_can_guess_is_searched_for(youtube_server):
    song, _ = find_song(is_guessable=False)
    answer = resolver.resolve([f"{song.artist} - {song.title}"])[0]
    assert (plays(answer, song), answer.rung) == (True, "search")
    assert youtube_server.report()["searches"] == 1


def store_in_catalogue(song):
    return SongFactory(artist=song.artist, title=song.title)


def test_song_of_the_catalogue_becomes_a_video_that_plays(youtube_server):
    song, _ = find_song(is_guessable=True)
    store_in_catalogue(song)
    answer = resolver.resolve([f"{song.artist} - {song.title}"])[0]
    assert (plays(answer, song), answer.rung) == (True, "channel")


def test_no_search_is_spent_on_a_song_of_the_catalogue(youtube_server):
    song, _ = find_song(is_guessable=False)
    address = store_in_catalogue(song).address
    answer = resolver.resolve([f"{song.artist} - {song.title}"])[0]
    assert (answer.song_id, answer.rung) == (address, "stored")
    assert youtube_server.report()["searches"] == 0


def test_song_of_the_catalogue_is_found_while_youtube_is_down(youtube_server):
    address = store_in_catalogue(SONGS[0]).address
    youtube_server.fail("close")
    answer = resolver.resolve([f"{SONGS[0].artist} - {SONGS[0].title}"])[0]
    assert (answer.song_id, answer.confidence) == (address, 1.0)


def test_wrong_guess_is_remembered_and_not_made_again(youtube_server):
    for _ in range(2):
        resolver.resolve(["Nobody At All - Qwertzuiop"])
    guesses = youtube_server.report()["by_resource"]["channels"]
    assert guesses == len(handles.SUFFIXES)
    assert list(Chore.objects.filter(kind="handle").values_list("name", flat=True)) == [
        "nobody at all"
    ]


def test_channel_with_another_name_is_not_taken(youtube_server):
    """The handle exists, but its channel is called something else."""
    channel = next(c for c in WORLD.channels.values() if c.handle.endswith("vevo"))
    found = get_gateway().find_channel(channel.handle, caller="listener")
    assert (found.channel_id, found.title) == (channel.id, channel.title)
    resolver.resolve([f"{channel.handle.removeprefix('@')} extra - Song"])
    assert not Chore.objects.filter(kind="channel").exists()


@pytest.mark.parametrize(
    ("artist", "expected"),
    [
        ("the golden harbor", "thegoldenharbor"),
        ("u2", "u2vevo"),
        ("сплин", "сплин"),
        ("", None),
        ("!!!", None),
    ],
)
def test_handles_have_the_length_that_youtube_allows(artist, expected):
    made = handles.make_handles(artist)
    assert next(iter(made), None) == expected
    assert all(3 <= len(handle) <= 30 for handle in made)
