import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.names.channels import clean_channel
from music.names.normalization import name_key, normalize_key
from music.names.takes import Take
from music.names.titles import parse_title
from tests.catalogue_names import read_names


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
    ("title", "takes"),
    [
        ("A - B (Official Video)", set()),
        ("A - B (Remastered 2011)", set()),
        ("A - B (Live at Wembley)", {Take.LIVE}),
        ("A - B (Official Lyric Video)", {Take.LYRICS}),
        ("A - B (Karaoke Version)", {Take.KARAOKE}),
        ("A - B (C Remix)", {Take.REMIX}),
        ("A - B (Acoustic Cover)", {Take.ACOUSTIC, Take.COVER}),
        ("A - B (Taylor's Version)", set()),
        ("A - Alive", set()),
        ("Oasis - Live Forever", set()),
    ],
)
def test_parse_title_names_the_takes(title, takes):
    assert parse_title(title).takes == takes


@pytest.mark.parametrize(
    ("title", "artist", "song"),
    [
        ('"Crazy" by Patsy Cline', "Patsy Cline", "Crazy"),
        ('"Hello", "Lionel Richie"', "Lionel Richie", "Hello"),
        ('"Hello","Lionel Richie"', "Lionel Richie", "Hello"),
        ("The Police - Every Breath You Take (Official Music Video)",
         "The Police", "Every Breath You Take"),
        ("Oasis - Live Forever", "Oasis", "Live Forever"),
        ("Selena Gomez - Rare", "Selena Gomez", "Rare"),
        ("Selena Gomez - Live Like There's No Tomorrow",
         "Selena Gomez", "Live Like There's No Tomorrow"),
        ("T.I. - Live Your Life (Official Music Video)", "T.I.", "Live Your Life"),
        ("Little Mix - Power", "Little Mix", "Power"),
        ("New Edition - Hello", "New Edition", "Hello"),
        ("Live - Lightning Crashes", "Live", "Lightning Crashes"),
        ("Tenacious D - Tribute (Official Video)", "Tenacious D", "Tribute"),
        ("XXXTENTACION - $$$", "XXXTENTACION", "$$$"),
        ("!!! - Me and Giuliani", "!!!", "Me and Giuliani"),
        ("The Animals   House of the Rising Sun", "The Animals", "House of the Rising Sun"),
        ("The Animals\tHouse of the Rising Sun", "The Animals", "House of the Rising Sun"),
        ("Blind Guardian - The Bard's Song – In the Forest",
         "Blind Guardian", "The Bard's Song – In the Forest"),
        ("Golden Earring - Radar Love (Official Music Video [HD])", "Golden Earring", "Radar Love"),
        ("Stevie Wonder - Superstition (Official Video) Rema", "Stevie Wonder", "Superstition"),
        ("Foo - Bar (Officiële Videoclip)", "Foo", "Bar"),
        ("Foo - Bar Full Version", "Foo", "Bar"),
        ("Foo - Bar | Studio Version", "Foo", "Bar"),
        ("Stand by Me", "", "Stand by Me"),
        ("Stand By Your Man", "", "Stand By Your Man"),
        ("Symphony No. 9: Ode to Joy", "", "Symphony No. 9: Ode to Joy"),
    ],
)  # fmt: skip
def test_words_of_a_name_are_not_taken_for_decoration(title, artist, song):
    parsed = parse_title(title)
    assert (parsed.artist, parsed.song_title) == (artist, song)


@pytest.mark.parametrize(
    ("title", "artist", "song"),
    [
        ("Basket Case - Green Day", "Green Day", "Basket Case"),
        ("Green Day - Basket Case", "Green Day", "Basket Case"),
        ("Basket Case   Green Day", "Green Day", "Basket Case"),
        ("Green Day Basket Case", "Green Day", "Basket Case"),
        ("Basket Case Green Day (Lyrics)", "Green Day", "Basket Case"),
        ("Numb / Encore - Linkin Park / JAY-Z", "Linkin Park / JAY-Z", "Numb / Encore"),
        ("Prince and the Revolution - Kiss", "Prince and the Revolution", "Kiss"),
        ("Hello | Adele | Live", "Adele", "Hello"),
        ("Green Day of the Dead", "", "Green Day of the Dead"),
        ("Hello (feat. Adele)", "Adele", "Hello"),
        ("Hello (feat. Somebody)", "", "Hello"),
    ],
)
def test_known_artist_is_the_artist_wherever_it_stands(title, artist, song):
    known = {"Green Day", "Linkin Park", "JAY-Z", "Prince", "Kiss", "Adele"}
    parsed = parse_title(title, known_artists=known.__contains__)
    assert (parsed.artist, parsed.song_title) == (artist, song)


KEPT = {  # named after a take, or with a guest
    "The Age of Love (Watch Out for Stella Mix)", "Missing (Todd Terry Remix)",
    "Nwa Baby (Ashawo Remix)", "Prayer in C (Robin Schulz Remix)", "Main Title (Theme from Jaws)",
    "Sing It Back (Boris Dlugosch Mix)", "Post Malone (Feat. RANI)", "Ignition (Remix)",
    "I See You (Theme from Avatar)", "Flying Theme (From E.T. the Extra-Terrestrial)",
}  # fmt: skip


def test_title_on_a_topic_channel_is_the_name_of_every_song_of_the_catalogue():
    wrong = {
        (song.artist, song.title): parsed
        for song in read_names()
        if (parsed := parse_title(song.title, f"{song.artist} - Topic"))
        and (parsed.artist, normalize_key(parsed.song_title))
        != (song.artist, normalize_key(song.title))
    }
    assert {title for _, title in wrong} <= KEPT


@pytest.mark.parametrize(
    ("title", "channel", "artist"),
    [
        ("The Weight", "The Band - Topic", "The Band"),
        ("Avalon", "RoxyMusicVEVO", "Roxy Music"),
        ("The Joker", "Steve Miller Band", "Steve Miller Band"),
        ("Marquee Moon", "Television", "Television"),
        ("Marquee Moon", "Television - Topic", "Television"),
        ("Come As You Are", "Best Television Hits", ""),
    ],
)
def test_artist_of_a_channel_keeps_its_own_words(title, channel, artist):
    assert parse_title(title, channel).artist == artist


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
        assert name_key(parsed.song_title)


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
