"""What a page keeps while its parts are exchanged: the focus, what other tabs say, its place."""

import re

import pytest
from playwright.sync_api import expect

from .chromium import DESKTOP, PHONE
from .conftest import open_page
from .test_listening import card_of, like_by_search

SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve(sum), 500);
})"""


def test_the_focus_stays_in_the_row_after_remove_and_undo(page):
    like_by_search(page, "Title 1")
    like_by_search(page, "Title 2")
    page.goto("/likes/")
    page.get_by_role("button", name=re.compile("Remove .*Title 2")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".rows > li").first.get_by_role("link").first).to_be_focused()


def test_what_one_tab_says_shows_in_the_other(page):
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto("/search/?q=Title+5")
    page.get_by_role("button", name="Like Title 5", exact=True).click()
    expect(other.get_by_role("button", name="Liked Title 5", exact=True)).to_be_visible()


def test_a_tab_that_knows_of_no_like_says_what_is_so(page_without_scripts):
    page = page_without_scripts
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto("/search/?q=Title+5")
    page.get_by_role("button", name="Like Title 5", exact=True).click()
    other.get_by_role("button", name="Not for me Title 5").click()
    card = card_of(other, "Title 5")
    expect(card.get_by_text("Not for you.")).to_be_visible()
    expect(other.locator(".notice.success")).to_contain_text("will not be suggested again")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_while_a_page_loads(chromium, live_server, songs, size):
    page = open_page(chromium, live_server, viewport=size)
    like_by_search(page, "Title 1")
    moved = {}
    for address in ("/", "/for-you/", "/likes/", "/search/?q=Title", "/taste/"):
        page.goto(address)
        moved[address] = page.evaluate(SHIFTS)
    page.context.close()
    assert {address: shift for address, shift in moved.items() if shift > 0.05} == {}


def test_signing_in_and_out_load_the_whole_page(page):
    page.goto("/about/")
    page.evaluate("window.isTheSamePage = true")
    page.locator(".site-tools").get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", name="No account needed")).to_be_visible()
    assert page.evaluate("window.isTheSamePage") is True
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.evaluate("window.isTheSamePage") is None


def test_the_theme_changes_where_the_listener_is(page):
    page.goto("/about/")
    page.evaluate("window.isTheSamePage = true")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.isTheSamePage") is True


def test_names_of_songs_are_offered_while_somebody_types(page):
    page.goto("/")
    page.get_by_label("A song you like").press_sequentially("title 1")
    options = page.locator("main datalist option")
    expect(options.first).to_have_attribute("value", "Artist 1 – Title 1")
    page.get_by_label("A song you like").fill("Artist 1 – Title 1")
    page.keyboard.press("Enter")
    expect(card_of(page, "Title 1")).to_be_visible()


def test_a_thumbnail_that_does_not_come_leaves_the_drawn_cover(page):
    """YouTube's image server is away for the first page; the second shows pictures it gives."""
    thumbnails = page.locator("main .cover-box img")
    page.goto("/search/?q=Title+5")
    expect(page.locator("main .cover-box svg").first).to_be_visible()
    expect(thumbnails).to_have_count(0)
    picture = page.request.get("/static/img/mark.svg").body()
    page.context.route(
        "https://i.ytimg.com/**",
        lambda route: route.fulfill(body=picture, content_type="image/svg+xml"),
    )
    page.goto("/search/?q=Title+6")
    expect(thumbnails.first).to_be_visible()
