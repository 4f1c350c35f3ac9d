"""Imports: begun by a form, looked at while they go on."""

import csv
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import User
from music.domain.mixes import save_mix
from music.libraries.reading import read_library
from music.models import PlaylistImport, UserLikedSong, VideoReport
from tests.factories import LikeFactory, SongFactory, VideoFactory
from tests.work import finish_import

NAMES = [f"unheard of song {n}" for n in range(30)]


def begin(client, **data):
    return client.post(reverse("new_import"), data)


def test_a_pasted_list_goes_on_by_itself_and_looking_does_nothing(guest):
    address = begin(guest, songs="\n".join(NAMES)).url
    for _ in range(2):
        first = guest.get(address)
        assert first.context["job"].n_done == 0
        assert 'http-equiv="refresh"' in first.text
        assert 'hx-trigger="load delay:1s"' in first.text
    finish_import(PlaylistImport.objects.get())
    last = guest.get(address)
    assert 'http-equiv="refresh"' not in last.text
    assert last.context["job"].n_unresolved == 30
    assert UserLikedSong.objects.count() == 30


@pytest.mark.parametrize(
    "playlist",
    [
        "",
        "?!",
        "not a playlist",
        "https://example.org/?list=PL1234567890abcdef",
        "x" * 501,
        "a\x00",
    ],
)
def test_a_bad_playlist_is_shown_again_with_a_message(guest, playlist):
    response = begin(guest, playlist=playlist)
    assert response.status_code == 400
    assert list(response.context["playlist_form"].errors) == ["playlist"]
    assert not response.context["paste_form"].is_bound
    assert User.objects.count() == 0


def test_an_empty_form_is_refused(guest):
    response = begin(guest, songs="")
    assert response.status_code == 400
    assert list(response.context["paste_form"].errors) == ["songs"]


def test_a_playlist_without_a_youtube_key_stops_with_the_reason(guest):
    address = begin(guest, playlist="PL1234567890abcdef").url
    finish_import(PlaylistImport.objects.get())
    response = guest.get(address)
    assert response.context["job"].state == PlaylistImport.State.FAILED
    assert response.context["job"].error in response.text
    assert 'http-equiv="refresh"' not in response.text


def test_another_listeners_import_is_not_found(guest, browser):
    address = begin(guest, songs="one song").url
    assert browser.get(address).status_code == 404


def test_an_unknown_import_is_not_found(guest, browser):
    for client in (guest, browser):
        assert client.get("/import/nosuchtoken/").status_code == 404
        assert client.get("/import/%00/").status_code == 404


def send_file(client, data: bytes, name: str = "Gym.csv"):
    return client.post(reverse("new_import"), {"file": SimpleUploadedFile(name, data)})


@pytest.fixture
def songs(db):
    """Songs whose names are not alike."""
    names = [("Clear Band", "Plain Tune"), ("Twin One", "Same Name"), ("Third Choir", "Evening")]
    return [SongFactory(artist=artist, title=title) for artist, title in names]


@pytest.fixture
def reviewed(browser, songs):
    """An import of a file with a row on each pile, and its page's address."""
    SongFactory(artist="Twin Two", title=songs[1].title)
    rows = f"{songs[0].title},{songs[0].artist}\n{songs[1].title},\nZzyzx,Nobody\n"
    address = send_file(browser, f"title,artist\n{rows}".encode()).url
    return finish_import(PlaylistImport.objects.get()), address


def test_a_file_is_shown_in_three_piles_before_anything_is_liked(browser, reviewed, songs):
    page = browser.get(reviewed[1])
    assert "Found (1)" in page.text
    assert "Not sure (1)" in page.text
    assert "Not found (1)" in page.text
    assert f"{songs[0].artist} – {songs[0].title}" in page.text
    assert 'http-equiv="refresh"' not in page.text
    assert not UserLikedSong.objects.exists()
    doubtful = browser.get(f"{reviewed[1]}?pile=doubtful")
    assert doubtful.text.count("is what “") == 2


