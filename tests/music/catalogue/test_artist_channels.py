"""Where the song of a name may be: the channels of its artist, whoever else is called like it."""

import pytest

from music.catalogue import song_index
from music.catalogue.artist_channels import find_whereabouts
from music.names.song_names import read_name
from tests.factories import VideoFactory

pytestmark = pytest.mark.django_db


def store(artist, title, channel, channel_id):
    VideoFactory(
        song__artist=artist, song__title=title, channel_title=channel, channel_id=channel_id
    )


def find(text, artists=None):
    song_index.songs.refresh()
    name = read_name(text)
    return find_whereabouts([name], {name.key: artists} if artists else {})[name.key]


def test_own_channel_is_found_though_a_covers_title_was_taken_for_an_artist():
    store("Danjo", "Distant Fires", "Danjo - Topic", "UC1")
    store("Empty Oceans", "Danjo", "Covers by Fan 4", "UC2")
    assert find("Danjo - Empty Oceans").channel_ids == ("UC1",)
    assert find("empty oceans danjo").channel_ids == ("UC1",)


def test_both_ends_are_read_where_both_are_artists_and_a_topic_channel_comes_first():
    store("Nirvana", "Polly", "NirvanaVEVO", "UC1")
    store("Nirvana", "Lithium", "Nirvana - Topic", "UC9")
    store("Television", "Venus", "Television - Topic", "UC5")
    assert find("Television Nirvana").channel_ids == ("UC5", "UC9", "UC1")


def test_channel_of_a_mistyped_artist_is_found():
    store("Wilkov Husenton", "Neon Saints", "Wilkov Husenton", "UC1")
    assert find("Wilkov Husentn Lonely Saints").channel_ids == ("UC1",)
    assert find("lonely saints wilkov husentn").channel_ids == ("UC1",)
    assert find("Somebody Else - Lonely Saints").channel_ids == ()


def test_artist_of_a_song_that_is_surely_meant_is_asked_for_its_original():
    store("Crosby Stills", "Ohio", "Crosby Stills", "UC1")
    assert find("Ohio", artists="crosby stills").channel_ids == ("UC1",)


def test_others_channel_and_a_guess_are_left_for_whoever_has_no_channel_of_their_own():
    store("Oton Wilsenbury", "Neon Saints", "Lyrics Hub 1", "UC1")
    place = find("lonely saints oton wilsenbury")
    assert (place.channel_ids, place.artists) == (("UC1",), ("oton wilsenbury",))
    assert find("Jane Roe - Anything").artists == ("jane roe",)
