"""Nobody spends the day's searches for all, by pages or by the API; what is stored is answered."""

import pytest
from django.test import Client

from accounts.models import ServiceKey
from music.youtube import quota
from tests.factories import ListenerFactory, VideoFactory
from tests.work import finish_import

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("youtube_server")]

NONSENSE = [f"zzqx{n} vbnmk{n}" for n in range(60)]


@pytest.fixture
def stored(transactional_db):
    return VideoFactory(song__artist="Nirvana", song__title="Come As You Are")


def count_searches() -> int:
    return next(state.used for state in quota.get_state() if state.bucket == "search")


def search_by_page(client: Client, n: int) -> None:
    for text in NONSENSE[:n]:
        assert client.get("/search/", {"q": text}).status_code == 200


def test_nonsense_searched_by_pages_spends_a_tenth_and_finds_what_is_stored(stored):
    search_by_page(Client(), 25)
    assert count_searches() == 10
    page = Client().get("/search/", {"q": "Nirvana - Come As You Are"}).text
    assert "Come As You Are" in page
    assert "Your share of today’s YouTube searches is used up" in Client().get(
        "/search/", {"q": NONSENSE[30]}
    ).text.replace("&#x27;", "'")


def test_guests_are_no_new_payers(stored):
    """A visitor who throws their cookies away is still the same address."""
    for _ in range(3):
        visitor = Client()
        visitor.post("/likes/song/", {"song": stored.video_id})
        search_by_page(visitor, 25)
    assert count_searches() == 10


def test_long_lists_asked_of_the_api_spend_a_tenth(api, stored):
    songs = [*NONSENSE[:49], "Nirvana - Come As You Are"]
    for _ in range(3):
        answer = api.send("POST", "/suggestions", {"songs": songs})
        assert answer.status_code in {200, 503}
    for text in NONSENSE[50:]:
        assert api.send("GET", f"/api/v1/songs?query={text}").status_code == 200
    assert count_searches() == 10
    found = api.send("GET", "/api/v1/songs?query=Come As You Are").json()
    assert [song["video_id"] for song in found["songs"]][:1] == [stored.video_id]


def test_other_addresses_and_accounts_still_search(stored):
    search_by_page(Client(), 25)
    search_by_page(Client(REMOTE_ADDR="198.51.100.7"), 25)
    assert count_searches() == 19
    browser = Client(REMOTE_ADDR="198.51.100.8")
    browser.force_login(ListenerFactory(), "django.contrib.auth.backends.ModelBackend")
    search_by_page(browser, 60)
    assert count_searches() == 19 + 25


def test_service_key_has_the_share_that_the_operator_set(service_api, settings, stored):
    settings.YOUTUBE_SERVICE_KEY_SHARE = 0.4
    for text in NONSENSE:
        service_api.send("GET", f"/api/v1/songs?query={text}")
    assert count_searches() == 40


def test_service_key_has_the_share_that_is_its_own(service_api, settings, stored):
    ServiceKey.objects.update(youtube_share=0.1)
    for text in NONSENSE[:15]:
        service_api.send("GET", f"/api/v1/songs?query={text}")
    assert count_searches() == 10


def test_claimed_address_is_no_other_payer(stored):
    for n in range(5):
        search_by_page(Client(headers={"X-Forwarded-For": f"203.0.113.{n}"}), 25)
    assert count_searches() == 10


def test_import_by_a_guest_spends_the_share_of_its_address(stored):
    visitor = Client()
    names = "\n".join(NONSENSE[:55])
    page = visitor.post("/import/", {"songs": names})
    finish_import(page["Location"].strip("/").rpartition("/")[2])
    assert count_searches() == 10
