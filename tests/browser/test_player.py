"""The player: a frame of youtube-nocookie.com, on a click and not before; YouTube is played."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from music.models import Dismissal, Playback, UserLikedSong, VideoFeature, VideoReport
from tests.factories import VideoFactory

from .chromium import DESKTOP, PHONE
from .test_listening import like_by_search

PLAYER = "https://www.youtube-nocookie.com/embed/**"
FRAME = (Path(__file__).parent / "youtube_player.html").read_text()
PLAYS = [["onStateChange", 1]]


class YouTube:
    """What the stand-in for YouTube's player was asked, and what it does."""

    def __init__(self, page) -> None:
        self.page = page
        self.requests = []
        self.plan = {"default": PLAYS}
        page.context.route(PLAYER, self._answer)
        page.on("pageerror", lambda error: print("PAGEERROR", error))

    def _answer(self, route) -> None:
        self.requests.append(route.request)
        body = FRAME.replace("= PLAN;", f"= {json.dumps(self.plan)};")
        route.fulfill(body=body, content_type="text/html")

    @property
    def frame(self):
        return next(f for f in self.page.frames if "youtube-nocookie" in f.url)

    def commands(self) -> list[list[str]]:
        asked = self.frame.evaluate("commands")
        return [command for command in asked if command[0] != "addEventListener"]

    def finish(self) -> None:
        self.frame.evaluate("finish()")


@pytest.fixture
def youtube(page):
    return YouTube(page)


def play_first(page, address="/for-you/") -> str:
    """Play the first song of a page; its title."""
    page.goto(address)
    link = page.locator("[data-play]").first
    link.click()
    expect(dock(page)).to_be_visible()
    expect(link).to_contain_text("Pause")
    return link.get_attribute("data-title")


def dock(page):
    return page.get_by_role("region", name="Player")


def playing(page):
    return page.locator("#dock-title")


def mark_frame(page) -> None:
    page.evaluate("document.querySelector('#dock iframe').isTheSame = true")


def is_same_frame(page) -> bool:
    return page.evaluate("document.querySelector('#dock iframe').isTheSame === true")


def test_nothing_is_asked_of_youtube_before_a_click(page, youtube):
    page.goto("/for-you/")
    expect(page.locator("[data-play]")).to_have_count(10)
    assert youtube.requests == []
    assert page.locator("iframe").count() == 0
    expect(dock(page)).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_click_opens_the_player_and_nothing_lies_over_it(page, youtube, live_server, size):
    page.set_viewport_size(size)
    title = play_first(page)
    expect(playing(page)).to_have_text(title)
    frame = page.locator("#dock iframe")
    box = frame.bounding_box()
    assert box["width"] >= 200
    assert box["height"] >= 200
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]
    covered = frame.evaluate(
        """frame => {
          const box = frame.getBoundingClientRect();
          const points = [[.02, .02], [.5, .5], [.98, .02], [.02, .98], [.98, .98]];
          return points.filter(([x, y]) => document.elementFromPoint(
            box.x + x * box.width, box.y + y * box.height) !== frame).length;
        }"""
    )
    assert covered == 0
    assert "autoplay=1" in youtube.requests[0].url
    assert youtube.requests[0].headers["referer"] == f"{live_server.url}/"
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_player_survives_filters_more_songs_and_page_changes(page, youtube):
    title = play_first(page)
    mark_frame(page)
    page.get_by_label("Genre").select_option("Rock")
    expect(page).to_have_url(re.compile("genre=Rock"))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Likes").click()
    expect(page.get_by_role("heading", name="Your likes")).to_be_visible()
    expect(page).to_have_title("Your likes – TuneTrace")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Likes")
    expect(link).to_have_attribute("aria-current", "page")
    expect(page.locator("[aria-current=page]")).to_have_count(1)
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Your likes – TuneTrace")
    page.go_back()
    expect(page.get_by_role("heading", name="For you")).to_be_visible()
    assert is_same_frame(page)
    expect(playing(page)).to_have_text(title)
    assert len(youtube.requests) == 1


def test_it_goes_on_to_the_next_song_by_itself_in_the_same_frame(page, youtube):
    play_first(page)
    mark_frame(page)
    second = page.locator("[data-play]").nth(1)
    youtube.finish()
    expect(playing(page)).to_have_text(second.get_attribute("data-title"))
    expect(page.locator("#dock-place")).to_have_text("2 of 10")
    assert is_same_frame(page)
    assert youtube.commands() == [["loadVideoById", second.get_attribute("data-play")]]