@pytest.mark.parametrize("n_songs", [1, 3])
def test_a_pile_takes_the_same_queries_for_one_and_three_songs(
    browser, songs, django_assert_num_queries, n_songs
):
    rows = "".join(f"{song.title},{song.artist}\n" for song in songs[:n_songs])
    address = send_file(browser, f"title,artist\n{rows}".encode()).url
    finish_import(PlaylistImport.objects.get())
    with django_assert_num_queries(8):
        assert browser.get(address).status_code == 200
    browser.post(f"{address}change/", {"action": "like", "pile": "sure"})
    finish_import(PlaylistImport.objects.get())
    browser.post(f"{address}change/", {"action": "finish"})
    with django_assert_num_queries(8):
        assert browser.get(address).text.count('<h2 id="found-title">') == 1


def test_songs_that_were_found_are_played_on_the_page_of_the_result(browser, listener, songs):
    videos = [VideoFactory(song=song) for song in songs[:2]]
    rows = "".join(f"{song.title},{song.artist}\n" for song in songs)
    address = send_file(browser, f"title,artist\n{rows}".encode()).url
    job = finish_import(PlaylistImport.objects.get())
    pile = browser.get(address).text
    browser.post(f"{address}change/", {"action": "like", "pile": "sure"})
    finish_import(job)
    browser.post(f"{address}change/", {"action": "finish"})
    for page in (pile, browser.get(address).text):
        assert re.findall(r'data-play="(\w+)"', page) == [video.video_id for video in videos]
        assert "data-play-all" in page
    VideoReport.objects.create(user=listener, video=videos[0], code=150)
    page = browser.get(address).text
    assert re.findall(r'data-play="(\w+)"', page) == [videos[1].video_id]


def test_doubtful_video_of_no_song_has_a_button_and_is_liked_by_it(browser, reviewed):
    job, address = reviewed
    video = VideoFactory(song=None, title="A tune of nobody", channel_title="Somebody")
    job.rows.filter(state="doubtful").update(candidates=[video.video_id, "gone-video"])
    page = browser.get(f"{address}?pile=doubtful").text
    assert re.findall(r'name="reference" value="([^"]*)"', page) == [video.video_id]
    assert "A tune of nobody – Somebody" in page
    row = job.rows.get(state="doubtful")
    fields = {"action": "choose", "number": row.number, "reference": video.video_id}
    browser.post(f"{address}change/", fields)
    assert UserLikedSong.objects.get().video == video


def test_a_pile_is_liked_by_one_button_and_a_row_by_a_choice(browser, reviewed, songs):
    job, address = reviewed
    change = reverse("change_import", args=[job.token])
    assert browser.post(change, {"action": "like", "pile": "sure"}).url == address
    assert 'hx-trigger="load delay:1s"' in browser.get(address).text
    finish_import(job)
    row = job.rows.get(state="doubtful")
    fields = {"action": "choose", "number": row.number, "from": "doubtful"}
    answer = browser.post(change, {**fields, "reference": songs[1].address})
    assert answer.url == f"{address}?pile=doubtful"
    browser.post(change, {"action": "finish"})
    page = browser.get(address)
    assert "2 songs added to your likes." in page.text
    assert "1 left out" in page.text
    assert [s.address for s in songs[:2]] == re.findall(r'href="/songs/([^"]+)"', page.text)
    liked = UserLikedSong.objects.values_list("song", flat=True)
    assert set(liked) == {songs[0].pk, songs[1].pk}


def test_what_became_of_each_row_is_a_table_to_keep(browser, reviewed):
    answer = browser.get(reverse("import_rows", args=[reviewed[0].token]))
    assert answer["Content-Disposition"].startswith('attachment; filename="import.csv"')
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["became"] for row in rows] == ["sure", "doubtful", "not found"]


def test_an_import_is_paused_goes_on_and_is_stopped_by_buttons(browser):
    address = send_file(browser, b"title,artist\nSong,Band\n").url
    change = f"{address}change/"
    browser.post(change, {"action": "pause"})
    assert ">Resume</button>" in browser.get(address).text
    browser.post(change, {"action": "resume"})
    assert ">Pause</button>" in browser.get(address).text
    browser.post(change, {"action": "cancel"})
    assert "You cancelled it." in browser.get(address).text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"action": "dance"},
        {"action": "choose", "number": 1},
        {"action": "like", "pile": "x"},
        {"action": "leave", "number": "one"},
        {"action": "reword", "number": 1, "words": "x" * 201},
    ],
)
def test_a_senseless_decision_is_refused(browser, reviewed, fields):
    assert browser.post(f"{reviewed[1]}change/", fields).status_code == 400
    assert not UserLikedSong.objects.exists()


