"""Bringing a file, and taking the likes along, in a real browser."""

import base64
from pathlib import Path

from playwright.sync_api import expect

from music.models import PlaylistImport, UserLikedSong
from tests.work import finish_import

TABLE = b"title,artist\nTitle 3,Artist 3\nZzyzx Qwrtp,Nobody\n"
DROP = """
([selector, name, encoded]) => {
  const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  const form = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    form.dispatchEvent(
      new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true })
    );
  }
}
"""


def send(page, path: Path) -> PlaylistImport:
    page.goto("/import/")
    page.locator("#id_file").set_input_files(path)
    page.get_by_role("button", name="Import the file").click()
    expect(page.get_by_role("heading", name="Reading your music…")).to_be_visible()
    return PlaylistImport.objects.latest("created_at")


def test_from_a_file_to_likes(any_page, tmp_path):
    file = tmp_path / "My list.csv"
    file.write_bytes(TABLE)
    job = send(any_page, file)
    finish_import(job)
    any_page.goto(f"/import/{job.token}/")
    expect(any_page.get_by_text("My list, from a table. Nothing is liked")).to_be_visible()
    any_page.get_by_role("link", name="Not found (1)").click()
    any_page.get_by_role("button", name="Like as written Nobody - Zzyzx Qwrtp").click()
    expect(any_page.get_by_role("link", name="Not found (0)")).to_be_visible()
    any_page.get_by_role("link", name="Not sure (1)").click()
    any_page.get_by_role("button", name="Use the first suggestion for all 1").click()
    expect(any_page.get_by_role("heading", name="What was found")).to_be_hidden()
    finish_import(job)
    any_page.goto(f"/import/{job.token}/")
    expect(any_page.get_by_text("1 song added to your likes.")).to_be_visible()
    expect(any_page.get_by_role("link", name="Play Title 3")).to_be_visible()
    assert UserLikedSong.objects.count() == 2


def test_progress_is_shown_while_the_page_is_open(page, tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("Artist 3 - Title 3\n")
    finish_import(send(page, file))
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()


def test_a_file_is_dropped_on_its_form(page):
    page.goto("/import/")
    encoded = base64.b64encode(TABLE).decode()
    page.evaluate(DROP, ["form[data-drop]", "Dropped.csv", encoded])
    page.get_by_role("button", name="Import the file").click()
    expect(page.get_by_role("heading", name="Reading your music…")).to_be_visible()
    assert PlaylistImport.objects.get().label == "Dropped"


def test_likes_are_taken_along(any_page, songs):
    any_page.goto("/search/?q=Title+3")
    any_page.get_by_role("button", name="Like Title 3").click()
    expect(any_page.get_by_role("button", name="Liked Title 3")).to_be_visible()
    any_page.goto("/likes/")
    any_page.get_by_text("Export", exact=True).click()
    with any_page.expect_download() as download:
        any_page.get_by_role("link", name="Table (CSV)").click()
    assert download.value.suggested_filename == "Likes.csv"
    assert "Title 3" in Path(download.value.path()).read_text()
