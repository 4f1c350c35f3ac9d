"""The operators' first page: is all well?"""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from music.models import Impression, QuotaUsage, ScheduledJob, VideoFeature
from music.youtube import pacific_days, quota, reopening
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory, show_list
from tunetrace_site.last_errors import MAX_BYTES, LastErrors, read_last_errors

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def read_parts(client):
    page = client.get("/admin/")
    return page.context["overall"], {part.title: part for part in page.context["parts"]}


def test_quiet_site_is_well_and_says_so_in_few_statements(admin_client, django_capture_queries):
    ScheduledJob.objects.create(name="harvest", next_run_at=timezone.now())
    with django_capture_queries() as queries:
        overall, parts = read_parts(admin_client)
    assert {part.state for part in parts.values()} == {"well"}
    assert overall == "well"
    assert "All is well" in admin_client.get("/admin/").content.decode()
    assert len(queries) < 30


@pytest.fixture
def django_capture_queries():
    from django.db import connection

    return lambda: CaptureQueriesContext(connection)


def test_what_is_not_well_is_marked(admin_client, settings):
    settings.YOUTUBE_API_KEY = "key"
    settings.DEBUG = True
    late = timezone.now() - timedelta(hours=1)
    ScheduledJob.objects.create(name="harvest", next_run_at=late)
    ScheduledJob.objects.create(name="expiry", has_failed=True, result="no room")
    quota.reserve(quota.SEARCH, 3, quota.LISTENER)
    quota.believe_exhausted(quota.SEARCH)
    video = VideoFactory()
    VideoFeature.objects.filter(pk=video.pk).update(
        source="youtube", channel_id="UC1", updated_at=timezone.now() - timedelta(days=31)
    )
    logging.getLogger("music.somewhere").error("It broke: %s", "a listener's words")
    overall, parts = read_parts(admin_client)
    assert overall == "trouble"
    assert parts["Jobs"].lines == (
        "expiry failed: no room",
        "harvest is late: is a worker running?",
    )
    assert "YouTube said at" in parts["YouTube quota"].lines[0]
    assert parts["Age of YouTube's data"].state == "trouble"
    assert "31 days ago" in parts["Age of YouTube's data"].lines[0]
    assert parts["Settings"].state == "look"
    [error] = parts["Last errors"].lines
    assert "music.somewhere" in error
    assert "a listener's words" not in error


def test_bug_of_a_page_is_told_by_its_route(admin_client, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("music.domain.songs.get_song", fail)
    stranger = Client(raise_request_exception=False)
    assert stranger.get("/api/v1/songs/some/secret").status_code == 500
    [line] = read_parts(admin_client)[1]["Last errors"].lines
    assert line.endswith("RuntimeError at api/v1/songs/<song:reference>")


def test_quota_is_forecast_to_the_reset(admin_client, settings, monkeypatch):
    settings.YOUTUBE_API_KEY = "key"
    settings.YOUTUBE_DAILY_SEARCHES = 100
    noon = pacific_days.get_reset_time(pacific_days.get_pacific_day()) - timedelta(hours=12)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    quota.reserve(quota.SEARCH, 60, quota.LISTENER)
    _, parts = read_parts(admin_client)
    assert parts["YouTube quota"].lines[0].startswith("Search: 60 of 100 used, about 120 by")
    assert parts["YouTube quota"].state == "look"


def test_success_is_a_share_of_what_was_shown(admin_client):
    songs = SongFactory.create_batch(3)
    shown = show_list(*songs)
    shown.note("liked_at", {songs[1].pk}, timezone.now())
    shown.save()
    Impression.objects.create(
        request_id="before", user=shown.user, song=songs[0], position=1, stage="content"
    )
    _, parts = read_parts(admin_client)
    [line] = parts["Success of suggestions"].lines
    assert line == "Of the last 4 suggestions 25.0 % were liked and 0.0 % dismissed."


def test_staff_see_the_parts_that_they_may_look_into():
    staff = ListenerFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_scheduledjob"))
    client = Client()
    client.force_login(staff)
    assert set(read_parts(client)[1]) == {"Jobs"}


def test_last_errors_are_the_newest_and_the_file_stays_short(own_state):
    handler = LastErrors()
    for number in range(2000):
        record = logging.LogRecord("music", logging.ERROR, "", 1, f"error {number}", (), None)
        handler.emit(record)
    assert [error.what for error in read_last_errors(2)] == ["error 1999", "error 1998"]
    assert (own_state / "last_errors.jsonl").stat().st_size <= MAX_BYTES


def test_youtube_is_asked_once(admin_client, youtube_server):
    answer = admin_client.post("/admin/operations/youtube/ask/", follow=True)
    assert "the key works" in answer.content.decode()
    assert QuotaUsage.objects.get(bucket="units", caller="").used == 1


def test_without_a_key_nothing_is_asked(admin_client, settings):
    settings.YOUTUBE_API_KEY = ""
    answer = admin_client.post("/admin/operations/youtube/ask/", follow=True)
    assert "There is no YouTube key" in answer.content.decode()


def test_closed_bucket_is_opened_by_an_operator_and_by_a_new_key(admin_client, settings, own_state):
    settings.YOUTUBE_API_KEY = "one"
    assert reopening.reopen_for_new_key() == 0
    quota.reserve(quota.SEARCH, 1, quota.LISTENER)
    quota.believe_exhausted(quota.SEARCH)
    assert reopening.reopen_for_new_key() == 0
    assert quota.get_state()[0].left == 0
    settings.YOUTUBE_API_KEY = "two"
    assert reopening.reopen_for_new_key() == 1
    assert quota.get_state()[0].left > 0
    assert "two" not in (own_state / reopening.KEY_MARK).read_text()
    quota.believe_exhausted(quota.SEARCH)
    page = admin_client.get("/admin/music/quotausage/").content.decode()
    assert "/admin/operations/youtube/reopen/" in page
    admin_client.post("/admin/operations/youtube/reopen/")
    assert quota.get_state()[0].left > 0


def test_listener_leads_to_what_is_theirs_and_to_what_they_are_suggested(admin_client):
    like = LikeFactory(user=ListenerFactory(email=None, user_id="front-end:7"))
    SongFactory.create_batch(3)
    page = admin_client.get(f"/admin/accounts/user/{like.user.pk}/change/").content.decode()
    for table in ("music/userlikedsong", "music/dismissal", "accounts/accesstoken"):
        address = f"/admin/{table}/?user__id__exact={like.user.pk}"
        assert f'href="{address}"' in page
        assert admin_client.get(address).status_code == 200
    address = f"/admin/operations/listeners/{like.user.pk}/suggestions/"
    assert f'href="{address}"' in page
    shown = admin_client.get(address)
    assert "Suggestions for front-end:7" in shown.content.decode()
    assert len(shown.context["found"].suggestions) == 3
    assert not Impression.objects.exists()
    entry = AuditEntry.objects.get(subject_pk=like.user.pk, what__startswith="looked at")
    assert entry.kind == AuditEntry.Kind.ADMIN


def test_suggestions_of_an_operator_are_not_shown_to_staff():
    staff = ListenerFactory(is_staff=True)
    for codename in ("view_user", "view_impression"):
        staff.user_permissions.add(Permission.objects.get(codename=codename))
    client = Client()
    client.force_login(staff)
    above = ListenerFactory(is_staff=True, is_superuser=True)
    assert client.get(f"/admin/operations/listeners/{above.pk}/suggestions/").status_code == 403
