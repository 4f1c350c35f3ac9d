"""Every page against axe-core (WCAG 2 A and AA), the keyboard, and the width of a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import User
from music.domain.mixes import save_mix
from music.domain.sharing import share
from tests.work import begin_file, finish_import

from .chromium import DESKTOP, PHONE
from .conftest import open_page
from .test_player import YouTube

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VISITOR = ["/", "/search/?q=Title", "/search/?q=%21", "/for-you/", "/likes/", "/import/", "/taste/"]
VISITOR += ["/account/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
VISITOR += ["/accounts/password/reset/done/", "/accounts/confirm-email/", "/accounts/inactive/"]
VISITOR += ["/accounts/password/reset/key/1-a/", "/accounts/3rdparty/login/cancelled/"]
VISITOR += ["/search/?q=zz&by=mood", "/about/", "/privacy/", "/likes/add/", "/not-for-me/"]
VISITOR += ["/nope/", "/songs/video000000"]
LISTENER = ["/", "/search/?q=Title", "/for-you/", "/likes/", "/taste/", "/not-for-me/", "/account/"]
LISTENER += ["/accounts/email/", "/accounts/logout/", "/accounts/reauthenticate/"]
LISTENER += ["/accounts/2fa/", "/accounts/2fa/webauthn/", "/account/sessions/"]
LISTENER += ["/mixes/", "/history/", "/for-you/?plays=on&like=artist-1/title-1"]
LISTENER += ["/account/tokens/", "/account/delete/", "/accounts/password/change/"]


def find_violations(page) -> list[str]:
    """Rule and elements of everything that axe objects to on the page, in both themes.

    The themes differ in their colors alone, so that one rule judges the dark one.
    """
    page.evaluate(AXE.read_text())
    found = run_axe(page, "tag", RULES, at_least=6)
    page.emulate_media(color_scheme="dark")
    found += run_axe(page, "rule", ["color-contrast"], at_least=1)
    page.emulate_media(color_scheme="light")
    return found


def run_axe(page, kind: str, values: list[str], at_least: int) -> list[str]:
    found = page.evaluate(
        "only => axe.run({runOnly: only, resultTypes: ['violations']})",
        {"type": kind, "values": values},
    )
    assert len(found["passes"]) >= at_least  # axe has really looked
    return [
        f"{page.url} {violation['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture
def bypassing_page(chromium, live_server, songs):
    """A page into which axe may be put in spite of the content security policy."""
    page = open_page(
        chromium, live_server, color_scheme="light", reduced_motion="reduce", bypass_csp=True
    )
    yield page
    page.context.close()


def sign_up_with_likes(page):
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill("ada.verylongname.lovelace@subdomain.of.example.org")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.goto("/likes/add/")
    page.get_by_label("Songs you like").fill("Title 1\nTitle 2\nTitle 3\nzzqqxx")
    page.get_by_role("button", name="Like them all").click()
    expect(page.locator(".notice.success")).to_be_visible()
    page.goto("/search/?q=Title+5")
    page.get_by_role("button", name="Not for me Title 5").click()
    expect(page.get_by_role("button", name="Undo Title 5")).to_be_visible()


def test_pages_of_a_visitor_have_no_violations(bypassing_page, songs):
    found = []
    for address in [*VISITOR, f"/songs/{songs[0].address}"]:
        bypassing_page.goto(address)
        found += find_violations(bypassing_page)
    assert found == []


def test_pages_of_a_listener_have_no_violations(bypassing_page):
    sign_up_with_likes(bypassing_page)
    found = []
    for address in LISTENER:
        bypassing_page.goto(address)
        found += find_violations(bypassing_page)
    bypassing_page.goto("/for-you/")
    bypassing_page.get_by_role("button", name="Not for me").first.click()
    expect(bypassing_page.get_by_text("Not for you.")).to_be_visible()
    found += find_violations(bypassing_page)
    assert found == []


def make_pages_of_ones_own(songs) -> list[str]:
    """Return the addresses of a mix, a shared list, and an import in review of the one listener."""
    listener = User.objects.get()
    ids = [song.address for song in songs[:3]]
    mix = save_mix(listener=listener, name="Morning", song_ids=ids)
    shared = share(listener=listener, kind="likes")
    rows = [f"{song.title},{song.artist}" for song in songs[:2]] + ["Zzyzx,Nobody"]
    job = begin_file(listener=listener, data="\n".join(["title,artist", *rows]).encode())
    assert finish_import(job).state == "review"
    review = f"/import/{job.token}/"
    return [
        *(f"/mixes/{mix.token}/", f"/shared/{shared.token}/", review, f"{review}?pile=missing"),
        *("/mixes/", "/history/", "/share/", "/import/", "/account/listenbrainz/"),
    ]


FOLLOW = """address => {
  const link = document.createElement("a");
  link.href = address;
  document.querySelector("main").append(link);
  htmx.process(link);
  link.click();
}"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_with_the_player_open_have_no_violations(bypassing_page, songs, settings, size):
    settings.LISTENBRAINZ = True
    page = bypassing_page
    YouTube(page)
    page.set_viewport_size(size)
    sign_up_with_likes(page)
    page.goto("/for-you/")
    page.locator("[data-play]").first.click()
    expect(page.locator("[data-play]").first).to_contain_text("Pause")
    expect(page.locator("#dock-opinion button").first).to_be_visible()
    page.locator(".dock-queue summary").click()
    page.locator(".card-more summary").first.click()
    page.get_by_role("button", name="Keys").click()
    found = find_violations(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Likes").click()
    expect(page.get_by_role("heading", name="Your likes")).to_be_visible()
    page.get_by_text("Change many at once").click()
    found += find_violations(page)
    broken = []
    page.on("response", lambda answer: answer.status >= 400 and broken.append(answer.url))
    for address in make_pages_of_ones_own(songs):
        page.evaluate(FOLLOW, address)
        page.wait_for_url(f"**{address}")
        expect(page.locator("#dock")).to_be_visible()
        found += find_violations(page)
    small = [
        (target.inner_text(), box["height"])
        for target in page.locator("#dock button:visible, #dock summary").all()
        if (box := target.bounding_box()) and box["height"] < 43.9
    ]
    assert found + small + broken == []


def test_no_page_is_wider_than_the_screen(page):
    sign_up_with_likes(page)
    too_wide = []
    for address in sorted({*VISITOR, *LISTENER}):
        page.goto(address)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                too_wide.append((address, size["width"]))
    assert too_wide == []


def test_everything_to_press_is_44_pixels_high_on_a_phone(chromium, live_server, songs):
    page = open_page(chromium, live_server, viewport=PHONE)
    sign_up_with_likes(page)
    small = []
    for address in ("/", "/for-you/", "/likes/", "/import/", "/account/"):
        page.goto(address)
        for target in page.locator(
            "button:visible, .button:visible, nav a:visible, input:visible:not([type=checkbox]), "
            ".field-check label:visible, summary:visible"
        ).all():
            box = target.bounding_box()
            if box and box["height"] < 43.9:
                small.append((address, target.inner_text(), box["height"]))
    page.context.close()
    assert small == []


def test_the_keyboard_goes_all_the_way(page):
    page.goto("/search/?q=Title+1")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    like = page.get_by_role("button", name="Like Title 1", exact=True)
    for _ in range(8):
        page.keyboard.press("Tab")
        if like.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    liked = page.get_by_role("button", name="Liked Title 1", exact=True)
    expect(liked).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("You like “Title 1”.")


def test_the_focus_is_visible(page):
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_scripts_are_not_refused_by_the_content_security_policy(page):
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    for address in ("/", "/for-you/", "/likes/", "/taste/", "/import/"):
        page.goto(address)
    page.goto("/search/?q=Title+1")
    page.get_by_role("button", name="Like Title 1", exact=True).click()
    expect(page.get_by_role("button", name="Liked Title 1", exact=True)).to_be_visible()
    assert [text for text in refused if "Content Security Policy" in text] == []


def test_a_server_that_cannot_be_reached_is_said_to_be_so(page):
    page.goto("/search/?q=Title+1")
    page.context.route("**/likes/song/", lambda route: route.abort())
    page.get_by_role("button", name="Like Title 1", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("TuneTrace cannot be reached.")
