"""The operators' pages as they look: ``make screenshots`` takes a picture of each.

It runs against a site that ``make demo`` serves, with what that printed: ``make screenshots
EMAIL=operator@demo.example PASSWORD=…``.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from .chromium import ARGUMENTS, CHROMIUM, DESKTOP

FOLDER = Path(__file__).parents[2] / "docs/screenshots"
PICTURES = {
    "admin-overview": "/admin/",
    "admin-caches": "/admin/operations/caches/",
    "admin-databases": "/admin/operations/databases/",
    "admin-quota": "/admin/music/quotausage/",
    "admin-suggestions": "/admin/music/impression/",
    "admin-likes": "/admin/music/userlikedsong/",
    "admin-listeners": "/admin/accounts/user/",
}
OVERLAPS = """() => {
  const found = [];
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
    found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  for (const row of document.querySelectorAll('#result_list tr')) {
    const cells = [...row.children].map(cell => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return [cell, cell.getBoundingClientRect(), range.getBoundingClientRect()];
    });
    for (const [cell, box, text] of cells)
      if (text.width && text.right > box.right + 1)
        found.push(`${cell.className}: ${cell.textContent.trim().slice(0, 40)}`);
  }
  const filters = document.querySelector('#changelist-filter');
  const list = document.querySelector('.results');
  if (list && list.scrollWidth > list.clientWidth + 1)
    found.push(`columns are ${list.scrollWidth - list.clientWidth} px out of sight`);
  if (filters && list) {
    const [a, b] = [filters.getBoundingClientRect(), list.getBoundingClientRect()];
    if (b.right > a.left + 1 && b.bottom > a.top && a.bottom > b.top)
      found.push('the list lies over its filters');
  }
  return found;
}"""
"""What lies over something else on a page of the admin, in words."""


def find_overlaps(page: Page) -> list[str]:
    """What lies over something else on the page that is open."""
    return page.evaluate(OVERLAPS)


def take_pictures(site: str, email: str, password: str) -> None:
    """A picture of each operators' page, in ``docs/screenshots``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_page(viewport={**DESKTOP, "height": 720}, base_url=site)
        page.set_default_timeout(120_000)
        page.goto("/accounts/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "login" not in url)
        for name, address in PICTURES.items():
            page.goto(address)
            page.screenshot(path=FOLDER / f"{name}.png")
            print(f"{name}.png", *find_overlaps(page))
        browser.close()


if __name__ == "__main__":
    take_pictures(*sys.argv[1:4])
