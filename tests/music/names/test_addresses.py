"""What people paste, and the ids in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.names.addresses import (
    Link,
    LinkKind,
    find_link,
    find_playlist_id,
    find_video_id,
    is_video_id,
    to_uploads_playlist,
)

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
        (f"youtube.com/watch?v={VIDEO} live", VIDEO),
        (f"https://youtu.be/{VIDEO}.", VIDEO),
        (f"_https://youtu.be/{VIDEO}_", VIDEO),
        ("https://www.youtube.com/watch?v=D-lhorsDlU_", "D-lhorsDlU_"),
        ("(https://youtu.be/D-lhorsDlU_)", "D-lhorsDlU_"),
        ("_https://youtu.be/D-lhorsDlU__", "D-lhorsDlU_"),
        (f"https://youtu.be/{VIDEO},", VIDEO),
        (f"(https://youtu.be/{VIDEO})", VIDEO),
        (f'"https://www.youtube.com/watch?v={VIDEO}"', VIDEO),
        (f"<https://youtu.be/{VIDEO}>", VIDEO),
        (f"[Polly](https://youtu.be/{VIDEO})", VIDEO),
        (f"[Polly](https://www.youtube.com/watch?v={VIDEO}).", VIDEO),
        (f"1. https://youtu.be/{VIDEO}", VIDEO),
        (f"my favourite: https://youtu.be/{VIDEO} listen!", VIDEO),
        (f"Polly youtube.com/watch?v={VIDEO}", VIDEO),
        (f"https://www.youtube.com/e/{VIDEO}", VIDEO),
        (f"https://www.youtube.com/watch/{VIDEO}", VIDEO),
        (f"//www.youtube.com/embed/{VIDEO}", VIDEO),
        (f"https://open.spotify.com/track/x https://youtu.be/{VIDEO}", VIDEO),
        (f"https://www.youtube.com/watch?v={VIDEO}&list={PLAYLIST}", VIDEO),
        (f"notyoutube.com/watch?v={VIDEO}", None),
        (f"me@youtube.com/watch?v={VIDEO}", None),
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


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"https://youtu.be/{VIDEO}", Link(LinkKind.VIDEO, VIDEO)),
        (f"1. (https://youtu.be/{VIDEO})", Link(LinkKind.VIDEO, VIDEO, "1. (")),
        (f"https://www.youtube.com/playlist?list={PLAYLIST}", Link(LinkKind.PLAYLIST, PLAYLIST)),
        ("https://www.youtube.com/@Nirvana", Link(LinkKind.CHANNEL)),
        ("youtube.com/channel/UC_x5XG1OV2P6uZZ5FSM9Ttw", Link(LinkKind.CHANNEL)),
        ("https://music.youtube.com/browse/MPREb_x", Link(LinkKind.YOUTUBE)),
        ("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", Link(LinkKind.SPOTIFY)),
        ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", Link(LinkKind.SPOTIFY)),
        ("open.spotify.com/track/4uLU", Link(LinkKind.SPOTIFY)),
        ("https://soundcloud.com/x/y", Link(LinkKind.OTHER)),
        ("Polly https://example.org/x", Link(LinkKind.OTHER, rest="Polly")),
        ("Nirvana - Polly", None),
        ("AC/DC // Hells Bells", None),
        ("//", None),
        ("Re: Stacks", None),
        ("1/1", None),
    ],
)
def test_links_are_told_apart(text, link):
    assert find_link(text) == link


@given(st.text(max_size=300))
def test_find_link_is_total(text):
    assert find_link(text) is None or find_link(text).kind in LinkKind


def test_video_id_has_eleven_characters_of_its_alphabet():
    assert is_video_id("D-lhorsDlU_")
    assert not any(
        map(is_video_id, ["", "D-lhorsDlU", "D-lhorsDlUQQ", "catalogue:x", "D-lhorsDlU\n"])
    )


def test_uploads_playlist_differs_in_one_letter():
    assert to_uploads_playlist("UC_x5XG1OV2P6uZZ5FSM9Ttw") == "UU_x5XG1OV2P6uZZ5FSM9Ttw"
    assert to_uploads_playlist("Nirvana") is None
