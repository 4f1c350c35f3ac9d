"""What a listener waits for, in a real browser: ``.venv/bin/python -m tests.bench.pages``.

Starts the site as a user does (bundled catalogue, no key) and prints for each page how soon its
largest part is seen (LCP) and how much moves (CLS), at the width of a phone and of a desktop; how
soon a card changes after a click; the weight of our own scripts, styles, fonts and drawings; and
how many clicks it takes from the first page to the first sound. YouTube is played by the stand-in
of the browser tests: nothing outside is asked.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Route, sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM, DESKTOP, PHONE
from tests.servers.site import prepare_folder, running_site

FRAME = (Path(__file__).parents[1] / "browser" / "youtube_player.html").read_text()
PLAYS = FRAME.replace("= PLAN;", f"= {json.dumps({'default': [['onStateChange', 1]]})};")
PAGES = ("/", "/for-you/", "/likes/", "/search/?q=dancing+queen", "/songs/abba/dancing-queen")
PAGES += ("/taste/", "/import/", "/about/", "/mixes/", "/history/", "/share/")
ROUNDS = 3
CLICKS = 10
PLAIN = {".woff2", ".ico", ".png"}
"""Compressed already: they travel as they are."""
LIMITS = {"LCP": 1000.0, "CLS": 0.05, "click": 100.0, "assets": 120.0, "clicks": 3}
VITALS = """() => new Promise((resolve) => {
  const vitals = { lcp: 0, cls: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) vitals.lcp = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) vitals.cls += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(vitals), 700);
})"""
CLICK = """() => new Promise((resolve) => {
  const actions = document.querySelector('#song-list .actions[data-state="new"]');
  const card = actions.closest(".card");
  new MutationObserver((_, observer) => {
    if (card.querySelector('.actions[data-state="liked"]') === null && card.isConnected) return;
    observer.disconnect();
    resolve(performance.now() - began);
  }).observe(card.parentElement, { childList: true, subtree: true });
  const began = performance.now();
  actions.querySelector("[data-opinion=like] button").click();
})"""


def answer(route: Route) -> None:
    """Answer requests for YouTube's player by a stand-in; refuse all other outside requests."""
    address = urlsplit(route.request.url)
    if address.hostname == "127.0.0.1":
        route.fallback()
    elif address.hostname == "www.youtube-nocookie.com":
        route.fulfill(body=PLAYS, content_type="text/html")
    else:
        route.abort()


@contextmanager
def visitor(browser, url: str, size: dict[str, int]) -> Iterator[BrowserContext]:
    """Yield a new visitor with an empty cache."""
    context = browser.new_context(base_url=url, viewport=size)
    context.set_default_timeout(60_000)
    context.route("**/*", answer)
    yield context
    context.close()


def measure_page(browser, url: str, size: dict[str, int], address: str) -> tuple[float, float]:
    """LCP in milliseconds and CLS, the median of some visits: of the first page with an empty
    cache, of another one after two likes."""
    found = []
    for _ in range(ROUNDS):
        with visitor(browser, url, size) as context:
            page = context.new_page()
            if address != "/":
                like_two(page)
            page.goto(address)
            vitals = page.evaluate(VITALS)
            found.append((vitals["lcp"], vitals["cls"]))
    return median(lcp for lcp, _ in found), median(cls for _, cls in found)


def like_two(page: Page) -> None:
    """Like two songs, so that pages have something to show."""
    for song in ("dancing+queen", "come+as+you+are"):
        page.goto(f"/search/?q={song}")
        page.locator("[data-opinion=like] button").first.click()
        page.locator("[data-state=liked]").first.wait_for()


def measure_clicks(browser, url: str) -> list[float]:
    """Milliseconds from pressing Like on For you to the changed card, each on a renewed list."""
    with visitor(browser, url, DESKTOP) as context:
        page = context.new_page()
        like_two(page)
        page.goto("/for-you/")
        found = []
        for _ in range(CLICKS):
            found.append(page.evaluate(CLICK))
            page.wait_for_timeout(1500)
        return found


def weigh_assets(browser, url: str) -> dict[str, float]:
    """Kilobytes of our own files that a first visit to For you loads, compressed, by their kind."""
    sizes: dict[str, float] = {}
    with visitor(browser, url, DESKTOP) as context:
        page = context.new_page()

        def weigh(response) -> None:
            path = urlsplit(response.url).path
            if "/static/" not in path:
                return
            body = response.body()
            kind = Path(path).suffix
            size = len(body) if kind in PLAIN else len(gzip.compress(body, 9))
            sizes[kind] = sizes.get(kind, 0) + size / 1000

        page.on("response", weigh)
        page.goto("/for-you/", wait_until="networkidle")
    return sizes


def count_clicks_to_sound(browser, url: str) -> int:
    """Clicks from the first page until the player says that it plays."""
    with visitor(browser, url, PHONE) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_role("navigation", name="Main").get_by_role("link", name="For you").click()
        page.get_by_role("button", name="Play all").click()
        page.locator("#dock-toggle[data-state=playing]").wait_for()
    return 2


def report(name: str, value: float, limit: float, unit: str = "") -> bool:
    """Print one figure beside its limit; return whether it is within it."""
    is_good = value <= limit
    print(f"{name:<46} {value:>9.3g} {unit:<3} (at most {limit:g}) {'' if is_good else 'TOO MUCH'}")
    return is_good


def main() -> int:
    """Print the table; return 1 when a figure is over its limit."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name) / "site"
        prepare_folder(folder, Path(name))
        site = stack.enter_context(running_site(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            good = []
            for size in (PHONE, DESKTOP):
                for address in PAGES:
                    lcp, cls = measure_page(browser, site.url, size, address)
                    name = f"{address} at {size['width']} px"
                    good.append(report(f"LCP {name}", lcp, LIMITS["LCP"], "ms"))
                    good.append(report(f"CLS {name}", cls, LIMITS["CLS"]))
            clicks = measure_clicks(browser, site.url)
            good.append(report("click to changed card", median(clicks), LIMITS["click"], "ms"))
            sizes = weigh_assets(browser, site.url)
            for kind, size in sorted(sizes.items()):
                print(f"  {kind:<10} {size:7.1f} kB")
            good.append(report("own assets", sum(sizes.values()), LIMITS["assets"], "kB"))
            sound = count_clicks_to_sound(browser, site.url)
            good.append(report("clicks to the first sound", sound, LIMITS["clicks"]))
            browser.close()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
