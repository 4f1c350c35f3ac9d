"""With a key a song of the bundled catalogue is shown by the video that plays it."""

import pytest

from music.caching import stack
from music.collecting import backlog
from music.domain import index
from music.domain.likes import dismiss_song
from music.domain.playing import find_videos
from music.domain.suggestions import suggest_for_listener, suggest_popular
from music.models import VideoFeature
from tests.factories import ListenerFactory, SongFactory
from tests.music.collecting.test_handles import find_song

ENTRY = "catalogue:nirvana/come-as-you-are"
NAMES = {"artist": "Nirvana", "song_title": "Come As You Are"}


@pytest.fixture(autouse=True)
def own_index(settings, tmp_path):
    settings.INDEX_DIR = tmp_path
    index.forget()
    yield
    index.forget()


@pytest.fixture
def key(settings):
    settings.YOUTUBE_API_KEY = "a key"


@pytest.fixture
def entry(db):
    return SongFactory(video_id=ENTRY, source="catalogue", genre="Grunge", **NAMES)


def store_video(**facts):
    return SongFactory(**{**NAMES, "genre": "", "tags": [], "view_count": 10} | facts)


def test_entry_is_shown_by_its_most_seen_video(entry, key):
    store_video()
    best = store_video(view_count=1_000)
    assert find_videos([entry], ()) == {ENTRY: best}


def test_entry_stays_an_entry_without_a_key(entry, django_assert_num_queries):
    store_video()
    with django_assert_num_queries(0):
        assert find_videos([entry], ()) == {}


@pytest.mark.parametrize(
    "facts",
    [
        {"song_title": "Lithium"},
        {"artist": "Somebody Else"},
        {"title": "Nirvana - Come As You Are (Live at Reading)"},
        {"embeddable": False},
        {"blocked_regions": ["US"]},
        {"duration": 20},
        {"video_id": "unwanted001"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_what_does_not_play_the_song_itself_is_not_taken(entry, key, facts):
    store_video(**facts)
    assert find_videos([entry], {"unwanted001"}) == {}


@pytest.mark.django_db(transaction=True)
def test_suggestion_has_the_video_and_the_genre_of_the_entry(entry, youtube_server):
    video = store_video()
    (suggestion,) = suggest_popular(genre="Grunge", limit=1).suggestions
    assert (suggestion.video_id, suggestion.genre) == (video.address, "Grunge")


@pytest.mark.django_db(transaction=True)
def test_dismissed_video_does_not_come_back_for_its_entry(entry, youtube_server):
    listener = ListenerFactory()
    dismiss_song(listener=listener, video_id=store_video().video_id)
    shown = suggest_for_listener(listener=listener).suggestions
    assert [suggestion.video_id for suggestion in shown] == []


@pytest.mark.django_db(transaction=True)
def test_entry_without_a_video_has_one_at_the_next_look_without_a_search(youtube_server):
    song, _ = find_song(is_guessable=True)
    SongFactory(video_id=ENTRY, source="catalogue", artist=song.artist, title=song.title)
    assert suggest_popular(limit=1).suggestions[0].video_id == ENTRY
    backlog.wait_for_growth()
    assert youtube_server.report()["searches"] == 0
    assert VideoFeature.objects.filter(video_id__in=song.right_ids).exists()
    stack.forget_everything()
    shown = [suggestion.video_id for suggestion in suggest_popular(limit=50).suggestions]
    assert ENTRY not in shown
    assert song.right_ids & set(shown)
