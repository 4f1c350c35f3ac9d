"""API answers to records: recorded answers, and everything that may be missing or odd."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.youtube import parsing

RECORDED = Path(__file__).parents[2] / "data" / "youtube" / "recorded"
ID = "D-lhorsDlUQ"


def load(name):
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


def video(**parts):
    snippet = {"title": "Polly", **parts.pop("snippet", {})}
    return parsing.parse_video({"id": ID, "snippet": snippet, **parts})


def test_recorded_search_is_unescaped_exactly_once():
    answer = load("search/search_by_keywords_p1.json")
    raw = [item["snippet"]["title"] for item in answer["items"]]
    records = parsing.parse_search_answer(answer)
    assert len(records) == len(raw) == 25
    assert any("&amp;" in title for title in raw)
    assert records[1].title == "SURFING PERFECT PIPE & BACKDOOR || SUNRISE SHACK!"
    assert not any("&amp;" in record.title or "&#39;" in record.title for record in records)


def test_title_that_shows_an_entity_keeps_it():
    item = {"id": {"videoId": ID}, "snippet": {"title": "HTML&#39;s &amp;amp; explained"}}
    assert parsing.parse_search_item(item).title == "HTML's &amp; explained"


def test_video_title_is_not_unescaped():
    assert video(snippet={"title": "AT&amp;T"}).title == "AT&amp;T"


def test_recorded_channel_search_has_no_videos():
    answer = load("search/search_channels.json")
    assert len(answer["items"]) > 0
    assert parsing.parse_search_answer(answer) == []


def test_recorded_video_is_read_whole():
    record = parsing.parse_videos_answer(load("videos/videos_info_single.json"))[0]
    assert record.video_id == ID
    assert record.title == "What are Actions on Google (Assistant on Air)"
    assert record.channel_id == "UC_x5XG1OV2P6uZZ5FSM9Ttw"
    assert len(record.tags) == 20
    assert record.language == "en"
    assert record.published_at == datetime(2019, 3, 21, 20, 37, 49, tzinfo=UTC)
    assert record.duration_seconds is None
    assert record.view_count is None


def test_recorded_parts_of_a_video():
    assert video(statistics=load("videos/video_statistics.json")).view_count == 8087
    details = load("videos/video_content_details.json")
    assert video(contentDetails=details).duration_seconds == 21 * 60 + 7
    status = load("videos/video_status.json")
    record = video(status=status)
    assert (record.available, record.embeddable) == (True, True)


def test_recorded_playlist_is_read_in_order():
    answer = load("playlist_items/playlist_items_paged_1.json")
    records = parsing.parse_playlist_items(answer)
    assert [r.video_id for r in records] == [
        item["snippet"]["resourceId"]["videoId"] for item in answer["items"]
    ]
    assert parsing.parse_total(answer) == 13


def test_hidden_statistics_are_unknown_not_zero():
    assert video(statistics={}).view_count is None
    assert video(statistics={"viewCount": "0"}).view_count == 0


@pytest.mark.parametrize("live", ["live", "upcoming"])
def test_live_and_upcoming_videos_are_live(live):
    record = video(snippet={"liveBroadcastContent": live}, contentDetails={"duration": "P0D"})
    assert (record.is_live, record.duration_seconds) == (True, None)


def test_finished_stream_is_not_live():
    assert not video(snippet={"liveBroadcastContent": "none"}).is_live


@pytest.mark.parametrize(
    ("status", "available"),
    [
        ({"privacyStatus": "public", "uploadStatus": "processed"}, True),
        ({"privacyStatus": "unlisted", "uploadStatus": "processed"}, True),
        ({"privacyStatus": "private", "uploadStatus": "processed"}, False),
        ({"privacyStatus": "public", "uploadStatus": "deleted"}, False),
        ({"privacyStatus": "public", "uploadStatus": "rejected"}, False),
        ({"privacyStatus": "public", "uploadStatus": "failed"}, False),
        ({}, True),
    ],
)
def test_availability_follows_status(status, available):
    assert video(status=status).available is available


def test_flags_of_playability():
    record = video(
        status={"embeddable": False, "madeForKids": True},
        contentDetails={"contentRating": {"ytRating": "ytAgeRestricted"}},
    )
    assert (record.embeddable, record.made_for_kids, record.age_restricted) == (False, True, True)


def test_region_restrictions_are_kept_apart():
    blocked = video(contentDetails={"regionRestriction": {"blocked": ["DE", "FR"]}})
    assert (blocked.blocked_regions, blocked.allowed_regions) == (("DE", "FR"), None)
    nowhere = video(contentDetails={"regionRestriction": {"allowed": []}})
    assert nowhere.allowed_regions == ()
    assert video(contentDetails={}).allowed_regions is None


def test_five_hundred_tags_are_kept():
    tags = [f"tag {n}" for n in range(500)]
    assert video(snippet={"tags": tags}).tags == tuple(tags)


def test_topics_give_the_most_telling_genre():
    wiki = "https://en.wikipedia.org/wiki/"
    topics = [wiki + "Music", wiki + "Pop_music", wiki + "Reggae"]
    assert video(topicDetails={"topicCategories": topics}).genre == "Reggae"
    assert video(topicDetails={"topicCategories": [wiki + "Music"]}).genre == ""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT3M30S", 210),
        ("PT1H2M3S", 3723),
        ("P1DT2S", 86_402),
        ("PT59S", 59),
        ("P0D", None),
        ("PT0S", None),
        ("-PT3M", None),
        ("P999999999D", None),
        ("PT9999999999999999999999S", None),
        ("P68Y", None),
        ("PT596523H", 2_147_482_800),
        ("PT0.5S", None),
        ("P1Y", None),
        ("3:30", None),
        ("", None),
        (None, None),
        (210, None),
    ],
)
def test_duration_is_whole_seconds_or_unknown(text, seconds):
    assert parsing.parse_duration(text) == seconds


def test_deleted_and_private_playlist_entries_are_left_out():
    gone = {"snippet": {"title": "Deleted video", "resourceId": {"videoId": ID}}}
    private = {
        "snippet": {"title": "Private video", "resourceId": {"videoId": ID}},
        "contentDetails": {"videoId": ID},
        "status": {"privacyStatus": "private"},
    }
    assert parsing.parse_playlist_items({"items": [gone, private]}) == []


def test_video_that_is_called_deleted_video_by_its_owner_is_kept():
    snippet = {"title": "Deleted video", "videoOwnerChannelId": "UC" + "x" * 22}
    item = {"snippet": snippet, "contentDetails": {"videoId": ID}}
    assert parsing.parse_playlist_item(item).title == "Deleted video"


@pytest.mark.parametrize(
    ("count", "views"),
    [
        ("8087", 8087),
        (8087, 8087),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        (str(2**64 - 1), None),
        ("1" * 5000, None),
        ("-5", 0),
        ("many", None),
        ("", None),
        (1e400, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_count_is_bounded_or_not_told(count, views):
    assert video(statistics={"viewCount": count}).view_count == views


@pytest.mark.parametrize("snippet", [None, {}, {"title": ""}, {"title": " \u200b"}, {"title": 3}])
def test_item_without_a_name_is_left_out(snippet):
    assert parsing.parse_video({"id": ID, "snippet": snippet}) is None
    assert parsing.parse_search_item({"id": {"videoId": ID}, "snippet": snippet}) is None
    item = {"contentDetails": {"videoId": ID}, "snippet": snippet}
    assert parsing.parse_playlist_item(item) is None


def test_what_no_database_can_hold_is_taken_out_of_texts():
    snippet = {
        "title": "Po\x00lly\ud800",
        "description": "a\x00\nb",
        "channelTitle": "Nir\x00vana",
        "tags": ["gr\x00unge"],
    }
    record = video(snippet=snippet)
    assert (record.title, record.channel_title) == ("Polly", "Nirvana")
    assert (record.description, record.tags) == ("a\nb", ("grunge",))


@pytest.mark.parametrize("answer", [{}, {"items": None}, {"items": []}, {"items": [None, 3, "x"]}])
def test_empty_pages_give_no_records(answer):
    assert parsing.parse_search_answer(answer) == []
    assert parsing.parse_videos_answer(answer) == []
    assert parsing.parse_playlist_items(answer) == []
    assert parsing.parse_total(answer) == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = (
    "id videoId snippet title channelTitle tags publishedAt contentDetails duration status "
    "statistics viewCount regionRestriction allowed blocked contentRating topicDetails "
    "topicCategories resourceId videoPublishedAt privacyStatus pageInfo totalResults"
).split()
api_like = st.recursive(
    json_values | st.just(ID),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
    max_leaves=20,
)


@given(
    st.fixed_dictionaries(
        {"items": st.lists(api_like, max_size=3)}, optional={"pageInfo": api_like}
    )
)
def test_any_json_is_read_without_an_error(answer):
    for records in (
        parsing.parse_search_answer(answer),
        parsing.parse_videos_answer(answer),
        parsing.parse_playlist_items(answer),
    ):
        assert all(record.video_id == ID and record.title for record in records)
    assert parsing.parse_total(answer) >= 0


def test_text_that_postgresql_cannot_store_is_cleaned():
    snippet = {
        "title": "Come\x00 As \ud83dYou Are",
        "channelTitle": "Nir\udc00vana",
        "description": "\x00",
        "tags": ["grunge\x00", "rock"],
    }
    record = parsing.parse_video({"id": "vabnZ9-ex7o", "snippet": snippet})
    assert record.title == "Come As You Are"
    assert record.channel_title == "Nirvana"
    assert record.description == ""
    assert record.tags == ("grunge", "rock")
