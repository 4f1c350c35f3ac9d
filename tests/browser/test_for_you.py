"""For you renews itself: cards are replaced, the list grows, filters and steering change it."""

import re

import pytest
from playwright.sync_api import expect

from music.models import Dismissal, Song, Steering, UserLikedSong

from .test_listening import card_of, like_by_search


def titles(page) -> list[str]:
    return page.locator("#song-list .card-title a").all_inner_texts()


@pytest.mark.parametrize(("button", "said"), [("Like", "You like"), ("Not for me", "Not for you:")])
def test_an_opinion_brings_the_next_song_in_its_place(page, button, said):
    page.goto("/for-you/")
    before = titles(page)
    page.get_by_role("button", name=f"{button} {before[1]}", exact=True).click()
    replaced = page.locator("#song-list .card").nth(1)
    expect(replaced.locator(".said")).to_contain_text(f"{said} {before[1]}")
    after = titles(page)
    assert after[1] not in before
    assert [*after[:1], *after[2:]] == [*before[:1], *before[2:]]
    expect(replaced.locator(".card-title a")).to_be_focused()
    replaced.get_by_role("button", name=f"Undo {before[1]}").click()
    expect(replaced.locator(".said")).to_have_text("Taken back.")
    assert UserLikedSong.objects.count() + Dismissal.objects.count() == 0


def test_the_list_grows_without_repeating_a_song(page):
    page.goto("/for-you/")
    first = titles(page)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#song-list .card")).to_have_count(12)
    assert titles(page)[:10] == first
    assert len(set(titles(page))) == 12
    expect(page.locator("#song-list .card").nth(10).locator(".card-title a")).to_be_focused()
    expect(page.locator("#more")).to_contain_text("That is the end of the list.")


def test_without_scripts_more_songs_come_with_the_page(page_without_scripts):
    page_without_scripts.goto("/for-you/?adventure=75")
    page_without_scripts.get_by_role("button", name="Show more").click()
    expect(page_without_scripts.locator("#song-list .card")).to_have_count(12)
    expect(page_without_scripts).to_have_url(re.compile("adventure=75&limit=20"))


def test_filters_say_how_much_they_changed(page, songs):
    Song.objects.filter(pk=songs[4].pk).update(language="fr")
    page.goto("/for-you/")
    page.get_by_label("Language").focus()
    page.get_by_label("Language").select_option("French")
    expect(page.locator("#song-list .card")).to_have_count(1)
    expect(page.locator("#change")).to_contain_text(re.compile("[01] of 1 songs are new"))
    page.get_by_label("Language").select_option("Any language")
    expect(page.locator("#song-list .card")).to_have_count(10)
    expect(page.get_by_label("Language")).to_be_focused()


def test_the_slider_says_what_it_does(page):
    like_by_search(page, "Title 3")
    page.goto("/for-you/")
    slider = page.get_by_label("Familiar or adventurous")
    expect(slider).to_have_attribute("aria-valuetext", "In between")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "Adventurous")
    expect(page.locator("#change")).to_contain_text("songs are new in this list.")


def test_a_list_that_loads_says_so(page):
    page.goto("/for-you/")
    waiting = []
    page.context.route(re.compile("decade=1990"), lambda route: waiting.append(route))
    page.get_by_label("Decade").select_option("1990s")
    expect(page.locator("#suggestions")).to_have_attribute("aria-busy", "true")
    waiting[0].fallback()
    expect(page.locator("#suggestions[aria-busy]")).to_have_count(0)


def test_an_artist_is_hidden_from_the_card_and_shown_again(any_page, songs):
    any_page.goto("/for-you/")
    title = titles(any_page)[0]
    artist = Song.objects.get(title=title).artist
    card_of(any_page, title).locator(".card-more summary").click()
    any_page.get_by_role("button", name=f"Hide {artist}").first.click()
    expect(any_page.locator("#messages")).to_contain_text(f"Songs by {artist} are not suggested")
    expect(card_of(any_page, title)).to_have_count(0)
    assert Steering.objects.count() == 1
    any_page.get_by_role("link", name="Hidden songs and artists").click()
    any_page.get_by_role("button", name=f"Take it back {artist}").click()
    expect(any_page.get_by_text("Nothing here")).to_be_visible()
    assert Steering.objects.count() == 0


def test_more_like_one_song_is_a_list_of_its_own(any_page):
    any_page.goto("/for-you/")
    title = titles(any_page)[0]
    card_of(any_page, title).locator(".card-more summary").click()
    card_of(any_page, title).get_by_role("link", name="More like this").click()
    expect(any_page.get_by_text(f"More like {title}")).to_be_visible()
    expect(card_of(any_page, title)).to_have_count(0)
    any_page.get_by_role("link", name="All you like").click()
    expect(card_of(any_page, title)).to_have_count(1)
