"""What is done while everything is deleted ends in an answer, never in an error of the site."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from accounts.models import User
from music.pages.forms import DELETE_WORD
from tests.factories import VideoFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6


@pytest.fixture
def songs(transactional_db):
    return [VideoFactory() for _ in range(8)]


def make_guest(song) -> Client:
    """The browser of a guest who likes one song."""
    browser = Client(raise_request_exception=False)
    assert browser.post("/likes/song/", {"song": song.video_id}).status_code == 302
    return browser


def copy(browser: Client) -> Client:
    """Another tab of the same browser."""
    tab = Client(raise_request_exception=False)
    tab.cookies = browser.cookies.copy()
    return tab


def post(browser: Client, address: str, data: dict[str, str]) -> Callable[[], int]:
    """What posts a form in a tab of its own, and returns the answer's status."""
    return lambda: copy(browser).post(address, data).status_code


def delete_everything(browser: Client) -> Callable[[], int]:
    return post(browser, "/account/delete/", {"confirm": DELETE_WORD})


def do_at_once(actions: Sequence[Callable[[], int]]) -> list[int]:
    """The status of each action's answer, all begun at the same moment."""
    start = Barrier(len(actions))

    def act(action: Callable[[], int]) -> int:
        start.wait()
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("/likes/song/", {}),
        ("/likes/song/undo/", {}),
        ("/not-for-me/add/", {}),
        ("/plays/", {"kind": "play"}),
        ("/likes/add/", {"songs": "Artist 1 Song 1"}),
        ("/import/", {"songs": "Artist 1 Song 1"}),
    ],
)
def test_acting_while_everything_is_deleted_is_no_error(songs, address, more):
    for _ in range(ROUNDS):
        browser = make_guest(songs[0])
        acts = [post(browser, address, {"song": s.video_id, **more}) for s in songs[1:5]]
        codes = do_at_once([*acts, delete_everything(browser)])
        assert [code for code in codes if code >= 500] == []


def test_deleting_everything_twice_at_once_is_no_error(songs):
    for _ in range(ROUNDS):
        browser = make_guest(songs[0])
        codes = do_at_once([delete_everything(browser)] * 3)
        assert [code for code in codes if code >= 500] == []
    assert User.objects.count() == 0
