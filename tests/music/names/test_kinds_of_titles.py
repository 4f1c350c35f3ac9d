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
performed by Somebody|*HD*|'Official Video'|=HD=|ᴴᴰ|4K 60fps|1080p60|8K|FHD|Hi-Fi|(5.1)|(DVD Rip)
BBC Session|(BBC Radio 1)|BBC TV 1975|(ARD)|RTL|German TV 1978|(Spanish TV)|on TV 1985|(VH1)
on The Ed Sullivan Show|(The Voice of Germany)|Verstehen Sie Spaß|Taratata|Discoring 1980
(ZDF-Fernsehgarten)|Das Supertalent 2010|at Woodstock 1969|Live Aid 1985|(Wacken Open Air)
Live Berlin 2016|live Hollywood Bowl 09.25.2017|Live '85|12.03.1975|(12/03/1975)|March 12, 1975
12 March 1975|1975-03-12|anno 1975|aus dem Jahre 1975|uit 1975|from 1975|(70's)|80s|#80s #music
Acoustic Version|(Session acoustique)|Instrumental Version|Neue Version|Version 2010|Unreleased
Originalaufnahme|Disco Version|(Maxi)|(12")|B-Side|45 giri|(78 rpm)|Vinyl Single|in English
auf Deutsch|(en español)|(version française)|sub ita|VOSTFR|(+ paroles)|Traduction|traduzione
zum Mitsingen|Liedtext|(svensk text)|norsk tekst|(Türkçe Çeviri)|şarkı sözü|napisy pl|(перевод)
с переводом|中文字幕|[中文歌詞]|日本語字幕|แปลไทย|(Resmî Müzik Videosu)|(Επίσημο)|(zvanični spot)
ミュージックビデオ|(オフィシャルビデオ)|[公式MV]|뮤직비디오|官方MV|完整版MV|Offiziell|(Lyrics!)
(prod by. Somebody)|Prod. Somebody|(dir. Somebody)|Shot by Somebody|(Choreography by Somebody)
[Ultra Music]|(Island Records)|[NCS Release]|© EMI|(with Jane Roe)|(mit Jane Roe)|(vs. Roe)
(duet with Jane Roe)|feat.Jane Roe|(Ft: Jane Roe)|f. Jane Roe|part. Jane Roe|(con Jane Roe)
Piano Cover|cover by Jane Roe|Guitar Lesson|slowed + reverb|10 hours|(Roe Remix/Audio)
1 Hour Loop|//LETRA//|Full Video Song|(Full Song)|Lyrical Video|(Norway) 2009 Eurovision Winner
1975 Disco ZDF|"From CHESS"|192TV|ft @somebody|- Original Video|：MUSIC VIDEO
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
        ("Green Day_Sieben Leben", "Green Day", "Sieben Leben"),
        ("Green Day... Sieben Leben", "Green Day", "Sieben Leben"),
        ("Mitch Keller,-Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller: Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller ★ Sieben Leben ★ Clip 2017", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller ➜ Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller / Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben / Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("Foo & Das Pop-Orchester / Leben", "", "Foo & Das Pop-Orchester / Leben"),
        # a person or a band behind the song
        ('"Sieben Leben" Mitch Keller', "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben (Queen)", "Queen", "Sieben Leben"),
        ("Elszáll a gondom - Ihász Gábor", "Ihász Gábor", "Elszáll a gondom"),
        ("Leben - Somebody & the Others", "Somebody & the Others", "Leben"),
        ("Leben - Somebody Big Band", "Somebody Big Band", "Leben"),
        ("Leben - by The Somebodies", "The Somebodies", "Leben"),
        ("Foo - By the Way", "Foo", "By the Way"),
        ("Mitch Keller - One Man Band", "Mitch Keller", "One Man Band"),
        ("Mitch Keller _ Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller_ Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller /// Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller → Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller − Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller-Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben / Green Day", "Green Day", "Sieben Leben"),
        # quotes of every script
        ("Mitch Keller ''Sieben Leben''", "Mitch Keller", "Sieben Leben"),
        ("【米津玄師】水平線", "米津玄師", "水平線"),
        ("Mitch Keller „Sieben Leben“ (Official Video)", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller «Sieben Leben»", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller ‘Sieben Leben’", "Mitch Keller", "Sieben Leben"),
        ('"Sieben Leben" Green Day', "Green Day", "Sieben Leben"),
        ("back number - 「水平線」Music Video", "back number", "水平線"),
        ("周杰倫 Jay Chou【告白氣球 Love Confession】Official MV",
         "周杰倫", "告白氣球"),
        ("五月天 Mayday [ 溫柔 Tenderness ] Official Music Video", "五月天", "溫柔"),
        ("BTS (방탄소년단) 'DNA' Official MV", "BTS", "DNA"),
        ("aespa 에스파 'Next Level' MV", "aespa", "Next Level"),
        ('Are "Friends" Electric?', "", 'Are "Friends" Electric?'),
        # what stands before a name
        ("[MV] IU(아이유) _ Palette(팔레트)", "IU", "Palette(팔레트)"),
        ("[Some Radio - Live] Mitch Keller - Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Official Video: Mitch Keller - Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("21. Sieben Leben - Green Day", "Green Day", "Sieben Leben"),
        ("[Alexandros] - ワタリドリ", "(Alexandros)", "ワタリドリ"),
        ("HD Mitch Keller - Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("PREMIERE: Mitch Keller - Sieben Leben", "Mitch Keller", "Sieben Leben"),
        ("Eurovision 2010: Mitch Keller - Sieben Leben", "Mitch Keller", "Sieben Leben"),
        # the song first
        ('"Rosalinda" - Zelka', "Zelka", "Rosalinda"),
        ("Rosalinda (Official Video) | Zelka", "Zelka", "Rosalinda"),
        ("Sieben Leben - Mitch Keller & Jane Roe", "Mitch Keller & Jane Roe", "Sieben Leben"),
        ("Sieben Leben - Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben. Chanté par Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("Rosalinda - gesungen von Zelka", "Zelka", "Rosalinda"),
        ("Rosalinda (sung by Zelka)", "Zelka", "Rosalinda"),
        ("Rosalinda (by Zelka)", "Zelka", "Rosalinda"),
        ("Sieben Leben von Green Day", "Green Day", "Sieben Leben"),
        ("Sieben Leben (Green Day)", "Green Day", "Sieben Leben"),
        ("Can the Circle Be Unbroken (By and By)", "", "Can the Circle Be Unbroken (By and By)"),
        ("Mademoiselle chante le blues", "", "Mademoiselle chante le blues"),
        ("Sieben Leben (Official Video) - Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben - by Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("Sieben Leben By Mitch Keller", "Mitch Keller", "Sieben Leben"),
        ("All I Have To Do Is Dream - Foo Brothers", "Foo Brothers", "All I Have To Do Is Dream"),
        ("Hello - Green Day (Rat Pack Style Cover) ft. Somebody", "Green Day", "Hello"),
        ("Calvin Harris - By Your Side", "Calvin Harris", "By Your Side"),
        ("Wonderwall - Oasis", "Oasis", "Wonderwall"),
        ("Wonderwall - Just More", "Wonderwall", "Just More"),
        ("Nights in the Old Town of Somewhere - Zelka", "Zelka",
         "Nights in the Old Town of Somewhere"),
        ("Green Day ft. Jane Roe: Sieben Leben", "Green Day", "Sieben Leben"),
        # songs of films, classical works
        ("Somewhere (From the Film) - Zelka", "Zelka", "Somewhere"),
        ("Some Series Theme - Jo Roe", "Jo Roe", "Some Series Theme"),
        ("Some Series Theme - What You Want", "Some Series Theme", "What You Want"),
        ("OST Some Film - Mitch Keller - Rosalinda", "Mitch Keller", "Rosalinda"),
        ("Sieben Leben - Some Film | Jane Roe | Green Day | Foo", "Green Day", "Sieben Leben"),
        ("Antonio Vivaldi: The Four Seasons - Spring", "Antonio Vivaldi",
         "The Four Seasons - Spring"),
        # a name in two scripts
        ("米津玄師 - Lemon / Kenshi Yonezu", "米津玄師", "Lemon"),
        ("Green Day - Lemon / Lime", "Green Day", "Lemon / Lime"),
        # several bars
        ("Mitch Keller | Sieben Leben | Official Video 2018 | By Dj Foo",
         "Mitch Keller", "Sieben Leben"),
        ("Green Day: Hello (Full Video Song) | Some Film 2", "Green Day", "Hello"),
        ("Mitch Keller | Sieben Leben | Sing meinen Song", "Mitch Keller", "Sieben Leben"),
        ("Mitch Keller - Sieben Leben Cover - Foo", "Mitch Keller", "Sieben Leben"),
        # nothing between them
        ("Mitch Keller 7 Leben", "Mitch Keller", "7 Leben"),
        ("Green Day In My Room", "Green Day", "In My Room"),
        ("Green Day in concert", "", "Green Day"),
        ("Green Day (Sieben Leben)", "Green Day", "Sieben Leben"),
        ("Mitch Keller-Rosalinda", "Mitch Keller", "Rosalinda"),
        ("BELL & RHYME Rescue Us (Official Video)", "BELL & RHYME", "Rescue Us"),
        ("Ne me dis rien JANE ROE", "JANE ROE", "Ne me dis rien"),
        ("James Brown Is Dead", "", "James Brown Is Dead"),
        ("Stop CALLING Me", "", "Stop CALLING Me"),
        ("Green Day Basket Case Official Video", "Green Day", "Basket Case"),
        ("Radiohead Creep", "Radiohead", "Creep"),
        ("Mack the Knife", "", "Mack the Knife"),
        ("Heart-Shaped Box", "", "Heart-Shaped Box"),
        ("Rudolph the Red-Nosed Reindeer", "", "Rudolph the Red-Nosed Reindeer"),
        # an artist keeps the words of its own name
        ("Soda Stereo - De música ligera [Letra]", "Soda Stereo", "De música ligera"),
        ("The 1975 - Chocolate (2013)", "The 1975", "Chocolate"),
        ("Gnarls Barkley w/ CeeLo - Crazy", "Gnarls Barkley", "Crazy"),
        ("Thundercat - 'Show You (feat. Jane Roe)' (Official Video)", "Thundercat", "Show You"),
        # a song too
        ("Foo - Thunder Kiss '65", "Foo", "Thunder Kiss '65"),
        ("Foo - Coffee & TV", "Foo", "Coffee & TV"),
        ("Foo - Life in Mono", "Foo", "Life in Mono"),
        ("Foo - Afro Disco", "Foo", "Afro Disco"),
        ("Foo - Soft Spot", "Foo", "Soft Spot"),
        ("Foo - Les Champs-Élysées", "Foo", "Les Champs-Élysées"),
        ("Foo - Fallen (With Someone You Shouldn't)", "Foo", "Fallen (With Someone You Shouldn't)"),
        ("Foo - Time to Go (Con te partirò)", "Foo", "Time to Go (Con te partirò)"),
        ("Pulp - Disco 2000", "Pulp", "Disco 2000"),
        ("Foo - Long Live", "Foo", "Long Live"),
        ("Foo - Show Me How to Live", "Foo", "Show Me How to Live"),
        ("Foo - Run for Cover", "Foo", "Run for Cover"),
        ("India.Arie - Video", "India.Arie", "Video"),
    ],
)  # fmt: skip
def test_kinds_of_titles(title, artist, song):
    catalogue = read_artists()
    parsed = parse_title(title, "", catalogue.is_known, catalogue.is_distinct, catalogue.has_song)
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


AMBIGUOUS = 50
"""Songs of the catalogue that are called after a take or a year, or have a dash: of 12,512."""


@pytest.mark.parametrize(("form", "most"), [("{a} - {t}", AMBIGUOUS), ("{t} - {a}", AMBIGUOUS)])
def test_name_of_every_song_of_the_catalogue_is_read(form, most):
    catalogue = read_artists()
    wrong = []
    for artist, title in read_names():
        parsed = parse_title(
            form.format(a=artist, t=title),
            "",
            catalogue.is_known,
            catalogue.is_distinct,
            catalogue.has_song,
        )
        if song_key(parsed.artist, parsed.song_title) != song_key(artist, title):
            wrong.append((artist, title, parsed))
    assert len(wrong) <= most, wrong[:20]


def test_title_of_a_catalogue_song_alone_is_not_parted():
    catalogue = read_artists()
    known = catalogue.is_known, catalogue.is_distinct, catalogue.has_song
    parted = [
        title for _, title in read_names() if normalize_key(parse_title(title, "", *known).artist)
    ]
    assert len(parted) < 10, parted
