"""Likes: added, listed, removed with undo, corrected."""

import re
from dataclasses import asdict

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from music.models import MatchCorrection, PlaylistImport, UserLikedSong
from tests.factories import LikeFactory, SongFactory, VideoFactory

from .conftest import states_of, titles_of

MEGABYTE = 1024 * 1024


def words():
    return list(UserLikedSong.objects.order_by("song_name").values_list("song_name", flat=True))


def test_the_first_like_makes_a_guest_and_later_ones_do_not(guest, songs):
    for song in songs[:3]:
        guest.post(reverse("like"), {"song": song.address})
    assert User.objects.guests().count() == 1
    assert UserLikedSong.objects.filter(user=User.objects.get()).count() == 3


def test_a_like_leads_back_to_its_page_and_is_one_like_however_often(guest, songs):
    data = {"song": songs[0].address, "next": "/search/?q=song"}
    for _ in range(2):
        response = guest.post(reverse("like"), data)
        assert (response.status_code, response.url) == (302, "/search/?q=song")
    assert words() == [str(songs[0])]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", ""]
)
def test_a_like_never_leads_to_another_site(guest, songs, target):
    response = guest.post(reverse("like"), {"song": songs[0].address, "next": target})
    assert response.url == reverse("for_you")


def test_a_script_gets_the_like_button_in_its_new_state(guest, songs):
    data = {"song": songs[0].address}
    assert states_of(guest.script(reverse("like"), data)) == ["liked"]
    assert states_of(guest.script(reverse("unlike"), data)) == ["new"]
    assert words() == []


def test_a_form_without_its_token_is_refused_with_an_explanation(songs):
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(reverse("like"), {"song": songs[0].address})
    assert response.status_code == 403
    assert "security token" in response.text
    assert User.objects.count() == 0


def test_a_pasted_list_becomes_likes_with_unknown_songs_kept(guest, songs):
    pasted = f"{songs[0].title}\r\n\r\n  zzqqxx  \n"
    response = guest.post(reverse("add_likes"), {"songs": pasted})
    assert (response.status_code, response.url) == (302, reverse("for_you"))
    assert words() == [songs[0].title, "zzqqxx"]
    assert UserLikedSong.objects.get(song_name="zzqqxx").song is None


def test_more_than_fifty_pasted_songs_become_an_import(guest):
    response = guest.post(
        reverse("add_likes"), {"songs": "\n".join(f"song {n}" for n in range(51))}
    )
    job = PlaylistImport.objects.get()
    assert response.url == reverse("import", args=[job.token])
    assert job.n_total == 51


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("", "Name at least one song."),
        (" \n ", "Name at least one song."),
        ("\n?!", "Line 2: Name a song: this has no letter or digit."),
        ("#EXTM3U", "Name at least one song."),
        ("https://open.spotify.com/track/4uLU",
         "Line 1: Spotify links cannot be read: write the song’s title and artist."),
        ("https://www.youtube.com/@Nirvana",
         "Line 1: This is a YouTube channel: link to one of its videos, or name a song."),
        ("x" * 201, "Line 1: A song name has at most 200 characters, not 201."),
        ("a\x00b", "Null characters are not allowed."),
        ("a\n" * 1001, "At most 1000 songs at a time, not 1001."),
        ("\u200b", "Line 1: Name a song: this is empty."),
    ],
)  # fmt: skip
def test_a_bad_list_is_shown_again_with_a_message(guest, pasted, message):
    response = guest.post(reverse("add_likes"), {"songs": pasted})
    assert response.status_code == 400
    assert response.context["form"].errors == {"songs": [message]}
    assert User.objects.count() == 0


def test_an_unreadable_line_is_named_and_kept_and_the_others_are_taken(guest, songs):
    names = [f"song {n}" for n in range(29)]
    pasted = "\n\n".join([*names[:5], "-----", *names[5:]])
    response = guest.post(reverse("add_likes"), {"songs": pasted})
    assert response.status_code == 200
    assert sorted(words()) == sorted(names)
    assert "Line 11: Name a song: this has no letter or digit." in response.text
    assert response.context["form"].initial == {"songs": "-----"}


def test_refused_lines_of_a_long_list_are_named_beside_its_import(guest):
    pasted = "\n".join([*(f"song {n}" for n in range(60)), "x" * 305, "spotify:track:4uLU"])
    response = guest.post(reverse("add_likes"), {"songs": pasted}, follow=True)
    assert PlaylistImport.objects.get().n_total == 60
    assert "Line 61: A song name has at most 200 characters, not 305." in response.text
    assert "Line 62: Spotify links cannot be read" in response.text


def test_marks_of_lists_are_no_part_of_a_pasted_name(guest):
    pasted = (
        "#EXTM3U\n#EXTINF:219,Toto - Africa\n/music/africa.mp3\n"
        "1. Nirvana - Polly\n0:00 Adele - Hello\nU2 - One 4:36\n"
        "Guns N&#39; Roses - Patience\n"
    )
    guest.post(reverse("add_likes"), {"songs": pasted})
    assert sorted(words()) == [
        "Adele - Hello", "Guns N' Roses - Patience", "Nirvana - Polly", "Toto - Africa", "U2 - One",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["add_likes", "like", "new_import", "restore_like"])
def test_a_body_of_ten_megabytes_is_refused(guest, name):
    response = guest.post(reverse(name), {"songs": "x" * 10 * MEGABYTE, "playlist": "x"})
    assert response.status_code == 413
    assert User.objects.count() == 0


