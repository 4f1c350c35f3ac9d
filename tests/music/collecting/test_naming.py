"""What a video is: a take of a song, as its title, its channel and its tags say."""

import pytest

from music.collecting.naming import name_song
from music.records import VideoRecord
from tests.factories import SongFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "channel", "tags", "song", "take"),
    [
        ("Nirvana - Lithium (Official Music Video)", "NirvanaVEVO", (), "Lithium", "original"),
        ("Nirvana - Lithium (Lyrics)", "Lyrics Hub", (), "Lithium", "lyrics"),
        ("Nirvana - Lithium (Live at Reading 1992)", "NirvanaVEVO", (), "Lithium", "live"),
        ("Nirvana - Lithium (Karaoke Version)", "Sing King", (), "Lithium", "karaoke"),
        ("Nirvana - Lithium (Cover by Somebody)", "Somebody", (), "Lithium", "cover"),
        ("Nirvana - Lithium (Remix)", "Somebody", (), "Lithium", "remix"),
        ("Lithium", "Nirvana - Topic", (), "Lithium", "original"),
    ],
)
def test_video_is_a_take_of_its_song(title, channel, tags, song, take):
    record = VideoRecord("a" * 11, title, "", "", channel_title=channel, tags=tags)
    named = name_song(record)
    assert (named.artist, named.song_title, named.take) == ("Nirvana", song, take)


def test_genre_is_that_of_the_tags():
    record = VideoRecord("a" * 11, "Nirvana - Lithium", "", "", tags=("grunge", "seattle"))
    assert name_song(record).genre == "Grunge"


def test_name_that_nobody_signs_is_no_song_of_anybody():
    named = name_song(VideoRecord("a" * 11, "Relaxing sounds of the sea", "", ""))
    assert (named.artist, named.song_title) == ("", "Relaxing sounds of the sea")


@pytest.mark.parametrize("title", ["Basket Case - Green Day", "Green Day - Basket Case"])
def test_artist_of_the_catalogue_is_told_from_the_song(title):
    SongFactory(artist="Green Day", title="American Idiot")
    named = name_song(VideoRecord("a" * 11, title, "", "", channel_title="Somebody"))
    assert (named.artist, named.song_title) == ("Green Day", "Basket Case")
