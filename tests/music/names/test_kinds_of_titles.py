"""Titles as people write them on YouTube, by kind: one example each of many."""

import pytest

from music.names.keys import song_key
from music.names.normalization import normalize_key
from music.names.takes import Take
from music.names.titles import parse_title
from tests.catalogue_names import read_artists, read_names

ENDINGS = """
Official Video|Official Video HD|Official HD Video|Offical Video|(Official Video) HD|HD|HQ|Original
[Official Video]|Music Video|Video|Clip|Audio|Official Audio|1080p HD|in 4K|High Quality|good sound
HD Remastered|Digitally Remastered|2011 Remaster|Originalversion|Original Video HD|Das Original
1985|(1985)|- 1985|, 1985|c.1985|1985 HD|live|Live 1985|Live at Wembley|LIVE HD|Live in Concert
Live bei TV total|Live à l'Olympia|en vivo|Ao Vivo|en concert|Unplugged|Acoustic|Karaoke|Demo
Cover|Extended Mix|12" Mix|Radio Edit|Album Version|German Version|Clean Version|Lyrics|sanat
with lyrics|+ lyrics|mit Songtext|met songtekst|avec paroles|con letra|con testo|lyriikat
Legendado|Subtitulado Español|Lyrics Deutsch|with English subtitles|deutsche Übersetzung
english lyrics|Offizielles Musikvideo|Clip officiel HD|Video Oficial|Video Ufficiale
virallinen musiikkivideo|Oficjalny teledysk|oficiální video|hivatalos videoklip|officiell video
официальный клип|• TopPop|TOTP 1985|ZDF Hitparade|Eurovision 1982|Melodifestivalen 1983
Musikladen 1975|(Titanic Soundtrack)|(Titanic OST)|(Street Video)|(mit Text)|(Resmi Klip)
(John Lewis Advert 2017)|(Son Officiel)|(Официальное видео)|(Премьера клипа, 2017)
(Áudio Oficial)|(Tradução)|(歌詞付き)|(Diss Track - Official Audio)|– from the album Somewhere
performed by Somebody|*HD*|'Official Video'
""".strip().replace("\n", "|")


@pytest.mark.parametrize("ending", [*ENDINGS.split("|"), "| Official Video"])
@pytest.mark.parametrize("name", ["Kassav Trio - Sye Bwa", "Mitch Keller - Sieben Leben"])
def test_what_stands_behind_a_name_is_no_part_of_it(name, ending):
    parsed = parse_title(f"{name} {ending}")
    assert f"{parsed.artist} - {parsed.song_title}" == name