def test_a_decision_that_cannot_be_made_says_why(browser, reviewed):
    page = browser.post(f"{reviewed[1]}change/", {"action": "like"}, follow=True)
    assert "Use one of sure, doubtful, missing" in unescape(page.text)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00", "This file is not a list of songs"),
        (b"title,artist\na,b\x00\n", "Row 2 has the control character U+0000."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason_and_makes_nobody(guest, data, said):
    response = send_file(guest, data)
    assert response.status_code == 400
    assert said in unescape(response.text)
    assert not User.objects.exists()


def test_a_file_that_is_too_long_is_refused_unread(guest):
    assert send_file(guest, b"x" * (21 * 2**20)).status_code == 413


def test_a_form_without_a_file_says_so(guest):
    response = guest.post(reverse("new_import"), {"file": ""})
    assert response.status_code == 400
    assert list(response.context["file_form"].errors) == ["file"]


@pytest.mark.parametrize("kind", ["csv", "json", "m3u8", "xspf", "jspf", "txt"])
def test_likes_are_taken_along_as_a_file(browser, listener, songs, kind):
    LikeFactory(user=listener, song=songs[0])
    answer = browser.get(reverse("likes_file"), {"format": kind})
    assert answer.status_code == 200
    assert f'filename="Likes.{kind}"' in answer["Content-Disposition"]
    assert songs[0].title in answer.text
    assert f"{reverse('likes_file')}?format={kind}" in browser.get(reverse("likes")).text


def test_suggestions_are_taken_along(browser, songs):
    answer = browser.get(reverse("suggestions_file"), {"format": "txt", "limit": "10"})
    assert set(answer.text.splitlines()) == {f"{song.artist} - {song.title}" for song in songs}
    assert browser.get(reverse("suggestions_file"), {"genre": "nonsense"}).status_code == 400


def test_a_list_at_youtube_is_opened_there_or_says_that_there_is_no_video(browser, listener):
    address = reverse("likes_file")
    assert browser.get(address, {"format": "youtube"}).url == reverse("likes")
    LikeFactory(user=listener, song=VideoFactory(video_id="fJ9rUzIMcZQ").song)
    link = browser.get(address, {"format": "youtube"}).url
    assert link == "https://www.youtube.com/watch_videos?video_ids=fJ9rUzIMcZQ"


def test_an_unknown_format_is_refused(browser):
    assert browser.get(reverse("likes_file"), {"format": "exe"}).status_code == 400


@pytest.mark.parametrize(
    ("pasted", "source"),
    [
        ("Track name,Artist name\nPlain Tune,Clear Band\n", "a table"),
        ('{"tracks": [{"artist": "Clear Band", "track": "Plain Tune"}]}', "Spotify"),
        ('["Clear Band - Plain Tune"]', "a list in JSON"),
    ],
)
def test_pasted_content_of_a_file_is_read_as_the_file_would_be(browser, songs, pasted, source):
    begin(browser, songs=pasted)
    job = finish_import(PlaylistImport.objects.get())
    assert (job.source, job.state) == (source, PlaylistImport.State.REVIEW)
    assert [row.song for row in job.rows.all()] == [songs[0]]


def test_pasted_list_with_commas_is_a_list(browser):
    begin(browser, songs="Hello, Adele\nYesterday, The Beatles\n[Intro]\n{x}\n<3")
    assert not PlaylistImport.objects.get().wants_review
    assert PlaylistImport.objects.get().n_total == 5


def test_a_mix_is_taken_along_under_its_name(browser, listener, songs):
    mix = save_mix(listener=listener, name="Für später", song_ids=[s.address for s in songs])
    answer = browser.get(reverse("mix_file", args=[mix.token]), {"format": "m3u8"})
    assert "filename*=UTF-8''F%C3%BCr%20sp%C3%A4ter.m3u8" in answer["Content-Disposition"]
    assert [song.name for song in read_library(answer.content).songs] == [
        f"{song.artist} - {song.title}" for song in songs
    ]
