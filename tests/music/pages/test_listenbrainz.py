"""The page of a listener's account at ListenBrainz. What is sent is tested with the domain."""

import pytest
from django.urls import reverse

from music.models import ListenBrainzLink, PlaylistImport
from tests.servers.listenbrainz import TOKEN

CONNECT = {"action": "connect", "token": TOKEN, "sends_plays": "on"}


@pytest.fixture(autouse=True)
def _offered(settings):
    """A site that speaks with ListenBrainz, which is down: no request may wait."""
    settings.LISTENBRAINZ = True
    settings.LISTENBRAINZ_URL = "http://127.0.0.1:9"


@pytest.fixture
def address() -> str:
    return reverse("listenbrainz")


def test_account_is_connected_changed_and_disconnected(browser, address):
    assert 'value="connect"' in browser.get(address).text
    page = browser.post(address, CONNECT, follow=True)
    assert "Your token has not been checked yet." in page.text
    assert TOKEN not in page.text
    link = ListenBrainzLink.objects.get()
    assert (link.sends_plays, link.sends_likes) == (True, False)
    browser.post(address, {"action": "send", "sends_likes": "on"})
    link.refresh_from_db()
    assert (link.sends_plays, link.sends_likes) == (False, True)
    browser.post(address, {"action": "disconnect"})
    assert not ListenBrainzLink.objects.exists()


def test_trouble_and_the_name_there_are_shown(browser, address):
    browser.post(address, CONNECT)
    ListenBrainzLink.objects.update(user_name="ada <b>", trouble="It refuses this token.")
    page = browser.get(address).text
    assert "ada &lt;b&gt;" in page
    assert "It refuses this token." in page


def test_loved_songs_become_an_import_that_begins_by_itself(browser, address):
    browser.post(address, CONNECT)
    answer = browser.post(address, {"action": "bring"})
    job = PlaylistImport.objects.get()
    assert answer.url == reverse("import", args=[job.token])
    assert (job.service, job.is_open) == ("listenbrainz", True)
    assert "Reading your music…" in browser.get(answer.url).text


@pytest.mark.parametrize("action", ["send", "bring"])
def test_nothing_is_changed_where_nothing_is_connected(browser, address, action):
    page = browser.post(address, {"action": action}, follow=True)
    assert "You are not connected to ListenBrainz" in page.text
    assert not PlaylistImport.objects.exists()


@pytest.mark.parametrize(
    "data", [{}, {"action": "steal"}, {**CONNECT, "token": "x"}, {**CONNECT, "token": "a\x00" * 20}]
)
def test_bad_form_is_refused(browser, address, data):
    assert browser.post(address, data).status_code == 400
    assert not ListenBrainzLink.objects.exists()


def test_page_is_for_accounts_and_is_named_where_it_is_offered(browser, guest, address, settings):
    assert guest.get(address).status_code == 302
    for page in (reverse("account"), reverse("new_import")):
        assert address in browser.get(page).text
    settings.LISTENBRAINZ = False
    assert address not in browser.get(reverse("account")).text
    assert browser.get(address).status_code == 404