def test_previous_next_and_the_queue(page, youtube):
    first = play_first(page)
    titles = page.locator("[data-play]").evaluate_all("links => links.map(l => l.dataset.title)")
    previous = page.get_by_role("button", name="Previous song")
    expect(previous).to_be_disabled()
    page.get_by_role("button", name="Next song").click()
    expect(playing(page)).to_have_text(titles[1])
    previous.click()
    expect(playing(page)).to_have_text(first)
    page.locator(".dock-queue summary").click()
    expect(page.locator("#dock-list li")).to_have_count(10)
    page.locator("#dock-list button").last.click()
    expect(playing(page)).to_have_text(titles[9])
    expect(page.get_by_role("button", name="Next song")).to_be_disabled()
    expect(page.locator("#dock-list [aria-current]")).to_have_count(1)
    youtube.finish()
    expect(page.locator("#dock-message")).to_have_text("That was the last song in the list.")


def test_play_becomes_pause_and_does_not_begin_again(page, youtube):
    play_first(page)
    link = page.locator("[data-play]").first
    link.click()
    expect(link).to_contain_text("Resume")
    link.click()
    expect(link).to_contain_text("Pause")
    assert youtube.commands() == [["pauseVideo"], ["playVideo"]]
    assert len(youtube.requests) == 1


def test_closing_the_player_gives_the_focus_back(page, youtube):
    play_first(page)
    page.get_by_role("button", name="Close the player").click()
    expect(dock(page)).to_be_hidden()
    assert page.locator("iframe").count() == 0
    link = page.locator("[data-play]").first
    expect(link).to_be_focused()
    expect(link).to_contain_text("Play")


@pytest.mark.parametrize("address", ["/for-you/", "/search/?q=Title", "/likes/", "song"])
def test_play_all_plays_the_whole_list(page, youtube, songs, address):
    for title in ("Title 1", "Title 2"):
        like_by_search(page, title)
    page.goto(f"/songs/{songs[0].address}" if address == "song" else address)
    n_songs = page.locator("[data-play]").count()
    assert n_songs >= 2
    page.get_by_role("button", name="Play all").click()
    expect(page.locator("#dock-place")).to_have_text(f"1 of {n_songs}")


def test_likes_and_dislikes_in_the_player_show_on_the_card_and_the_other_way_round(page, youtube):
    title = play_first(page, "/search/?q=Title")
    card = page.locator(".card").first
    dock(page).get_by_role("button", name=f"Like {title}", exact=True).click()
    expect(card.get_by_role("button", name=f"Liked {title}", exact=True)).to_be_visible()
    card.get_by_role("button", name=f"Liked {title}", exact=True).click()
    expect(dock(page).get_by_role("button", name=f"Like {title}", exact=True)).to_be_visible()
    assert UserLikedSong.objects.count() == 0


def test_not_for_me_goes_on_at_once(page, youtube):
    title = play_first(page, "/search/?q=Title")
    following = page.locator("[data-play]").nth(1).get_attribute("data-title")
    dock(page).get_by_role("button", name=f"Not for me {title}", exact=True).click()
    expect(playing(page)).to_have_text(following)
    expect(page.locator(".card").first).to_contain_text("Not for you.")
    assert Dismissal.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (100, "it has been removed from YouTube"),
        (101, "its owner only allows it on YouTube"),
        (150, "its owner only allows it on YouTube"),
    ],
)
def test_a_video_that_does_not_play_is_reported_and_skipped(page, youtube, code, reason):
    page.goto("/for-you/")
    link = page.locator("[data-play]").first
    youtube.plan[link.get_attribute("data-play")] = [["onError", code]]
    following = page.locator("[data-play]").nth(1).get_attribute("data-title")
    link.click()
    expect(page.locator("#dock-message")).to_contain_text(reason)
    search = dock(page).get_by_role("link", name="Find it on YouTube")
    expect(search).to_have_attribute("href", re.compile(r"/results\?search_query="))
    expect(playing(page)).to_have_text(following)
    assert [report.code for report in VideoReport.objects.all()] == [code]


