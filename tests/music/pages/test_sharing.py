"""Songs that are open to whoever knows their address: off by default, without a name."""

from xml.etree.ElementTree import fromstring

import pytest
from django.urls import reverse

from music.domain.sharing import share
from music.models import Impression, Mix, Share
from tests.factories import GuestFactory, LikeFactory, ListenerFactory, VideoFactory

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def listener(db):
    return ListenerFactory(email="ada@mark.example", display_name="Ada Mark")


@pytest.fixture
def liked(listener, songs):
    """Two likes of songs, and one of words that nobody knows."""
    LikeFactory(user=listener, song=songs[0], song_name="my own words for it")
    LikeFactory(user=listener, song=songs[1])
    LikeFactory(user=listener, song=None, song_name="secret words")
    return songs


def begin(browser, kind="likes"):
    browser.post(reverse("sharing"), {"kind": kind, "is_shared": "on"})
    return reverse("shared", args=[Share.objects.get(kind=kind).token])


def test_nothing_is_shared_until_it_is_said(browser, liked):
    page = browser.get(reverse("sharing"))
    assert page.text.count('visually-hidden"> your') == 2
    assert not Share.objects.exists()


def test_shared_likes_are_seen_by_anybody_without_a_word_of_whose_they_are(
    browser, guest, liked, listener
):
    address = begin(browser)
    assert address in browser.get(reverse("sharing")).text
    page = guest.get(address)
    assert page.status_code == 200
    for song in liked[:2]:
        assert song.title in page.text
    assert f'<meta property="og:url" content="http://testserver{address}">' in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    feed = guest.get(f"{address}feed/")
    for private in ("Ada", "mark.example", "secret words", "my own words", listener.user_id):
        assert private not in page.text
        assert private not in feed.text


def test_feed_is_atom_and_has_the_songs_newest_first(browser, guest, liked):
    answer = guest.get(f"{begin(browser)}feed/")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = fromstring(answer.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == [f"{song.artist} – {song.title}" for song in (liked[1], liked[0])]
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    assert len(set(ids)) == 2
    assert root.findtext(f"{ATOM}updated")


def test_feed_without_songs_is_one_all_the_same(browser, guest):
    root = fromstring(guest.get(f"{begin(browser)}feed/").content)
    assert list(root.iter(f"{ATOM}entry")) == []
    assert root.findtext(f"{ATOM}updated")


def test_shared_suggestions_are_no_impressions_of_the_listener(browser, guest, liked):
    address = begin(browser, "suggestions")
    page = guest.get(address)
    assert sum(song.title in page.text for song in liked) > 5
    assert len(list(fromstring(guest.get(f"{address}feed/").content).iter(f"{ATOM}entry"))) > 5
    assert not Impression.objects.exists()


def test_closed_address_leads_nowhere_also_when_it_is_opened_again(browser, guest, liked):
    address = begin(browser)
    browser.post(reverse("sharing"), {"kind": "likes"})
    for page in (address, f"{address}feed/"):
        assert guest.get(page).status_code == 404
    again = begin(browser)
    assert again != address
    assert guest.get(address).status_code == 404
    assert guest.get(again).status_code == 200


def test_sharing_twice_is_one_address(listener):
    assert share(listener=listener, kind="likes") == share(listener=listener, kind="likes")


def test_address_cannot_be_guessed(listener):
    tokens = {share(listener=ListenerFactory(), kind="likes").token for _ in range(5)}
    assert {len(token) for token in tokens} == {32}
    assert len(tokens) == 5


def test_songs_of_somebody_who_was_blocked_or_deleted_are_closed(browser, guest, liked, listener):
    address = begin(browser)
    type(listener).objects.filter(pk=listener.pk).update(is_active=False)
    assert guest.get(address).status_code == 404
    type(listener).objects.filter(pk=listener.pk).update(is_active=True)
    assert guest.get(address).status_code == 200
    listener.delete()
    assert guest.get(address).status_code == 404


@pytest.fixture
def mix(listener, songs):
    return Mix.objects.create(
        user=listener, name="Sunday", song_ids=[song.address for song in songs[:3]]
    )


def share_mix(browser, mix) -> str:
    browser.post(reverse("share_mix", args=[mix.token]), {"is_shared": "on"})
    mix.refresh_from_db()
    return reverse("shared", args=[mix.share_token])


def test_mix_is_shared_under_its_name_in_its_order_until_it_is_closed(
    browser, guest, mix, songs, listener
):
    page_of_mix = reverse("mix", args=[mix.token])
    assert 'value="on">Share</button>' in browser.get(page_of_mix).text
    address = share_mix(browser, mix)
    assert share_mix(browser, mix) == address
    assert address in browser.get(page_of_mix).text
    assert "Sunday" in browser.get(reverse("sharing")).text
    page, feed = guest.get(address), guest.get(f"{address}feed/")
    assert '<meta property="og:title" content="Sunday">' in page.text
    root = fromstring(feed.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == [f"{song.artist} – {song.title}" for song in songs[:3]]
    assert root.findtext(f"{ATOM}title") == "Sunday – TuneTrace"
    for private in ("Ada", "mark.example", listener.user_id, mix.token):
        assert private not in page.text
        assert private not in feed.text
    browser.post(reverse("share_mix", args=[mix.token]), {})
    assert [guest.get(closed).status_code for closed in (address, f"{address}feed/")] == [404, 404]
    assert share_mix(browser, mix) != address


def test_mix_of_somebody_else_is_shared_by_nobody_and_goes_with_the_mix(browser, guest, mix):
    foreign = Mix.objects.create(user=ListenerFactory(), name="Theirs", song_ids=mix.song_ids)
    assert browser.post(reverse("share_mix", args=[foreign.token]), {}).status_code == 404
    assert guest.post(reverse("share_mix", args=[mix.token]), {}).status_code == 404
    address = share_mix(browser, mix)
    mix.delete()
    assert guest.get(address).status_code == 404


@pytest.mark.parametrize("n_songs", [1, 3])
def test_shared_mix_takes_the_same_queries_for_one_and_three_songs(
    browser, guest, mix, django_assert_num_queries, n_songs
):
    address = share_mix(browser, mix)
    Mix.objects.filter(pk=mix.pk).update(song_ids=mix.song_ids[:n_songs])
    with django_assert_num_queries(4):
        assert guest.get(address).status_code == 200


@pytest.mark.parametrize("kind", ["", "everything", "likes\x00"])
def test_unknown_kind_is_refused(browser, kind):
    answer = browser.post(reverse("sharing"), {"kind": kind, "is_shared": "on"})
    assert answer.status_code == 400


@pytest.mark.parametrize("n_songs", [1, 3])
def test_a_shared_list_takes_the_same_queries_for_one_and_three_songs(
    listener, guest, django_assert_num_queries, n_songs
):
    for _ in range(n_songs):
        LikeFactory(user=listener, song=VideoFactory().song)
    address = reverse("shared", args=[share(listener=listener, kind="likes").token])
    with django_assert_num_queries(3):
        assert guest.get(address).status_code == 200


def test_what_a_guest_shared_and_imported_stays_when_they_sign_in(listener):
    from music.domain.guests import adopt_guest
    from music.domain.imports import start_import

    visitor = GuestFactory()
    shared = share(listener=visitor, kind="likes")
    job = start_import(listener=visitor, songs=["a song"])
    adopt_guest(guest=visitor, account=listener)
    visitor.delete()
    job.refresh_from_db()
    assert job.user == Share.objects.get(token=shared.token).user == listener
    assert job.rows.count() == 1
