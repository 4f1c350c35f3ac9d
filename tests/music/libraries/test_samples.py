"""Every sample of ``tests/data/import_samples``: what is read of it, and what is not.

Its README says what each file is a trap for.
"""

from pathlib import Path

import pytest

from music.libraries.reading import read_library

SAMPLES = Path(__file__).parent.parent.parent / "data" / "import_samples"
EXPECTED = {
    "apple_music_playlist_export.txt": (
        "Apple Music",
        "apple_music_playlist_export",
        False,
        [
            ("Ludwig van Beethoven - Für Elise", "", "", ""),
            ("Buena Vista Social Club - Chan Chan", "", "", ""),
            ("Beyoncé - Déjà Vu", "", "", ""),
        ],
    ),
    "exportify_net_comma.csv": (
        "Exportify",
        "exportify_net_comma",
        False,
        [
            ("Queen - Bohemian Rhapsody - Remastered 2011", "", "2023-04-01T09:12", ""),
            ("Queen, David Bowie - Under Pressure - Remastered 2011", "", "2023-04-01T09:12", ""),
            ("Adele - Hello", "", "2023-04-02T18:00", ""),
            ("Demo Band - My Own Song", "", "2023-04-02T18:01", ""),
        ],
    ),
    "exportify_net_semicolon.csv": (
        "Exportify",
        "exportify_net_semicolon",
        False,
        [
            ("Queen & David Bowie - Under Pressure - Remastered 2011", "", "2026-04-01T09:12", ""),
            ("YOASOBI & Ayase - アイドル", "", "2026-04-03T10:00", ""),
            ("Billie Eilish - bad guy", "", "2026-04-03T10:01", ""),
        ],
    ),
    "exportify_watsonbox.csv": (
        "Exportify",
        "exportify_watsonbox",
        False,
        [
            (
                "Daft Punk, Pharrell Williams, Nile Rodgers - Get Lucky"
                " (feat. Pharrell Williams & Nile Rodgers)",
                "",
                "2024-05-04T11:22",
                "",
            ),
            ("Tyler, The Creator - EARFQUAKE", "", "2024-05-04T11:23", ""),
            ('Earth, Wind & Fire - She said "Hello" (Live)', "", "2024-05-05T00:00", ""),
        ],
    ),
    "freetube_playlists.db": (
        "FreeTube",
        "Favorites",
        False,
        [
            (
                "Queen – Bohemian Rhapsody (Official Video Remastered)",
                "fJ9rUzIMcZQ",
                "2025-12-31T21:38",
                "",
            )
        ],
    ),
    "itunes_Library.xml": (
        "iTunes",
        "itunes_Library",
        False,
        [
            ("Nirvana - Smells Like Teen Spirit", "", "2020-01-02T03:04", ""),
            ("Elis Regina & Tom Jobim - Águas de Março", "", "2020-01-02T03:04", ""),
        ],
    ),
    "lastfm_benjaminbenben_noheader.csv": (
        "Last.fm",
        "lastfm_benjaminbenben_noheader",
        True,
        [
            ("Kendrick Lamar - HUMBLE.", "", "", ""),
            ("Earth, Wind & Fire - September", "", "", ""),
            ("Radiohead - Creep", "", "", ""),
        ],
    ),
    "lastfm_ghan_recenttracks.csv": (
        "Last.fm",
        "lastfm_ghan_recenttracks",
        True,
        [("Radiohead - Karma Police", "", "", ""), ("Taylor Swift - Style", "", "", "")],
    ),
    "lastfmstats.csv": (
        "Last.fm",
        "lastfmstats",
        True,
        [
            ("Daft Punk - One More Time", "", "", ""),
            ("Guns N' Roses - Sweet Child O' Mine", "", "", ""),
        ],
    ),
    "listenbrainz_listens.jsonl": (
        "ListenBrainz",
        "listenbrainz_listens",
        True,
        [("ABBA - Fernando", "dQsjAbZDx-4", "", ""), ("أم كلثوم - إنت عمري", "", "", "")],
    ),
    "listenbrainz_playlist.jspf": (
        "JSPF",
        "Daily Jams",
        False,
        [
            ("Miles Davis - So What", "", "2025-09-19T00:00", ""),
            ("Radiohead - Paranoid Android", "", "", ""),
        ],
    ),
    "plain_list.txt": (
        "a list",
        "plain_list",
        False,
        [
            ("Daft Punk - One More Time", "", "", ""),
            ("Air – La Femme d'Argent", "", "", ""),
            ('"Hurt" by Johnny Cash', "", "", ""),
            ("https://youtu.be/hTWKbfoikeg?si=abc", "hTWKbfoikeg", "", ""),
            ("Beyoncé - Halo", "", "", ""),
        ],
    ),
    "playlist.xspf": (
        "XSPF",
        "Sunday",
        False,
        [
            ("Johnny Cash - Hurt", "", "", ""),
            ("Stan Getz & João Gilberto - Garota de Ipanema", "", "", ""),
            ("Adele - Hello", "YQHsXMglC9A", "", ""),
        ],
    ),
    "playlist_extended.m3u8": (
        "M3U",
        "Sunday",
        False,
        [
            ("Queen - Bohemian Rhapsody", "", "", ""),
            ("Кино - Звезда по имени Солнце", "", "", ""),
            ("Daft Punk - One More Time", "FGBhQbmPwH8", "", ""),
        ],
    ),
    "playlist_simple_latin1.m3u": (
        "M3U",
        "playlist_simple_latin1",
        False,
        [("Édith Piaf - La vie en rose", "", "", ""), ("Björk - Jóga", "", "", "")],
    ),
    "rockbox.scrobbler.log": (
        "Rockbox",
        "rockbox.scrobbler",
        True,
        [
            ("Pink Floyd - Money", "", "", ""),
            ("The Beatles - Come Together", "", "", "Skipped, or"),
        ],
    ),
    "shazamlibrary.csv": (
        "Shazam",
        "shazamlibrary",
        False,
        [
            ("Red Hot Chili Peppers - Californication", "", "2026-04-18T00:00", ""),
            ("Eminem - Lose Yourself", "", "2026-04-17T00:00", ""),
        ],
    ),
    "soundiiz.csv": (
        "Soundiiz",
        "soundiiz",
        False,
        [
            ("Massive Attack - Teardrop", "", "2024-01-05T10:00", ""),
            ("Radiohead - Creep; acoustic", "", "", ""),
            ("Johnny Cash - Hurt", "", "", ""),
        ],
    ),
    "soundiiz_roon_short.csv": (
        "Soundiiz",
        "soundiiz_roon_short",
        False,
        [("Tom Waits - Alice", "", "", ""), ("U2 - One; Two", "", "", "")],
    ),
    "spotify_Playlist1.json": (
        "Spotify",
        "Gym",
        False,
        [
            ("Massive Attack - Teardrop", "", "2026-01-01T00:00", ""),
            ("A podcast", "", "", "A podcast"),
            ("Demo Band - My Song", "", "2026-01-01T00:00", ""),
        ],
    ),
    "spotify_StreamingHistory_music_0.json": (
        "Spotify",
        "spotify_StreamingHistory_music_0",
        True,
        [
            ("Metallica - Enter Sandman", "", "", ""),
            ("Some Podcast - Episode 3", "", "", "Skipped, or"),
            ("BTS - Dynamite", "", "", ""),
        ],
    ),
    "spotify_Streaming_History_Audio_2024_0.json": (
        "Spotify",
        "spotify_Streaming_History_Audio_2024_0",
        True,
        [
            ("Bob Marley & The Wailers - No Woman, No Cry", "", "", ""),
            ("Adele - Hello", "", "", "Skipped, or"),
            ("A podcast", "", "", "A podcast"),
        ],
    ),
    "spotify_YourLibrary.json": (
        "Spotify",
        "spotify_YourLibrary",
        False,
        [("Rick Astley - Never Gonna Give You Up", "", "", ""), ("米津玄師 - Lemon", "", "", "")],
    ),
    "takeout_music library songs.csv": (
        "YouTube Music",
        "takeout_music library songs",
        False,
        [
            ("Queen - Bohemian Rhapsody", "fJ9rUzIMcZQ", "", ""),
            ("Queen - Under Pressure", "abcdefghijk", "", ""),
            ("G-Eazy - Me, Myself & I", "lmnopqrstuv", "", ""),
        ],
    ),
    "takeout_playlist_new__Liked music-videos.csv": (
        "YouTube",
        "takeout_playlist_new__Liked music",
        False,
        [
            ("", "fJ9rUzIMcZQ", "2024-02-26T12:22", ""),
            ("", "hTWKbfoikeg", "2024-03-01T08:00", ""),
            ("", "YQHsXMglC9A", "2025-06-24T23:49", ""),
        ],
    ),
    "takeout_playlist_old__Road trip.csv": (
        "YouTube",
        "Road trip",
        False,
        [("", "fJ9rUzIMcZQ", "2020-03-04T05:06", ""), ("", "hTWKbfoikeg", "2021-05-01T12:00", "")],
    ),
    "takeout_watch-history.json": (
        "YouTube",
        "takeout_watch-history",
        True,
        [
            ("Twenty One Pilots - Trees", "abcdefghijk", "", ""),
            ("Nirvana - Smells Like Teen Spirit (Official Music Video)", "hTWKbfoikeg", "", ""),
            ("https://music.youtube.com/watch?v=xxxxxxxxxxx", "", "", "A video"),
            ("a video that has been removed", "", "", "A video"),
            ("Some advert", "", "", "An advertisement."),
            ("Herbert Grönemeyer - Der Weg", "zzzzzzzzzzz", "", ""),
        ],
    ),
    "tunemymusic.csv": (
        "TuneMyMusic",
        "tunemymusic",
        False,
        [
            ("The Weeknd - Blinding Lights", "", "", ""),
            ("G-Eazy, Bebe Rexha - Me, Myself & I", "", "", ""),
            ("Vance Joy - Riptide", "", "", ""),
        ],
    ),
    "tunemymusic_from_youtube.csv": (
        "TuneMyMusic",
        "tunemymusic_from_youtube",
        False,
        [
            ("Nirvana - Smells Like Teen Spirit (Official Music Video)", "", "", ""),
            ("FIFTY FIFTY - Cupid", "", "", ""),
            ("", "", "", "There is"),
        ],
    ),
}
"""By file: its source, the name of its list, whether it is a history, and its songs: name, video,
when it was liked, and the first words of why it is left out."""


