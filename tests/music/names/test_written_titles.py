"""Titles as people write them all over the world, labelled before the patterns knew them."""

from music.names.titles import parse_title
from tests.bench.written import is_right, read_written
from tests.catalogue_names import read_artists

NOT_TOLD = {
    # who of several is the artist, what is the film, and where the name ends
    "Tum Hi Ho Aashiqui 2 Full Song With Lyrics | Aditya Roy Kapur, Shraddha Kapoor",
    "Naatu Naatu Full Video Song [4K] | RRR | NTR, Ram Charan | MM Keeravaani | SS Rajamouli",
    "Enigma - Sadeness - Part i (Official Video)",
    "Baywatch Theme Song - I'm Always Here (Jimi Jamison)",
    "Encanto - We Don't Talk About Bruno - Carolina Gaitán",
    "Serge Gainsbourg & Jane Birkin - Je t'aime... moi non plus/Original videoclip (Fontana 1969)",
    "Peter Tosh & Mick Jagger (Don't Look Back)",
    "Louis Prima - Just A Gigolo - I Ain't Got Nobody",
}


def test_written_titles_are_read_rightly():
    artists = read_artists()
    wrong = set()
    for video in read_written():
        parsed = parse_title(
            video.youtube_title, "", artists.is_known, artists.is_distinct, artists.has_song
        )
        if not is_right(video, parsed):
            wrong.add(video.youtube_title)
    assert wrong - NOT_TOLD == set()
