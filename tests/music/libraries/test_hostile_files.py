"""Files that nobody honest sends: each is refused with a sentence, and memory stays flat."""

import io
import json
import tracemalloc
import zipfile
from functools import cache

import pytest

from music.errors import InvalidInput
from music.libraries.archives import MAX_MEMBERS
from music.libraries.formulas import defuse, undo
from music.libraries.reading import MAX_BYTES, name_list, read_library

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>&b;</title></playlist>'
)
PLIST_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<plist version='1.0'><dict><key>&b;</key><string>x</string></dict></plist>"
)
OUTSIDE = (
    '<!DOCTYPE playlist [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>&x;</title></playlist>'
)


def make_archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in members.items():
            archive.writestr(name, contents)
    return buffer.getvalue()


@cache
def make_bomb() -> bytes:
    return make_archive(**{"bomb.csv": b"\0" * (200 * 2**20)})


def make_lie() -> bytes:
    return make_bomb().replace((200 * 2**20).to_bytes(4, "little"), (100).to_bytes(4, "little"))


def make_archive_of_long_files() -> bytes:
    return make_archive(**{f"{n}.csv": b"title,artist\n" + b"\n" * 2**24 for n in range(4)})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This file is empty."),
        (b" \n\t\r\n ", "This file is empty."),
        (b"x" * (MAX_BYTES + 1), "A file can have 20 MB at most"),
        (b"title,artist\nCreep,Radio\x00head\n", "Row 2 has the control character U+0000."),
        (b"a\nb\nc\x07\n", "Row 3 has the control character U+0007."),
        (b"\xff\xfeT\x00\x00", "It begins as UTF-16-LE, but byte 2 does not fit."),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "This file is not a list of songs"),
        (b"title,artist\n" + b"," * 1_000_000, "Row 2 has 1,000,001 columns, more than 300."),
        (b'title,artist\n"' + b"x" * 200_000, "Row 2 cannot be read: field larger than"),
        (LAUGHS.encode(), "XML with a document type or entities cannot be read."),
        (PLIST_LAUGHS.encode(), "This iTunes library cannot be read"),
        (OUTSIDE.encode(), "XML with a document type or entities cannot be read."),
        (b"<playlist><track>", "This XML cannot be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This XML is neither a playlist"),
        (b"<!DOCTYPE html><html><body>Watched</body></html>", "This is a web page."),
        (b"<plist><dict><key>a</key></dict></plist>", "This iTunes library"),
        (b"[" * 100_000, "This JSON is nested too deeply."),
        (b'{"a": ' * 100_000, "This JSON is nested too deeply."),
        (b'{"tracks": [}', "Row 1 cannot be read"),
        (b'{"track_metadata": {}}\n{"track', "Row 2 cannot be read: it is no JSON."),
        (b'{"hello": "world"}', "This JSON has no songs in a form that is known here."),
        (b"[1, 2, 3]", "This JSON has no songs in a form that is known here."),
        (b'[{"endTime": 1' + b"0" * 5000 + b"}]", "Row 1 cannot be read"),
        (b"a\n" * 1_000_000, "At most 250,000 lines: this file has 1,000,000."),
        (b"a\n" * 60_000, "At most 50,000 lines: this list has 60,001."),
        (b"[" + b"{}," * 3_000_000 + b"{}]", "made of too many small parts"),
        (b"<a/>" * 3_000_000, "made of too many small parts"),
        (make_bomb, "'bomb.csv' in this archive is longer than 20 MB."),
        (make_lie, "This archive is damaged"),
        (b"PK\x03\x04" + b"\0" * 100, "This archive is damaged"),
        (make_archive(**{"readme.md": b"hello"}), "No list of songs was found in this archive."),
        (make_archive(**{"a.zip": make_archive(b=b"x")}), "No list of songs was found"),
        (
            make_archive(**{f"{n}.csv": b"" for n in range(MAX_MEMBERS + 1)}),
            "more than 2,000 files",
        ),
        (make_archive_of_long_files, "This archive is too large"),
    ],
    ids=range(34),
)
def test_hostile_file_is_refused_with_a_sentence(data, said):
    """What takes long to make is made here: each process of a run collects all tests."""
    if callable(data):
        data = data()
    with pytest.raises(InvalidInput) as refused:
        read_library(data, "file.csv")
    assert refused.value.field == "file"
    assert said in refused.value.message


def test_bombs_take_no_memory():
    bomb, lie = make_bomb(), make_lie()
    tracemalloc.start()
    lines, parts = b"a\n" * 1_000_000, b"[" + b"{}," * 3_000_000 + b"{}]"
    for data in (bomb, lie, LAUGHS.encode(), PLIST_LAUGHS.encode(), lines, parts):
        with pytest.raises(InvalidInput):
            read_library(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20


@pytest.mark.parametrize(
    "path", ["../../../etc/cron.d/x.csv", "/etc/passwd.csv", "C:\\Windows\\x.csv", "a/../b.csv"]
)
def test_path_of_a_member_leads_nowhere(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = make_archive(**{path: b"title,artist\nCreep,Radiohead\n"})
    assert [song.name for song in read_library(data).songs] == ["Radiohead - Creep"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file_name", "label"),
    [
        ("Road trip-videos.csv", "Road trip"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\Gym.JSON", "Gym"),
        ("a\x00b\nc.csv", "abc"),
        (".csv", ""),
        ("", ""),
    ],
)
def test_label_is_the_name_of_the_file_and_nothing_of_its_path(file_name, label):
    assert name_list(file_name) == label


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "'="])
def test_formula_is_defused_and_undone(beginning):
    cell = f"{beginning}cmd|' /C calc'!A0"
    assert defuse(cell).startswith("'")
    assert undo(defuse(cell)) == cell


def test_archive_of_takeout_is_read_whole_and_histories_only_where_nothing_was_kept():
    liked = b"Video ID,Playlist Video Creation Timestamp\nfJ9rUzIMcZQ,2024-02-26T12:22:09+00:00\n"
    history = json.dumps(
        [
            {
                "header": "YouTube",
                "title": "Watched Queen - Innuendo",
                "titleUrl": "https://www.youtube.com/watch?v=hTWKbfoikeg",
            }
        ]
    ).encode()
    both = {
        "Takeout/playlists/Liked-videos.csv": liked,
        "Takeout/history/watch-history.json": history,
    }
    assert [song.video_id for song in read_library(make_archive(**both)).songs] == ["fJ9rUzIMcZQ"]
    del both["Takeout/playlists/Liked-videos.csv"]
    assert [song.video_id for song in read_library(make_archive(**both)).songs] == ["hTWKbfoikeg"]
