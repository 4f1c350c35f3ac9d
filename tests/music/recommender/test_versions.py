"""Which titles are versions, and of what."""

import pytest

from music.recommender import SongDocument
from music.recommender.versions import Version, version_of, work_key


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("Nirvana - Come As You Are (Official Music Video)", Version.ORIGINAL),
        ("Oasis - Live Forever", Version.ORIGINAL),
        ("Paul McCartney - Live And Let Die (Official)", Version.ORIGINAL),
        ("Bruce Springsteen - Cover Me", Version.ORIGINAL),
        ("Dalida, Alain Delon - Paroles, paroles", Version.ORIGINAL),
        ("Nirvana - Polly (Live at Reading)", Version.LIVE),
        ("Nirvana - Polly - Live at Reading", Version.LIVE),
        ("Balada (Ao Vivo)", Version.LIVE),
        ("Hallelujah (Cover)", Version.COVER),
        ("Alicia Keys - Fallin (lyrics)", Version.LYRICS),
        ("Blinding Lights lyrics", Version.LYRICS),
        ("Elton John, Dua Lipa - Cold Heart (PNAU Remix) (Official Video)", Version.REMIX),
        ("Queen - Bohemian Rhapsody (Karaoke Version)", Version.KARAOKE),
        ("Wonderwall - Guitar Tutorial", Version.TUTORIAL),
        ("FIRST TIME HEARING Queen - Bohemian Rhapsody REACTION", Version.REACTION),
        ("Powfu - death bed (8D AUDIO)", Version.ALTERED),
        ("Mozart - Lacrimosa (Instrumental)", Version.INSTRUMENTAL),
        ("Robin Schulz - Prayer In C (Remix) (Lyrics)", Version.REMIX | Version.LYRICS),
    ],
)
def test_version_of(title, version):
    assert version_of(title) == version


@pytest.mark.parametrize(
    ("title", "artist", "key"),
    [
        ("Nirvana - Come As You Are (Official Music Video)", "Nirvana", "nirvana|come as you are"),
        ("Come As You Are", "Nirvana", "nirvana|come as you are"),
        ("Nirvana - Come As You Are - Live at Reading", "Nirvana", "nirvana|come as you are"),
        ("Tom Sawyer - Rush (HD Remaster)", "Rush", "rush|tom sawyer"),
        ("The Black Eyed Peas - The Time (Dirty Bit)", "Black Eyed Peas", "black eyed peas|time"),
        ("Flo Rida - Whistle [Oficial Audio HD]", "Flo Rida", "flo rida|whistle"),
        ("Sia - Cheap Thrills ft. Sean Paul", "Sia", "sia|cheap thrills"),
        ("Oasis - Live Forever", "Oasis", "oasis|live forever"),
        ("(Official Video)", "Oasis", "oasis|official video"),
        ("Nirvana - Polly (Live)", "", "nirvana|polly"),
        ("Song 17", "", "|song 17"),
    ],
)
def test_work_key(title, artist, key):
    assert work_key(SongDocument("id", title, artist)) == key


def test_work_key_another_artist_is_another_song():
    first = SongDocument("a", "Hallelujah", "Leonard Cohen")
    assert work_key(first) != work_key(SongDocument("b", "Hallelujah", "Jeff Buckley"))