def describe(library):
    songs = [
        (
            song.name,
            song.video_id,
            song.liked_at.isoformat()[:16] if song.liked_at else "",
            " ".join(song.left_out.split()[:2]),
        )
        for song in library.songs
    ]
    return library.source, library.label, library.is_history, songs


def test_every_sample_is_expected():
    names = {path.name for path in SAMPLES.iterdir()} - {"README.md"}
    assert names == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_is_read(name):
    assert describe(read_library((SAMPLES / name).read_bytes(), name)) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_is_told_by_what_is_in_it_and_not_by_its_name(name):
    read = describe(read_library((SAMPLES / name).read_bytes(), "x"))
    assert (read[0], read[2:]) == (EXPECTED[name][0], EXPECTED[name][2:])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_table_is_read_in_any_encoding_and_with_any_end_of_lines(encoding, ending):
    text = ending.join(["Track name;Artist name;Added at", "Jóga;Björk;2024-01-02T03:04:05Z", ""])
    [song] = read_library(text.encode(encoding)).songs
    assert (song.name, song.liked_at.isoformat()) == ("Björk - Jóga", "2024-01-02T03:04:05+00:00")


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("Titel;Interpret", "99 Luftballons;Nena"),
        ("Song Name,Artist", "99 Luftballons,Nena"),
        ("Titre,Artiste", "99 Luftballons,Nena"),
        ("Título\tArtista", "99 Luftballons\tNena"),
        ("название,исполнитель", "99 Luftballons,Nena"),
        ("曲名,アーティスト", "99 Luftballons,Nena"),
    ],
)
def test_headings_of_other_languages_are_known(heading, row):
    [song] = read_library(f"{heading}\n{row}\n".encode()).songs
    assert song.name == "Nena - 99 Luftballons"


def test_takeout_in_an_unknown_language_is_told_by_its_ids():
    text = (
        "Tunniste,Aika\nfJ9rUzIMcZQ,2024-02-26T12:22:09+00:00\nhTWKbfoikeg,2024-03-01T08:00:00Z\n"
    )
    library = read_library(text.encode())
    assert [song.video_id for song in library.songs] == ["fJ9rUzIMcZQ", "hTWKbfoikeg"]


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_personal_of_a_sample_is_read(name):
    read = str(read_library((SAMPLES / name).read_bytes(), name))
    for personal in ("203.0.113.9", "spotify:user", "android", "#example", "UC0000", "/home/me"):
        assert personal not in read
