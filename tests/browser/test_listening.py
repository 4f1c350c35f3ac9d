"""What a listener does from the first song on, with scripts and without."""

import re

from playwright.sync_api import expect

from accounts.models import User
from music.models import Dismissal, PlaylistImport, UserLikedSong
from tests.factories import SongFactory
from tests.work import finish_import


def card_of(page, title):
    return page.locator(".card", has=page.get_by_role("heading", name=title, exact=True))


def like_by_search(page, title) -> None:
    page.goto(f"/search/?q={title.replace(' ', '+')}")
    page.get_by_role("button", name=f"Like {title}", exact=True).click()
    expect(page.get_by_role("button", name=f"Liked {title}", exact=True)).to_be_visible()


def test_from_a_song_to_suggestions_and_their_reason(any_page):
    any_page.goto("/")
    any_page.get_by_label("A song you like").fill("Title 3")
    any_page.get_by_role("button", name="Find it").click()
    card = card_of(any_page, "Title 3")
    card.get_by_role("button", name="Like Title 3").click()
    expect(card.get_by_role("button", name="Liked Title 3")).to_be_visible()
    any_page.get_by_role("link", name="See what’s next").click()
    expect(any_page.locator(".card")).to_have_count(10)
    expect(any_page.locator(".because").first).to_contain_text("Because you like Title 3")
    expect(card_of(any_page, "Title 3")).to_have_count(0)
    assert [like.song_name for like in UserLikedSong.objects.all()] == ["Artist 3 – Title 3"]


def test_not_for_me_and_undo(any_page):
    any_page.goto("/search/?q=Title+5")
    card = card_of(any_page, "Title 5")
    card.get_by_role("button", name="Not for me Title 5").click()
    expect(card.get_by_text("Not for you.")).to_be_visible()
    assert Dismissal.objects.count() == 1
    card.get_by_role("button", name="Undo Title 5").click()
    expect(card.get_by_role("button", name="Like Title 5")).to_be_visible()
    assert Dismissal.objects.count() == 0


def test_a_pasted_list_with_an_unknown_song(any_page):
    any_page.goto("/")
    any_page.get_by_text("Paste a whole list instead").click()
    any_page.get_by_label("Songs you like, one per line").fill("Title 1\nTitle 2\nzzqqxx")
    any_page.get_by_role("button", name="Like them all").click()
    expect(any_page.locator(".notice.success")).to_contain_text(
        "3 songs added to your likes. 1 not found"
    )
    any_page.goto("/likes/")
    expect(any_page.locator(".rows > li")).to_have_count(3)
    expect(any_page.locator(".rows > li").filter(has_text="zzqqxx")).to_contain_text(
        "Not found yet"
    )


def test_a_like_is_removed_and_brought_back(any_page):
    any_page.goto("/likes/add/")
    any_page.get_by_label("Songs you like").fill("Title 1\nTitle 2")
    any_page.get_by_role("button", name="Like them all").click()
    expect(any_page.locator(".notice.success")).to_be_visible()
    any_page.goto("/likes/")
    any_page.get_by_role("button", name="Remove Title 1").click()
    expect(any_page.get_by_text("Removed “Title 1”.").first).to_be_visible()
    any_page.get_by_role("button", name="Undo keep Title 1").click()
    expect(any_page.get_by_role("button", name="Remove Title 1")).to_be_visible()
    assert UserLikedSong.objects.count() == 2


def test_a_wrong_match_is_corrected(any_page):
    SongFactory(artist="Famous", title="Twin", popularity=90)
    SongFactory(artist="Obscure", title="Twin", popularity=10)
    any_page.goto("/likes/add/")
    any_page.get_by_label("Songs you like").fill("Twin")
    any_page.get_by_role("button", name="Like them all").click()
    expect(any_page.locator(".notice.success")).to_be_visible()
    any_page.goto("/likes/")
    any_page.locator(".row-more summary").click()
    any_page.get_by_role("link", name="Wrong song Twin").click()
    any_page.get_by_role("button", name="This one Obscure – Twin").click()
    expect(any_page.get_by_role("heading", name="Your likes")).to_be_visible()
    expect(any_page.locator(".rows > li")).to_contain_text("Obscure")
    assert UserLikedSong.objects.get().song.artist == "Obscure"


def test_likes_are_found_sorted_and_changed_many_at_once(any_page):
    any_page.goto("/likes/add/")
    any_page.get_by_label("Songs you like").fill("Title 1\nTitle 2\nTitle 3\nzzqqxx")
    any_page.get_by_role("button", name="Like them all").click()
    expect(any_page.locator(".notice.success")).to_be_visible()
    any_page.goto("/likes/")
    any_page.get_by_label("Not found yet").check()
    any_page.get_by_role("main").get_by_role("button", name="Show").click()
    expect(any_page.locator(".rows > li")).to_have_count(1)
    any_page.goto("/likes/?q=title&order=title")
    expect(any_page.locator(".row-title")).to_have_text(["Title 1", "Title 2", "Title 3"])
    any_page.get_by_text("Change many at once").click()
    for name in ("Title 1", "Title 3"):
        any_page.get_by_role("checkbox", name=f"Choose {name}").check()
    any_page.get_by_role("main").get_by_role("button", name="Remove", exact=True).click()
    expect(any_page.locator(".notice.success")).to_contain_text("2 likes removed.")
    expect(any_page.locator(".row-title")).to_have_text(["Title 2"])
    any_page.get_by_role("button", name="Bring back").click()
    expect(any_page.locator(".row-title")).to_have_text(["Title 1", "Title 2", "Title 3"])
    assert UserLikedSong.objects.count() == 4


def test_an_import_shows_its_progress_to_the_end(any_page):
    any_page.goto("/import/")
    lines = "\n".join(f"unheard of {n}" for n in range(40))
    any_page.get_by_label("Songs you like, one per line").fill(lines)
    any_page.get_by_role("button", name="Import the list").click()
    expect(any_page.get_by_role("heading", name="Reading your music…")).to_be_visible()
    finish_import(PlaylistImport.objects.get())
    expect(any_page.get_by_text("40 not found yet")).to_be_visible()


def test_signing_up_keeps_the_likes(any_page):
    any_page.goto("/search/?q=Title+7")
    any_page.get_by_role("button", name="Like Title 7").click()
    expect(any_page.get_by_role("button", name="Liked Title 7")).to_be_visible()
    any_page.goto("/accounts/signup/")
    any_page.get_by_label("Email").fill("ada@example.org")
    any_page.get_by_label("Password").fill("correct horse battery staple")
    any_page.get_by_role("main").get_by_role("button", name="Sign up").click()
    any_page.goto("/likes/")
    expect(any_page.locator(".rows > li")).to_have_count(1)
    assert [user.email for user in User.objects.all()] == ["ada@example.org"]


def test_the_theme_is_chosen_and_stays(any_page):
    any_page.goto("/about/")
    any_page.get_by_role("button", name="Dark").click()
    expect(any_page.locator("html")).to_have_attribute("data-theme", "dark")
    any_page.goto("/privacy/")
    expect(any_page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_filter_changes_the_list_and_the_address_without_loading_the_page(page, songs):
    type(songs[0]).objects.filter(pk__in=[song.pk for song in songs[:3]]).update(genre="Jazz")
    page.goto("/for-you/")
    page.evaluate("window.isTheSamePage = true")
    page.get_by_label("Genre").select_option("Jazz")
    expect(page.locator(".card")).to_have_count(3)
    expect(page).to_have_url(re.compile("genre=Jazz"))
    assert page.evaluate("window.isTheSamePage") is True
