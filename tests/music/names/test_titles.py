import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.names.normalization import normalize_key
from music.names.titles import clean_channel, parse_title


@pytest.mark.parametrize(
    ("title", "artist", "song"),
    [
        ("Nirvana - Come As You Are (Official Music Video)", "Nirvana", "Come As You Are"),
        ("Rihanna - Work ft. Drake", "Rihanna", "Work"),
        ("Alizée - Moi... Lolita (Clip Officiel HD)", "Alizée", "Moi... Lolita"),
        ("blink-182 - First Date (Official Video)", "blink-182", "First Date"),
        ("AC/DC - Hells Bells (Official 4K Video)", "AC/DC", "Hells Bells"),
        ("Jason Derulo - 'Talk Dirty' feat. 2 Chainz (Official HD Music Video)",
         "Jason Derulo", "Talk Dirty"),
        ('Françoise Hardy "Tous les garçons et les filles" | Archive INA',
         "Françoise Hardy", "Tous les garçons et les filles"),
        ("【MV】YOASOBI「夜に駆ける」", "YOASOBI", "夜に駆ける"),
        ("YOASOBI「夜に駆ける」 Official Music Video", "YOASOBI", "夜に駆ける"),
        ("Berlin - Take My Breath Away (Official Video - Top Gun)",
         "Berlin", "Take My Breath Away"),
        ("The Smashing Pumpkins - 1979 (Official Music Video)", "The Smashing Pumpkins", "1979"),
        ("The Beatles-I Want To Hold Your Hand", "The Beatles", "I Want To Hold Your Hand"),
        ("Moby - 'Extreme Ways' (Official Video)", "Moby", "Extreme Ways"),
        ("James Brown - I Got You (I Feel Good) (Visualizer)",
         "James Brown", "I Got You (I Feel Good)"),
        ("Sophie Ellis-Bextor - Murder On The Dancefloor (as featured in Saltburn)",
         "Sophie Ellis-Bextor", "Murder On The Dancefloor"),
        ("Jason Derulo - Whatcha Say | Lyrics", "Jason Derulo", "Whatcha Say"),
        ("Come As You Are", "", "Come As You Are"),
        ("All By Myself (Remastered)", "", "All By Myself"),
        ("Come As You Are by Nirvana", "Nirvana", "Come As You Are"),
        ("Video Killed the Radio Star", "", "Video Killed the Radio Star"),
        ("Eclipse", "", "Eclipse"),
    ],
)  # fmt: skip
def test_parse_title_without_a_channel(title, artist, song):
    parsed = parse_title(title)
    assert (parsed.artist, parsed.song_title) == (artist, song)


@pytest.mark.parametrize(
    ("title", "channel", "artist", "song"),
    [
        ("Come As You Are", "Nirvana - Topic", "Nirvana", "Come As You Are"),
        ("Into You", "ArianaGrandeVevo", "Ariana Grande", "Into You"),
        ("It's My Life - Bon Jovi (Lyrics)", "Bon Jovi", "Bon Jovi", "It's My Life"),
        ("Come As You Are", "Best Lyrics Channel", "", "Come As You Are"),
        ("Nirvana Come As You Are", "Nirvana", "Nirvana", "Come As You Are"),
    ],
)
def test_parse_title_with_the_help_of_the_channel(title, channel, artist, song):
    parsed = parse_title(title, channel)
    assert (parsed.artist, parsed.song_title) == (artist, song)


@pytest.mark.parametrize(
    ("title", "versions"),
    [
        ("A - B (Official Video)", set()),
        ("A - B (Remastered 2011)", {"remaster"}),
        ("A - B (Live at Wembley)", {"live"}),
        ("A - B (Official Lyric Video)", {"lyrics"}),
        ("A - B (Karaoke Version)", {"karaoke"}),
        ("A - B (C Remix)", {"remix"}),
        ("A - B (Acoustic Cover)", {"acoustic", "cover"}),
        ("A - B (Taylor's Version)", {"version"}),
        ("A - Alive", set()),
    ],
)
def test_parse_title_names_the_versions(title, versions):
    assert parse_title(title).versions == versions


def test_parse_title_names_the_guests():
    parsed = parse_title("Major Lazer & DJ Snake - Lean On (feat. MØ, Someone) [Official Video]")
    assert parsed.artist == "Major Lazer & DJ Snake"
    assert parsed.featuring == ("MØ", "Someone")


@pytest.mark.parametrize(
    ("channel", "artist"),
    [
        ("ABBA - Topic", "ABBA"),
        ("FergieVEVO", "Fergie"),
        ("Queen Official", "Queen"),
        ("Topic", "Topic"),
        ("", ""),
    ],
)
def test_clean_channel(channel, artist):
    assert clean_channel(channel) == artist


@given(title=st.text(), channel=st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_parse_title_is_total(title, channel):
    parsed = parse_title(title, channel)
    if normalize_key(title):
        assert normalize_key(parsed.song_title)


@given(st.text(alphabet="()[]-– '\"|abfeat.Official Video0123456789", max_size=80))
@settings(max_examples=500, deadline=500)
def test_parse_title_is_total_and_quick_with_brackets_and_dashes(title):
    assert parse_title(title).song_title == parse_title(title).song_title


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 500,
        "- " * 250,
        "(" + "music " * 80 + "!)",
        "(" + "hd " * 150 + "video x)",
        "a - " * 125,
        "[(" * 250,
        "live " * 100,
        '"' * 500,
    ],
)
@pytest.mark.timeout(5)
def test_parse_title_of_hostile_repetition_ends(hostile):
    assert parse_title(hostile).artist is not None
