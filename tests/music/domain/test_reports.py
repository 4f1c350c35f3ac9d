"""Videos that do not play: what a report does, and what it cannot do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from music.domain import reports
from music.domain.playing import show_songs
from music.domain.refreshing import list_due_videos
from music.domain.suggestible import Suggestible
from music.errors import InvalidInput, NotFound
from music.models import VideoFeature, VideoReport
from music.records import Cause, Suggestion, SuggestionList
from tests.factories import GuestFactory, ListenerFactory, SongFactory, VideoFactory

pytestmark = pytest.mark.django_db


def report(video, listener=None, code=150):
    return reports.report_video(listener=listener, video_id=video.video_id, code=code)


def make_account():
    """A listener who signed up two days ago."""
    return ListenerFactory(created_at=timezone.now() - timedelta(days=2))


def plays(song) -> str | None:
    return show_songs([song])[0].video_id


def test_reported_video_is_replaced_by_the_next_take_and_only_for_that_listener():
    first = VideoFactory()
    second = VideoFactory(song=first.song, take="live")
    listener = ListenerFactory()
    assert report(first, listener).video_id == second.video_id
    assert report(second, listener).video_id is None
    shown = show_songs([first.song])
    assert reports.avoid_refused(shown, listener)[0].video_id is None
    assert reports.avoid_refused(shown, ListenerFactory())[0].video_id == first.video_id
    assert reports.avoid_refused(shown, None) == shown


def test_two_accounts_take_a_video_away_from_everybody():
    video = VideoFactory()
    report(video, make_account())
    assert plays(video.song) == video.video_id
    for _ in range(3):  # accounts made for it
        report(video, ListenerFactory())
    assert plays(video.song) == video.video_id
    report(video, make_account())
    assert plays(video.song) is None
    assert Suggestible().list_playing([video.song.address]) == set()
    assert not VideoFeature.objects.get().is_playable


def test_one_account_guests_and_people_not_known_take_nothing_away():
    video, listener = VideoFactory(), make_account()
    for _ in range(3):
        report(video, listener)
        report(video, GuestFactory())
        report(video)
    assert plays(video.song) == video.video_id
    assert VideoReport.objects.filter(user=None).count() == 1
    assert VideoReport.objects.filter(user=listener).count() == 1


def test_only_the_first_ten_reports_of_an_account_in_a_day_count():
    listener = ListenerFactory()
    videos = VideoFactory.create_batch(11)
    for video in videos:
        report(video, listener)
    assert VideoReport.objects.filter(counts=True).count() == 10
    VideoReport.objects.update(created_at=timezone.now() - timedelta(days=2))
    late = VideoFactory()
    report(late, listener)
    assert VideoReport.objects.get(video=late).counts


def test_many_accounts_withdraw_a_bounded_number_in_a_day(monkeypatch):
    monkeypatch.setattr(reports, "MAX_WITHDRAWN_A_DAY", 2)
    videos = VideoFactory.create_batch(3)
    for listener in (make_account(), make_account()):
        for video in videos:
            report(video, listener)
    assert VideoFeature.objects.exclude(withdrawn_at=None).count() == 2


def test_what_youtube_tells_again_does_not_bring_a_withdrawn_video_back():
    video = VideoFactory()
    reports.withdraw(VideoFeature.objects.all())
    record = VideoFeature.objects.get()
    assert record.withdrawn_at is not None
    VideoFeature.objects.blank(VideoFeature.objects.filter(pk=video.pk))
    assert VideoFeature.objects.get().withdrawn_at is not None


def test_an_operator_offers_a_video_again_and_its_reports_are_forgotten():
    video, listener = VideoFactory(), make_account()
    report(video, listener)
    report(video, make_account())
    assert reports.offer_again(VideoReport.objects.all()) == 1
    assert plays(video.song) == video.video_id
    assert reports.list_refused(listener.pk) == set()


def test_a_reported_video_is_among_those_that_youtube_is_asked_about():
    video = VideoFactory(channel_id="UC1")
    assert list(list_due_videos()) == []
    report(video)
    assert list(list_due_videos()) == [video]


def test_what_is_no_error_of_the_video_is_refused():
    with pytest.raises(InvalidInput):
        report(VideoFactory(), code=153)
    with pytest.raises(NotFound):
        reports.report_video(listener=None, video_id="nothing", code=100)


def test_a_video_of_no_song_is_just_not_played_any_more():
    shown = report(VideoFactory(song=None), ListenerFactory())
    assert shown.video_id is None


def test_a_reported_video_is_not_told_of_a_song_that_led_to_a_suggestion():
    video, listener = VideoFactory(), ListenerFactory()
    because = (Cause("a/a", "A", 0.6, video.video_id), Cause("b/b", "B", 0.4, "another"))
    found = Suggestion(
        song_id="c/c", title="C", artist="C", score=0.5, stage="content", because=because
    )
    answer = SuggestionList((found,))
    assert reports.avoid_refused_of(answer, listener) is answer
    report(video, listener)
    [shown] = reports.avoid_refused_of(answer, listener).suggestions
    assert [cause.video_id for cause in shown.because] == [None, "another"]


def test_songs_without_trouble_cost_one_query(django_assert_num_queries):
    shown = show_songs([VideoFactory().song, SongFactory()])
    listener = ListenerFactory()
    with django_assert_num_queries(1):
        assert reports.avoid_refused(shown, listener) == shown
