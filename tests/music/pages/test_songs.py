"""Home, search and song pages."""

import pytest
from django.urls import reverse

from music.models import UserLikedSong
from tests.factories import DismissalFactory, LikeFactory, SongFactory, VideoFactory

from .conftest import states_of, titles_of

YESTERDAY = {"artist": "The Beatles", "title": "Yesterday", "popularity": 95}
OTHER_YESTERDAY = {"artist": "Leona Lewis", "title": "Yesterday", "popularity": 40}


def search(client, query, **extra):
    return client.get(reverse("search"), {"q": query, **extra})


def test_home_asks_for_a_song_and_keeps_nothing(guest, songs):
    response = guest.get("/")
    assert response.status_code == 200
    assert response.context["recent"] == []
    assert guest.session.items() == {}.items()


def test_home_without_any_song_still_answers(guest):
    assert guest.get("/").context["sleeves"] == []


def test_home_shows_a_listener_what_was_liked_last(browser, listener):
    like = LikeFactory(user=listener)
    LikeFactory()
    assert list(browser.get("/").context["recent"]) == [like]


def test_search_lets_choose_among_songs_of_one_title(guest):
    for facts in (OTHER_YESTERDAY, YESTERDAY):
        SongFactory(**facts)
    response = search(guest, "yesterday")
    artists = [card.song.artist for card in response.context["cards"]]
    assert artists == ["The Beatles", "Leona Lewis"]
    assert states_of(response) == ["new", "new"]


def test_search_shows_what_is_liked_and_dismissed(browser, listener):
    first, second = SongFactory(**YESTERDAY), SongFactory(**OTHER_YESTERDAY)
    LikeFactory(user=listener, song=first)
    DismissalFactory(user=listener, song=second)
    assert states_of(search(browser, "yesterday")) == ["liked", "dismissed"]


def test_search_that_finds_nothing_says_so_and_offers_to_keep_the_words(guest, songs):
    response = search(guest, "zzqqxx")
    assert titles_of(response) == []
    assert len(response.context["notices"]) == 1
    assert '<input type="hidden" name="songs" value="zzqqxx">' in response.text


def test_search_by_mood_suggests_songs(guest, songs):
    response = search(guest, "energetic rock", by="mood")
    assert response.status_code == 200
    assert len(titles_of(response)) > 0


def test_search_by_a_mood_that_nothing_fits_says_that_its_songs_are_a_guess(guest, songs):
    assert search(guest, "energetic rock", by="mood").context["notices"] == ()
    response = search(guest, "zzqqxx", by="mood")
    assert "“zzqqxx” names no song, artist, genre" in response.context["notices"][0]
    assert len(titles_of(response)) > 0


def test_search_by_mood_says_how_it_was_read_and_each_part_can_be_left_out(guest, songs):
    response = search(guest, "energetic 90s rock", by="mood")
    links = {facet.label: link for facet, link in response.context["reading"]}
    assert list(links) == ["energetic", "1990s", "Rock"]
    again = guest.get(reverse("search") + "?" + links["1990s"])
    assert [facet.label for facet, _ in again.context["reading"]] == ["energetic", "Rock"]


def test_search_for_a_mood_in_the_ordinary_box_finds_its_way(guest, songs):
    response = search(guest, "energetic 90s rock")
    assert response.context["by_mood"] is True
    assert len(titles_of(response)) > 0
    by_name = search(guest, "energetic 90s rock", by="name")
    assert by_name.context["by_mood"] is False


