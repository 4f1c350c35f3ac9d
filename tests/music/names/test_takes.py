import pytest

from music.names.takes import Take, find_takes, read_take
from tests.catalogue_names import read_names

NAMED_AFTER_A_TAKE = {
    "The Age of Love (Watch Out for Stella Mix)",
    "Missing (Todd Terry Remix)",
    "Nwa Baby (Ashawo Remix)",
    "Prayer in C (Robin Schulz Remix)",
    "Sing It Back (Boris Dlugosch Mix)",
    "Played-A-Live (The Bongo Song)",
}
EVERY, EVERY_BEFORE_SHORT = 12, 3
"""Songs share the marks: each mark is read with every twelfth song, a short one with a third."""
SONGS = [song for song in read_names() if song.title not in NAMED_AFTER_A_TAKE]
MARKS = {
    " (Live)": Take.LIVE, " (Live at Wembley)": Take.LIVE, " - Live": Take.LIVE,
    " live at Reading 1992": Take.LIVE, " [Ao Vivo]": Take.LIVE, " ライブ": Take.LIVE,
    " (MTV Unplugged)": Take.LIVE, " (Official Live Video)": Take.LIVE,
    " (Cover)": Take.COVER, " (커버)": Take.COVER, " カバー": Take.COVER,
    " (Acoustic Cover)": Take.COVER, " cover by Somebody": Take.COVER,
    " [Karaoke]": Take.KARAOKE, " karaoke": Take.KARAOKE, " караоке": Take.KARAOKE,
    " (Karaoké)": Take.KARAOKE, " (Karaoke Version)": Take.KARAOKE,
    " (Remix)": Take.REMIX, " (Somebody's Remix)": Take.REMIX, " [Club Mix]": Take.REMIX,
    " (Lyrics)": Take.LYRICS, " | Lyrics": Take.LYRICS, " (Official Lyric Video)": Take.LYRICS,
    " (Letra)": Take.LYRICS, " 歌詞": Take.LYRICS,
    " (Acoustic)": Take.ACOUSTIC, " (Instrumental)": Take.INSTRUMENTAL,
    " (slowed + reverb)": Take.ALTERED, " [8D AUDIO]": Take.ALTERED, " sped up": Take.ALTERED,
    " - 1 hour": Take.LOOP, " guitar lesson": Take.TUTORIAL, " (Reaction)": Take.REACTION,
    " (Parody)": Take.PARODY, " (Demo)": Take.DEMO, " (Teaser)": Take.CLIP,
    " (Full Album)": Take.COMPILATION,
    "": Take.ORIGINAL, " (Official Video)": Take.ORIGINAL, " (Remastered 2011)": Take.ORIGINAL,
    " (Radio Edit)": Take.ORIGINAL, " [HD]": Take.ORIGINAL, " (Official Audio)": Take.ORIGINAL,
    " ft. Somebody": Take.ORIGINAL, " (Single Version)": Take.ORIGINAL,
}  # fmt: skip
"""What is written behind a name, and which take it makes."""


@pytest.mark.parametrize("mark", MARKS)
def test_every_song_of_the_catalogue_is_the_take_that_its_mark_names(mark):
    place = list(MARKS).index(mark)
    every = EVERY_BEFORE_SHORT if len(mark) < 8 else EVERY
    songs = SONGS[place % every :: every]
    titles = [f"{song.artist} - {song.title}{mark}" for song in songs]
    assert {t: take for t in titles if (take := read_take(t)) is not MARKS[mark]} == {}


def test_every_song_of_the_catalogue_on_its_topic_channel_is_the_original():
    found = {s.title: read_take(s.title, f"{s.artist} - Topic") for s in SONGS}
    assert {title: take for title, take in found.items() if take is not Take.ORIGINAL} == {}


@pytest.mark.parametrize(
    "title",
    [
        "Oasis - Live Forever (Official Video)", "The Killers - Run For Cover", "Drake - Karaoke",
        "Selena Gomez - Live Like There's No Tomorrow", "Tenacious D - Tribute (Official Video)",
        "Foo Fighters - Best of You", "Taylor Swift - Long Live", "Dalida - Paroles, paroles",
        "Paul McCartney & Wings - Live and Let Die", "Black Flag - Nervous Breakdown",
        "Taylor Swift - All Too Well: The Short Film", "Sir Mix-a-Lot: Baby Got Back",
        "ドライブ", "드라이브",
    ],
)  # fmt: skip
def test_words_of_a_name_announce_no_take(title):
    assert read_take(title) is Take.ORIGINAL


@pytest.mark.parametrize(
    ("title", "channel", "tags", "take"),
    [
        ("Come As You Are", "Sing King Karaoke", (), Take.KARAOKE),
        ("Nirvana - Come As You Are", "7clouds Lyrics", (), Take.LYRICS),
        ("Nirvana - Come As You Are", "The Reaction Room", (), Take.REACTION),
        ("Come As You Are", "Karaoke - Topic", (), Take.ORIGINAL),
        ("Hello - Sing King Karaoke", "Sing King Karaoke", (), Take.KARAOKE),
        ("Nirvana - Polly cover", "Somebody", (), Take.COVER),
        ("Nirvana - Polly", "Nirvana", ("karaoke", "karaoke version"), Take.ORIGINAL),
        ("Polly", "Somebody", ("karaoke", "polly karaoke version"), Take.KARAOKE),
        ("Polly", "Somebody", ("karaoke", "nirvana"), Take.ORIGINAL),
        ("Polly", "NirvanaVEVO", ("karaoke", "karaoke version"), Take.ORIGINAL),
        ("Polly (Live)", "Nirvana - Topic", (), Take.LIVE),
        ("Hey Ya! - Walk off the Earth (Outkast Cover)", "Walk off the Earth", (), Take.COVER),
        ("First Time Hearing Nirvana - Polly", "Somebody", (), Take.REACTION),
        ("How to play Polly by Nirvana on guitar", "Somebody", (), Take.TUTORIAL),
        ("Nirvana - Nevermind (Full Album)", "Somebody", (), Take.COMPILATION),
        ("Lorde - Green Light in the Live Lounge", "BBCRadio1VEVO", (), Take.LIVE),
    ],
)  # fmt: skip
def test_take_of_a_video(title, channel, tags, take):
    assert read_take(title, channel, tags) is take


def test_values_are_short_and_stay():
    assert [str(take) for take in Take] == [
        "original", "live", "acoustic", "cover", "remix", "karaoke", "instrumental", "lyrics",
        "demo", "tutorial", "reaction", "parody", "altered", "loop", "compilation", "clip",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("come as you are karaoke", {Take.KARAOKE}),
        ("Hallelujah (Live Acoustic Cover)", {Take.LIVE, Take.ACOUSTIC, Take.COVER}),
        ("live forever", {Take.LIVE}),
        ("alive", set()),
        ("remastered", set()),
    ],
)
def test_find_takes_in_words(text, takes):
    assert find_takes(text) == takes
