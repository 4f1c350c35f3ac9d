"""Likes as files, and back: what a format holds comes home."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from music.domain import likes
from music.domain.library_export import export_likes, write_songs
from music.errors import InvalidInput
from music.libraries.reading import read_library
from music.libraries.writing import FORMATS, WrittenSong
from music.models import UserLikedSong
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory
from tests.work import begin_file, finish_import

pytestmark = pytest.mark.django_db
WITH_TIMES = {"csv", "json", "jspf", "xspf"}
LONG_AGO = datetime(2020, 2, 3, 4, 5, 6, 789, tzinfo=UTC)


@pytest.fixture
def listener():
    """Somebody who likes songs with a video, without one, under other words, and unknown ones."""
    listener = ListenerFactory()
    video = VideoFactory(
        song__artist="Earth, Wind & Fire", song__title="September", video_id="fJ9rUzIMcZQ"
    )
    songs = [
        video.song,
        SongFactory(artist="Björk", title="Jóga"),
        SongFactory(artist="米津玄師", title="Lemon"),
        SongFactory(artist="JAY-Z", title="4:44"),
    ]
    for n, song in enumerate(songs):
        like = LikeFactory(user=listener, song=song, song_name=f"{song.artist} - {song.title}")
        UserLikedSong.objects.filter(pk=like.pk).update(created_at=LONG_AGO + timedelta(days=n))
    LikeFactory(user=listener, song=None, song_name="Zzyzx Qwrtp", created_at=LONG_AGO)
    return listener


def describe(listener, with_times):
    return {
        (like.song and like.song.address, "" if like.song else like.song_name)
        + ((like.created_at,) if with_times else ())
        for like in likes.list_likes(listener=listener)
    }


@pytest.mark.parametrize("kind", [name for name in FORMATS if name != "youtube"])
def test_import_of_an_export_gives_the_same_likes(listener, kind):
    exported = export_likes(listener=listener, kind=kind)
    other = ListenerFactory()
    job = begin_file(
        listener=other, data=exported.body, file_name=exported.name, wants_review=False
    )
    finish_import(job)
    with_times = kind in WITH_TIMES
    assert describe(other, with_times) == describe(listener, with_times)
    if not with_times:
        order = [like.song_name for like in likes.list_likes(listener=listener)]
        assert [like.song_name for like in likes.list_likes(listener=other)] == order


def test_import_of_the_own_export_changes_nothing(listener):
    before = sorted(UserLikedSong.objects.values_list("pk", "song", "created_at"))
    for kind in FORMATS:
        data = export_likes(listener=listener, kind=kind).body
        job = begin_file(listener=listener, data=data, wants_review=False)
        finish_import(job)
    assert sorted(UserLikedSong.objects.values_list("pk", "song", "created_at")) == before


def test_list_at_youtube_holds_fifty_videos_and_is_read_again(listener):
    for n in range(60):
        LikeFactory(user=listener, song=VideoFactory(video_id=f"video{n:06d}").song)
    link = export_likes(listener=listener, kind="youtube").body.decode()
    assert link.startswith("https://www.youtube.com/watch_videos?video_ids=")
    assert len(link.partition("=")[2].split(",")) == 50
    other = ListenerFactory()
    finish_import(begin_file(listener=other, data=link.encode(), wants_review=False))
    assert other.liked_songs.exclude(song=None).count() == 50


def test_own_words_and_meant_take_are_kept_by_table_and_json(listener):
    song = SongFactory(artist="Nirvana", title="Polly")
    live = VideoFactory(song=song, take="live", video_id="livelivelive"[:11])
    LikeFactory(user=listener, song=song, video=live, song_name="that sad one, live")
    for kind in ("csv", "json"):
        other = ListenerFactory()
        data = export_likes(listener=listener, kind=kind).body
        finish_import(begin_file(listener=other, data=data, wants_review=False))
        like = other.liked_songs.get(song=song)
        assert (like.song_name, like.video) == ("that sad one, live", live)


def test_account_export_is_read_as_well(listener):
    from music.domain.privacy import export_listener

    data = json.dumps(export_listener(listener=listener)).encode()
    other = ListenerFactory()
    finish_import(begin_file(listener=other, data=data, wants_review=False))
    assert describe(other, True) == describe(listener, True)


def test_formulas_are_defused_for_a_spreadsheet(listener):
    LikeFactory(user=listener, song=None, song_name="=HYPERLINK(1)")
    text = export_likes(listener=listener, kind="csv").body.decode()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_unknown_format_is_refused_naming_those_there_are(listener):
    with pytest.raises(InvalidInput) as refused:
        export_likes(listener=listener, kind="exe")
    assert refused.value.field == "format"
    assert "csv, json, m3u8, xspf, jspf, txt, youtube" in refused.value.message


LETTERS = st.characters(categories=["L", "Nd"], exclude_characters="ſ")
WORD = st.text(LETTERS, min_size=1, max_size=8)
PHRASE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
ANY = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
TIME = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
VIDEO = st.one_of(st.just(""), st.from_regex(r"[A-Za-z0-9_-]{11}", fullmatch=True))
SONG = st.builds(
    WrittenSong,
    title=PHRASE,
    artist=PHRASE,
    words=PHRASE,
    song_id=st.just(""),
    video_id=VIDEO,
    liked_at=TIME,
)


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(songs=st.lists(SONG, min_size=1, max_size=5, unique_by=lambda song: song.name))
@pytest.mark.parametrize("kind", FORMATS)
def test_what_a_format_holds_is_read_as_it_was_written(kind, songs):
    body = write_songs("A list", songs, kind=kind).body
    if kind == "youtube":
        ids = list(dict.fromkeys(song.video_id for song in songs if song.video_id))
        assert [song.video_id for song in read_library(body).songs] == ids if ids else not body
        return
    read = read_library(body).songs
    assert [song.video_id for song in read] == [
        song.video_id if kind != "txt" else "" for song in songs
    ]
    if kind in WITH_TIMES:
        assert [song.liked_at for song in read] == [song.liked_at for song in songs]
    if kind in {"csv", "json"}:
        assert [(song.title, song.artist, song.words) for song in read] == [
            (song.title, song.artist, song.words) for song in songs
        ]
    else:
        assert [song.name for song in read] == [song.name for song in songs]


@hypothesis_settings(max_examples=25)
@given(title=ANY, artist=ANY, words=ANY)
def test_table_and_json_hold_any_signs(title, artist, words):
    songs = [WrittenSong(title=title, artist=artist, words=words)]
    for kind in ("csv", "json"):
        [read] = read_library(write_songs("x", songs, kind=kind).body).songs
        assert (read.title, read.words) == (title, words)