def test_search_without_words_is_an_empty_form(guest):
    response = guest.get(reverse("search"))
    assert response.status_code == 200
    assert "cards" not in response.context


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Name a song: this is empty."),
        ("   ", "Name a song: this is empty."),
        ("?!…", "Say what to look for: at least one letter or digit."),
        ("x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_search_for_nothing_sensible_shows_the_form_with_a_message(guest, query, message):
    response = search(guest, query)
    assert response.status_code == 400
    assert response.context["search_form"].errors == {"q": [message]}


def test_search_for_a_lone_surrogate_finds_nothing(guest):
    assert guest.get("/search/?q=%ED%A0%80").status_code == 400


@pytest.mark.parametrize(
    "query", ["😀 song", "تملي معاك", "名前のない怪物", "<b>x</b>", "' OR 1=1"]
)
def test_search_takes_any_script(guest, songs, query):
    response = search(guest, query)
    assert response.status_code == 200
    assert "<b>x</b>" not in response.text


def test_song_page_shows_the_song_and_songs_like_it(guest, songs):
    response = guest.get(reverse("song", args=[songs[0].address]))
    assert response.context["card"].song.song_id == songs[0].address
    assert songs[0].title not in titles_of(response)
    assert len(titles_of(response)) > 0


def test_older_addresses_of_a_song_lead_to_its_present_one(guest, songs):
    video = VideoFactory(song=songs[0])
    present = reverse("song", args=[songs[0].address])
    for older in (video.video_id, f"catalogue:{songs[0].address}"):
        response = guest.get(f"/songs/{older}")
        assert (response.status_code, response.url) == (301, present)


def test_song_that_was_joined_to_another_leads_there(guest, songs):
    type(songs[0]).objects.filter(pk=songs[1].pk).update(joined_to=songs[0])
    assert guest.get(f"/songs/{songs[1].address}").url == reverse("song", args=[songs[0].address])


def test_song_stands_once_in_search_however_many_videos_it_has(guest, songs):
    song = SongFactory(artist="Nirvana", title="Come As You Are", year=1991)
    for take in ("original", "live", "cover", "karaoke", "lyrics"):
        VideoFactory(song=song, take=take, title=f"Nirvana - Come As You Are ({take})")
    [card] = search(guest, "come as you are").context["cards"]
    assert (card.song.song_id, card.song.year) == (song.address, 1991)
    assert card.song.video_title == "Nirvana - Come As You Are (original)"


def test_page_says_which_take_plays_where_it_is_not_the_song_itself(browser, listener, songs):
    song = SongFactory(artist="Nirvana", title="Come As You Are")
    LikeFactory(user=listener, song=song)
    mistaken = LikeFactory(user=listener, song=songs[0])
    pages = [
        reverse("song", args=[song.address]),
        f"{reverse('search')}?q=come+as+you+are",
        reverse("likes"),
        f"{reverse('match', args=[mistaken.pk])}?q=come+as+you+are",
    ]
    VideoFactory(song=song, take="live")
    # Once beside the song, once for the player.
    assert [browser.get(page).text.count("Live version") for page in pages] == [2, 2, 2, 1]
    VideoFactory(song=song, take="lyrics")
    assert [browser.get(page).text.count("version") for page in pages] == [0, 0, 0, 0]


def test_page_of_a_video_of_no_song_shows_the_video(guest, songs):
    video = VideoFactory(song=None, title="Rain for ten hours")
    response = guest.get(f"/songs/{video.video_id}")
    assert (response.status_code, response.context["cards"]) == (200, [])
    assert "Rain for ten hours" in response.text


@pytest.mark.parametrize("video_id", ["nosuchvideo", "catalogue:nobody/nothing", "a..b", "٣"])
def test_song_page_of_an_unknown_song_is_not_found(guest, songs, video_id):
    assert guest.get(f"/songs/{video_id}").status_code == 404


@pytest.mark.parametrize("video_id", ["%00", "a%00b", "x" * 129, "%ED%A0%80", "a b"])
def test_song_page_of_an_impossible_id_is_not_found(guest, video_id):
    assert guest.get(f"/songs/{video_id}").status_code == 404


@pytest.mark.parametrize("n_songs", [1, 3])
def test_search_costs_the_same_queries_for_one_song_and_for_three(
    browser, listener, n_songs, django_assert_num_queries
):
    for n in range(n_songs):
        LikeFactory(user=listener, song=SongFactory(title="Yesterday", artist=f"Artist {n}"))
    search(browser, "yesterday")
    with django_assert_num_queries(14):
        response = search(browser, "yesterday")
    assert len(response.context["cards"]) == n_songs


@pytest.mark.parametrize("n_likes", [1, 3])
def test_home_costs_the_same_queries_for_one_like_and_for_three(
    browser, listener, songs, n_likes, django_assert_num_queries
):
    for song in songs[:n_likes]:
        LikeFactory(user=listener, song=song)
    browser.get("/")
    with django_assert_num_queries(10):
        response = browser.get("/")
    assert len(response.context["recent"]) == n_likes


def test_pages_to_look_at_make_no_guest(guest, songs):
    for address in ("/", "/search/?q=song", "/for-you/", f"/songs/{songs[0].address}", "/likes/"):
        assert guest.get(address).status_code == 200
    assert UserLikedSong.objects.count() == 0
    assert "sessionid" not in guest.cookies


@pytest.mark.parametrize(
    ("query", "heading"), [("Nothing Alike", "Is it this one?"), ("Twin", "Which one do you mean?")]
)
def test_search_asks_for_a_choice_only_where_there_is_one(guest, query, heading):
    for artist, title in (("A", "Nothing Alike"), ("B", "Twin"), ("C", "Twin")):
        SongFactory(artist=artist, title=title)
    assert f"<h1>{heading}</h1>" in guest.get(reverse("search"), {"q": query}).text


def test_a_mood_where_a_name_is_expected_is_answered_with_songs_that_fit(guest, songs):
    response = guest.get(reverse("search"), {"q": "zzqqxx energetic rock"})
    assert len(response.context["cards"]) > 1
    assert "These fit it." in response.text
    assert "Like it anyway" not in response.text


# --- Home of who comes back, and names while typing ---------------------------------------------


def test_home_of_a_returning_listener_begins_with_their_music(browser, listener, songs):
    assert "Follow the trace." in browser.get(reverse("home")).text
    LikeFactory(user=listener, song=songs[0])
    page = browser.get(reverse("home"))
    assert "<h1>Next for you</h1>" in page.text
    assert len(titles_of(page)) == 6
    assert page.text.index("Next for you") < page.text.index("Name more that you like")


def test_names_are_offered_while_typing_and_nothing_is_asked_of_youtube(
    guest, songs, youtube_server
):
    SongFactory(artist="Nirvana", title="Come As You Are")
    assert guest.get(reverse("suggest"), {"q": "come as"}).json() == {
        "names": ["Nirvana – Come As You Are"]
    }
    report = youtube_server.report()
    assert (report["searches"], report["units"]) == (0, 0)


@pytest.mark.parametrize("text", ["", "a", "!", "x" * 300, "\x00", "https://youtu.be/dQw4w9WgXcQ"])
def test_what_is_no_beginning_of_a_name_offers_nothing(guest, songs, text):
    assert guest.get(reverse("suggest"), {"q": text}).json() == {"names": []}