@pytest.mark.parametrize(
    ("title", "artist", "song"),
    [
        # a sign instead of a dash
        ("Mitch Keller: Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller ★ Sieben Leben ★ Clip 2017", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller _ Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller_ Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller /// Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller → Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller − Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller-Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben / Green Day", "Green Day", "Sieben Leben"),
        # quotes of every script
        ("Mitch Keller „Sieben Leben“ (Official Video)", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller «Sieben Leben»", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller ‘Sieben Leben’", "Mitch Keller", "Sieben Leben"),
        ('"Sieben Leben" Green Day', "Green Day", "Sieben Leben"),
        ("back number - 「水平線」Music Video", "back number", "水平線"),
        ("周杰倫 Jay Chou【告白氣球 Love Confession】Official MV",
         "周杰倫", "告白氣球 Love Confession"),
        ("五月天 Mayday [ 溫柔 Tenderness ] Official Music Video", "五月天", "溫柔 Tenderness"),
        ("BTS (방탄소년단) 'DNA' Official MV", "BTS", "DNA"),
        ("aespa 에스파 'Next Level' MV", "aespa", "Next Level"),
        ('Are "Friends" Electric?', "", 'Are "Friends" Electric?'),
        # what stands before a name
        ("[MV] IU(아이유) _ Palette(팔레트)", "IU", "Palette(팔레트)"),
        ("[Some Radio - Live] Mitch Keller - Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Official Video: Mitch Keller - Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("21. Sieben Leben - Green Day", "Green Day", "Sieben Leben"),
        ("[Alexandros] - ワタリドリ", "(Alexandros)", "ワタリドリ"),
        # the song first
        ("Sieben Leben (Official Video) - Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben - by Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben By Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("All I Have To Do Is Dream - Foo Brothers", "Foo Brothers", "All I Have To Do Is Dream"),
        ("Hello - Green Day (Rat Pack Style Cover) ft. Somebody", "Green Day", "Hello"),
        ("Calvin Harris - By Your Side", "Calvin Harris", "By Your Side"),
        # several bars
        ("Mitch Keller | Sieben Leben | Official Video 2018 | By Dj Foo",
         "Mitch Keller", "Sieben Leben"),
        ("Green Day: Hello (Full Video Song) | Some Film 2", "Green Day", "Hello"),
        # nothing between them
        ("Green Day Basket Case Official Video", "Green Day", "Basket Case"),
        ("Radiohead Creep", "Radiohead", "Creep"),
        ("Mack the Knife", "", "Mack the Knife"),
        ("Heart-Shaped Box", "", "Heart-Shaped Box"),
        ("Rudolph the Red-Nosed Reindeer", "", "Rudolph the Red-Nosed Reindeer"),
        # an artist keeps the words of its own name
        ("Soda Stereo - De música ligera [Letra]", "Soda Stereo", "De música ligera"),
        ("The 1975 - Chocolate (2013)", "The 1975", "Chocolate"),
        ("Gnarls Barkley w/ CeeLo - Crazy", "Gnarls Barkley", "Crazy"),
        # a song too
        ("Pulp - Disco 2000", "Pulp", "Disco 2000"),
        ("Foo - Long Live", "Foo", "Long Live"),
        ("Foo - Show Me How to Live", "Foo", "Show Me How to Live"),
        ("Foo - Run for Cover", "Foo", "Run for Cover"),
        ("India.Arie - Video", "India.Arie", "Video"),
    ],
)  # fmt: skip
def test_kinds_of_titles(title, artist, song):
    catalogue = read_artists()
    parsed = parse_title(title, "", catalogue.is_known, catalogue.is_distinct)
    assert (parsed.artist, parsed.song_title) == (artist, song)


def test_channel_called_after_the_first_artist_tells_who_it_is():
    catalogue = read_artists()
    title = "Krewella, Yellow Claw - New World (Audio)"
    parsed = parse_title(title, "KrewellaMusicVEVO", catalogue.is_known)
    assert (parsed.artist, parsed.song_title) == ("Krewella, Yellow Claw", "New World")


@pytest.mark.parametrize(
    ("title", "take"),
    [("Foo - Bar Live 1985", Take.LIVE), ("Foo - Bar en vivo", Take.LIVE),
     ("Foo - Bar Karaoke", Take.KARAOKE), ("Foo - Bar Acoustic", Take.ACOUSTIC)],
)  # fmt: skip
def test_take_behind_a_name_is_noted(title, take):
    parsed = parse_title(title)
    assert (parsed.song_title, take in parsed.takes) == ("Bar", True)


AMBIGUOUS = 40
"""Songs of the catalogue whose names do not tell which part is the artist, or that are called
after a take: of 6,255."""


@pytest.mark.parametrize(("form", "most"), [("{a} - {t}", AMBIGUOUS), ("{t} - {a}", 2 * AMBIGUOUS)])
def test_name_of_every_song_of_the_catalogue_is_read(form, most):
    catalogue = read_artists()
    wrong = []
    for artist, title in read_names():
        parsed = parse_title(
            form.format(a=artist, t=title), "", catalogue.is_known, catalogue.is_distinct
        )
        if song_key(parsed.artist, parsed.song_title) != song_key(artist, title):
            wrong.append((artist, title, parsed))
    assert len(wrong) <= most, wrong[:20]


def test_title_of_a_catalogue_song_alone_is_seldom_parted():
    catalogue = read_artists()
    parted = [
        title
        for _, title in read_names()
        if normalize_key(parse_title(title, "", catalogue.is_known, catalogue.is_distinct).artist)
        and ":" not in title
    ]
    assert len(parted) < 30, parted
