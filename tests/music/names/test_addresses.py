"""What people paste, and the ids in it."""

import pytest

from music.names.addresses import find_playlist_id, find_video_id, is_video_id, to_uploads_playlist

PLAYLIST = "PLOU2XLYxmsIKpaV8h0AGE05so0fAwwfTw"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PLAYLIST, PLAYLIST),
        (f"  {PLAYLIST}\n", PLAYLIST),
        (f"https://www.youtube.com/playlist?list={PLAYLIST}", PLAYLIST),
        (f"https://music.youtube.com/playlist?list={PLAYLIST}&si=x", PLAYLIST),
        (f"https://m.youtube.com/watch?v=D-lhorsDlUQ&list={PLAYLIST}&index=2", PLAYLIST),
        (f"youtu.be/D-lhorsDlUQ?list={PLAYLIST}", PLAYLIST),
        (f"https://evil.example/playlist?list={PLAYLIST}", None),
        (f"https://youtube.com.evil.example/playlist?list={PLAYLIST}", None),
        ("https://www.youtube.com/playlist?list=RDmixes-have-no-list", None),
        ("https://www.youtube.com/watch?v=D-lhorsDlUQ", None),
        ("https://[", None),
        ("Come As You Are", None),
        ("", None),
    ],
)
def test_playlist_id_is_found_in_what_people_paste(text, found):
    assert find_playlist_id(text) == found


VIDEO = "D-lhorsDlUQ"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"https://www.youtube.com/watch?v={VIDEO}", VIDEO),
        (f" HTTP://YouTube.com/watch?list={PLAYLIST}&v={VIDEO}&t=42s#top ", VIDEO),
        (f"m.youtube.com/watch/?v={VIDEO}", VIDEO),
        (f"https://music.youtube.com/watch?v={VIDEO}&si=x", VIDEO),
        (f"youtu.be/{VIDEO}?si=x", VIDEO),
        (f"https://www.youtube.com/shorts/{VIDEO}/?feature=share", VIDEO),
        (f"youtube-nocookie.com/embed/{VIDEO}", VIDEO),
        (VIDEO, None),
        (f"youtube.com/{VIDEO}", None),
        (f"youtube.com/about/{VIDEO}", None),
        (f"youtu.be/{VIDEO}x", None),
        (f"youtube.com/watch?v={VIDEO} live", None),
        (f"https://youtube.com/playlist?list={PLAYLIST}", None),
        (f"https://evil.example/watch?v={VIDEO}", None),
        (f"https://youtu.be.evil.example/{VIDEO}", None),
        ("https://[", None),
        ("Watch", None),
        ("", None),
    ],
)
def test_video_id_is_found_in_links_only(text, found):
    assert find_video_id(text) == found


def test_video_id_has_eleven_characters_of_its_alphabet():
    assert is_video_id("D-lhorsDlU_")
    assert not any(
        map(is_video_id, ["", "D-lhorsDlU", "D-lhorsDlUQQ", "catalogue:x", "D-lhorsDlU\n"])
    )


def test_uploads_playlist_differs_in_one_letter():
    assert to_uploads_playlist("UC_x5XG1OV2P6uZZ5FSM9Ttw") == "UU_x5XG1OV2P6uZZ5FSM9Ttw"
    assert to_uploads_playlist("Nirvana") is None