def test_lone_surrogates_are_refused(guest):
    body = b"songs=%ED%A0%80"
    response = guest.post(
        reverse("add_likes"), body, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 400


def test_the_list_shows_unresolved_likes_in_the_listeners_words(browser, listener):
    LikeFactory(user=listener, song=None, song_name="that song from the advert")
    response = browser.get(reverse("likes"))
    assert "that song from the advert" in response.text
    assert "Not found yet." in response.text


def test_somebody_unknown_has_no_likes(guest):
    assert "No likes yet" in guest.get(reverse("likes")).text


@pytest.mark.parametrize("n_likes", [1, 3])
def test_the_list_costs_the_same_queries_for_one_like_and_for_three(
    browser, listener, n_likes, django_assert_num_queries
):
    LikeFactory.create_batch(n_likes, user=listener)
    with django_assert_num_queries(6):
        response = browser.get(reverse("likes"))
    assert len(response.context["page"]) == n_likes


def test_the_list_has_pages_of_fifty(browser, listener):
    LikeFactory.create_batch(51, user=listener)
    assert len(browser.get(reverse("likes")).context["page"]) == 50
    assert len(browser.get(reverse("likes"), {"page": "2"}).context["page"]) == 1
    assert browser.get(reverse("likes"), {"page": "x\x00"}).status_code == 200


def test_a_removed_like_can_be_brought_back_as_it_was(browser, listener):
    like = LikeFactory(user=listener, learn=False, song_name="my words")
    assert browser.post(reverse("remove_like", args=[like.pk])).url == reverse("likes")
    assert words() == []
    removed = browser.get(reverse("likes")).context["removed"]
    browser.post(reverse("restore_like"), {k: v for k, v in asdict(removed).items() if v})
    restored = UserLikedSong.objects.get()
    assert (restored.song_name, restored.song, restored.learn) == ("my words", like.song, False)
    assert browser.get(reverse("likes")).context["removed"] is None


def test_a_script_gets_a_removed_row_with_undo_and_then_the_row_again(browser, listener):
    like = LikeFactory(user=listener)
    removed = browser.script(reverse("remove_like", args=[like.pk]), {})
    assert 'class="removed"' in removed.text
    data = {"song_name": like.song_name, "song": like.song.address, "learn": "on"}
    assert f'id="like-{like.pk}"' in browser.script(reverse("restore_like"), data).text


def test_a_like_is_kept_but_not_learned_from(browser, listener):
    like = LikeFactory(user=listener)
    browser.post(reverse("learning", args=[like.pk]), {})
    assert UserLikedSong.objects.get().learn is False
    row = browser.script(reverse("learning", args=[like.pk]), {"learn": "on"})
    assert "not used for suggestions" not in row.text
    assert UserLikedSong.objects.get().learn is True


def test_not_this_one_shows_other_songs_and_takes_the_choice(browser, listener):
    wrong = SongFactory(artist="Leona Lewis", title="Yesterday")
    right = SongFactory(artist="The Beatles", title="Yesterday")
    like = LikeFactory(user=listener, song_name="Yesterday", song=wrong)
    address = reverse("match", args=[like.pk])
    assert [card.song.song_id for card in browser.get(address).context["cards"]] == [right.address]
    assert browser.post(address, {"song": right.address}).url == reverse("likes")
    assert UserLikedSong.objects.get().song == right
    assert MatchCorrection.objects.get().rejected_ids == [wrong.address]


def test_none_of_these_keeps_only_the_words(browser, listener):
    like = LikeFactory(user=listener)
    browser.post(reverse("match", args=[like.pk]), {"song": ""})
    assert UserLikedSong.objects.get().song is None
    assert words() == [like.song_name]


@pytest.mark.parametrize("name", ["remove_like", "learning", "match"])
@pytest.mark.parametrize("like_id", [1, 2**63, 10**100])
def test_no_such_like_is_not_found(browser, guest, name, like_id):
    for client in (browser, guest):
        assert client.post(reverse(name, args=[like_id])).status_code == 404


@pytest.mark.parametrize("name", ["remove_like", "learning", "match"])
def test_another_listeners_like_is_not_found_and_stays(browser, name):
    like = LikeFactory()
    assert browser.post(reverse(name, args=[like.pk])).status_code == 404
    like.refresh_from_db()
    assert (like.learn, like.song is None) == (True, False)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.youtube.com/watch?v=abc_DEF-123&list=RDabc&start_radio=1",
        "https://youtu.be/abc_DEF-123?si=0123456789abcdef",
    ],
)
def test_a_pasted_link_is_shown_as_its_song(guest, link):
    song = VideoFactory(video_id="abc_DEF-123", song__artist="Beyoncé", song__title="Halo").song
    guest.post(reverse("add_likes"), {"songs": link})
    assert UserLikedSong.objects.get().song == song
    page = guest.get(reverse("likes")).text
    assert re.search(r'<a href="/songs/beyonce/halo"[^>]*>Halo</a>', page)
    assert f"You wrote “<bdi>{escape(link)}</bdi>”" in page


def test_a_search_for_a_link_shows_its_song_alone(guest, songs):
    VideoFactory(video_id="abc_DEF-123", song__artist="Beyoncé", song__title="Halo")
    response = guest.get(reverse("search"), {"q": "music.youtube.com/watch?v=abc_DEF-123"})
    assert titles_of(response) == ["Halo"]
