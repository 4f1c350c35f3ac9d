"""The player: a frame of youtube-nocookie.com, on a click and not before; YouTube is played."""

import json

import pytest
from playwright.sync_api import expect

from music.models import Playback, VideoFeature

PLAYER = "https://www.youtube-nocookie.com/embed/**"
FRAME = """<!doctype html><title>player</title><script>
  window.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.event !== "listening" || window.isHeard) return;
    window.isHeard = true;
    for (const answer of ANSWERS) parent.postMessage(JSON.stringify(answer), "*");
  });
</script>"""


@pytest.fixture
def youtube(page):
    """Lets a test say what YouTube's frame answers, and collects the frames asked for."""
    frames = []

    def play(*answers):
        body = FRAME.replace("ANSWERS", json.dumps(answers))

        def answer(route):
            frames.append(route.request)
            route.fulfill(body=body, content_type="text/html")

        page.context.route(PLAYER, answer)
        return frames

    return play


def first_play_link(page):
    return page.locator("[data-play]").first


def test_nothing_is_asked_of_youtube_before_a_click(page, youtube):
    frames = youtube()
    page.goto("/for-you/")
    expect(page.locator("[data-play]")).to_have_count(10)
    assert frames == []
    assert page.locator("iframe").count() == 0


def test_a_click_opens_the_player_in_the_card_with_a_referrer(page, youtube, live_server):
    frames = youtube()
    page.goto("/for-you/")
    first_play_link(page).click()
    frame = page.locator(".card iframe")
    expect(frame).to_be_visible()
    box = frame.bounding_box()
    assert box["width"] >= 200
    assert box["height"] >= 200
    assert "autoplay=1" in frames[0].url
    assert frames[0].headers["referer"] == f"{live_server.url}/"


def test_nothing_lies_over_the_player(page, youtube):
    youtube()
    page.goto("/for-you/")
    first_play_link(page).click()
    expect(page.locator("iframe")).to_be_visible()
    covered = page.evaluate(
        """() => {
          const frame = document.querySelector("iframe");
          frame.scrollIntoView({ block: "center", behavior: "instant" });
          const box = frame.getBoundingClientRect();
          const points = [[.02, .02], [.5, .5], [.98, .02], [.02, .98], [.98, .98]];
          return points.filter(([x, y]) => document.elementFromPoint(
            box.x + x * box.width, box.y + y * box.height) !== frame).length;
        }"""
    )
    assert covered == 0


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (100, "it is gone from YouTube"),
        (101, "its owner allows it on YouTube only"),
        (150, "its owner allows it on YouTube only"),
        (153, "YouTube was not told which page asks for it"),
    ],
)
def test_an_unplayable_video_is_said_to_be_so(page, youtube, code, reason):
    youtube({"event": "onError", "info": code})
    page.goto("/for-you/")
    first_play_link(page).click()
    expect(page.locator(".player-message")).to_contain_text(reason)
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.get_by_role("link", name="Watch it on YouTube")).to_be_visible()


def test_play_all_skips_an_unplayable_video(page, youtube):
    frames = youtube({"event": "onError", "info": 150})
    page.goto("/for-you/")
    page.get_by_role("button", name="Play all").click()
    second = page.locator(".card").nth(1)
    expect(second.locator(".player-message")).to_be_visible()
    assert len(frames) == 2


def test_what_was_ended_at_once_is_a_skip_and_only_of_a_known_listener(page, youtube, songs):
    youtube({"event": "onStateChange", "info": 1}, {"event": "onStateChange", "info": 0})
    page.goto("/search/?q=Title+1")
    page.get_by_role("button", name="Like Title 1", exact=True).click()
    expect(page.get_by_role("button", name="Liked Title 1", exact=True)).to_be_visible()
    with page.expect_response("**/plays/") as answer:
        first_play_link(page).click()
    assert answer.value.status == 204
    assert [play.kind for play in Playback.objects.all()] == ["skip"]


def test_a_video_for_kids_is_linked_to_and_never_played_here(page, songs):
    VideoFeature.objects.update(made_for_kids=True)
    page.goto("/for-you/")
    expect(page.locator(".card")).to_have_count(10)
    assert page.locator("[data-play]").count() == 0
    expect(page.get_by_role("link", name="YouTube watch Title 1", exact=True)).to_be_visible()


def test_without_scripts_play_leads_to_youtube(page_without_scripts):
    page_without_scripts.goto("/for-you/")
    address = first_play_link(page_without_scripts).get_attribute("href")
    assert address.startswith("https://www.youtube.com/watch?v=")