def test_another_take_of_the_song_plays_instead(page, youtube, songs):
    other = VideoFactory(song=songs[0], take="live")
    broken = songs[0].takes.exclude(pk=other.pk).get()
    youtube.plan[broken.video_id] = [["onError", 150]]
    page.goto(f"/songs/{songs[0].address}")
    page.locator("[data-play]").first.click()
    expect(page.locator("#dock-message")).to_contain_text("another one of the same song")
    expect(page.locator("#dock iframe")).to_be_visible()
    assert other.video_id in youtube.requests[-1].url


@pytest.mark.parametrize(("code", "n_frames"), [(153, 1), (5, 2)])
def test_errors_that_say_nothing_about_the_video_are_not_reported(page, youtube, code, n_frames):
    page.goto("/for-you/")
    first, second = (page.locator("[data-play]").nth(n) for n in (0, 1))
    youtube.plan[first.get_attribute("data-play")] = [["onError", code]]
    first.click()
    expect(dock(page).get_by_role("link", name="Watch it on YouTube")).to_be_visible()
    if n_frames == 2:
        expect(playing(page)).to_have_text(second.get_attribute("data-title"))
    assert len(youtube.requests) == n_frames
    assert VideoReport.objects.count() == 0


def test_a_browser_that_does_not_start_by_itself_is_said_to_be_so(page, youtube):
    youtube.plan["default"] = [["onAutoplayBlocked", None]]
    page.goto("/for-you/")
    page.locator("[data-play]").first.click()
    expect(page.locator("#dock-message")).to_contain_text("Press play in the video")


def test_what_was_ended_at_once_is_a_skip_and_only_of_a_known_listener(page, youtube, songs):
    like_by_search(page, "Title 1")
    page.locator("[data-play]").first.click()
    expect(page.locator("[data-play]").first).to_contain_text("Pause")
    with page.expect_response("**/plays/") as answer:
        youtube.finish()
    assert answer.value.status == 204
    assert [play.kind for play in Playback.objects.all()] == ["skip"]


def test_a_video_for_kids_is_linked_to_and_never_played_here(page, songs):
    VideoFeature.objects.update(made_for_kids=True)
    page.goto("/for-you/")
    expect(page.locator(".card")).to_have_count(10)
    assert page.locator("[data-play]").count() == 0
    link = page.get_by_role("link", name="YouTube watch Title 1", exact=True)
    expect(link).to_have_attribute("target", "_blank")


def test_without_scripts_play_leads_to_youtube(page_without_scripts):
    page_without_scripts.goto("/for-you/")
    link = page_without_scripts.locator("[data-play]").first
    assert link.get_attribute("href").startswith("https://www.youtube.com/watch?v=")
    assert link.get_attribute("target") == "_blank"
    expect(page_without_scripts.locator("#dock")).to_be_hidden()
    expect(page_without_scripts.get_by_role("button", name="Play all")).to_have_count(0)


# --- Keys -----------------------------------------------------------------------------------------


def test_the_keyboard_alone_plays_likes_and_goes_on(page, youtube):
    like_by_search(page, "Title 2")
    page.goto("/search/?q=Title")
    page.locator("[data-play]").first.focus()
    titles = page.locator("[data-play]").evaluate_all("links => links.map(l => l.dataset.title)")
    page.keyboard.press("Enter")
    expect(page.locator("[data-play]").first).to_contain_text("Pause")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    expect(page.locator("[data-play]").first).to_contain_text("Resume")
    page.keyboard.press("n")
    expect(playing(page)).to_have_text(titles[1])
    page.keyboard.press("p")
    expect(playing(page)).to_have_text(titles[0])
    button = dock(page).get_by_role("button", name=f"Like {titles[0]}", exact=True)
    expect(button).to_be_visible()
    page.keyboard.press("l")
    expect(dock(page).get_by_role("button", name=f"Liked {titles[0]}")).to_be_visible()
    page.keyboard.press("n")
    expect(dock(page).get_by_role("button", name=f"Not for me {titles[1]}")).to_be_visible()
    page.keyboard.press("d")
    expect(playing(page)).to_have_text(titles[2])


def test_keys_do_nothing_while_somebody_types_and_can_be_switched_off(page, youtube):
    play_first(page)
    title = playing(page).inner_text()
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Search for a song")
    expect(box).to_be_focused()
    page.keyboard.type("np?")
    expect(box).to_have_value("np?")
    expect(playing(page)).to_have_text(title)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_focused()
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("n")
    expect(playing(page)).to_have_text(title)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
    page.reload()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
