"""Every table: the same queries for one row and three, searchable, filterable, closed to others."""

import logging
from collections.abc import Callable
from datetime import date

import pytest
from allauth.socialaccount.models import SocialApp
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from music.models import (
    Dismissal,
    ImportRow,
    Impression,
    Listen,
    ListenBrainzLink,
    LovedThere,
    MatchCorrection,
    Mix,
    Playback,
    PlaylistImport,
    QueryCache,
    QuotaUsage,
    ScheduledJob,
    Share,
    Song,
    SongMove,
    Steering,
    SuggestionSum,
    UserLikedSong,
    VideoFeature,
    VideoReport,
)
from tests.factories import (
    DismissalFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
    VideoFactory,
    show_list,
)

pytestmark = pytest.mark.django_db


def add_query() -> None:
    QueryCache.objects.create(query=f"song {QueryCache.objects.count()}", rung="search")


def add_correction() -> None:
    MatchCorrection.objects.create(user=ListenerFactory(), query="polly", song=SongFactory())


def add_import() -> None:
    token = f"token{PlaylistImport.objects.count()}"
    PlaylistImport.objects.create(user=ListenerFactory(), token=token, playlist_id="PL0123456789")


def add_row() -> None:
    add_import()
    job = PlaylistImport.objects.latest("created_at")
    ImportRow.objects.create(job=job, number=1, name="row", song=SongFactory())


def add_share() -> None:
    token = f"token{Share.objects.count()}"
    Share.objects.create(user=ListenerFactory(), kind="likes", token=token)


def add_link() -> None:
    ListenBrainzLink.objects.create(user=ListenerFactory(), sealed_token="sealed")


def add_listen() -> None:
    Listen.objects.create(user=ListenerFactory(), artist="A", title="T", listened_at=1)


def add_love() -> None:
    LovedThere.objects.create(user=ListenerFactory(), song_pk=1, recording_mbid="mbid")


def add_job() -> None:
    ScheduledJob.objects.create(name=f"job {ScheduledJob.objects.count()}")


def add_impression() -> None:
    show_list(*SongFactory.create_batch(4))


def add_playback() -> None:
    Playback.objects.create(user=ListenerFactory(), song=SongFactory(), kind="play")


def add_move() -> None:
    SongMove.objects.create(kind="join", from_song=SongFactory(), to_song=SongFactory())


def add_sum() -> None:
    SuggestionSum.objects.create(user=ListenerFactory(), by_stage={"content": [3, 2, 1]})


def add_mix() -> None:
    Mix.objects.create(user=ListenerFactory(), name="Mix", song_ids=["a/b"])


def add_steering() -> None:
    Steering.objects.create(user=ListenerFactory(), kind="artist", key="a", name="A")


def add_report() -> None:
    VideoReport.objects.create(user=ListenerFactory(), video=VideoFactory(), code=150)


def add_quota() -> None:
    day = date(2026, 11, QuotaUsage.objects.count() + 1)
    QuotaUsage.objects.create(day=day, bucket="search", used=5)


TABLES: dict[type, tuple[Callable[[], object], int]] = {
    Song: (SongFactory, 4),
    VideoFeature: (VideoFactory, 4),
    SongMove: (add_move, 4),
    QueryCache: (add_query, 4),
    UserLikedSong: (LikeFactory, 4),
    Dismissal: (DismissalFactory, 4),
    MatchCorrection: (add_correction, 4),
    PlaylistImport: (add_import, 4),
    ImportRow: (add_row, 4),
    ScheduledJob: (add_job, 4),
    Share: (add_share, 4),
    ListenBrainzLink: (add_link, 4),
    Listen: (add_listen, 4),
    LovedThere: (add_love, 4),
    Impression: (add_impression, 6),
    SuggestionSum: (add_sum, 4),
    Playback: (add_playback, 4),
    Mix: (add_mix, 4),
    Steering: (add_steering, 4),
    VideoReport: (add_report, 4),
    QuotaUsage: (add_quota, 8),
}


def list_address(model: type) -> str:
    return reverse(f"admin:music_{model._meta.model_name}_changelist")


def test_every_table_of_ours_is_tested():
    ours = {model for model in admin.site._registry if model._meta.app_label == "music"}
    assert ours == set(TABLES)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_list_takes_the_same_queries_for_one_and_three_rows(
    admin_client, django_assert_num_queries, model
):
    add, n_queries = TABLES[model]
    add()
    for _ in range(2):
        with django_assert_num_queries(n_queries):
            assert admin_client.get(list_address(model)).status_code == 200
        add()
        add()


@pytest.mark.usefixtures("admin_without_sidebar")
@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_search_and_every_filter_work(admin_client, model):
    TABLES[model][0]()
    model_admin = admin.site._registry[model]
    if model_admin.search_fields:
        assert admin_client.get(list_address(model), {"q": "no such thing"}).status_code == 200
    page = admin_client.get(list_address(model))
    assert page.context["cl"].has_filters
    for spec in page.context["cl"].filter_specs:
        for choice in spec.choices(page.context["cl"]):
            response = admin_client.get(list_address(model) + choice["query_string"])
            assert response.status_code == 200, choice


@pytest.mark.usefixtures("admin_without_sidebar")
@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_row_is_shown_to_who_may_see_it_and_to_nobody_else(admin_client, model):
    TABLES[model][0]()
    row = model.objects.get()
    address = reverse(f"admin:music_{model._meta.model_name}_change", args=[row.pk])
    assert admin_client.get(address).status_code == 200
    staff = ListenerFactory(is_staff=True)
    client = Client()
    client.force_login(staff)
    for refused in (address, list_address(model)):
        assert client.get(refused).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename=f"view_{model._meta.model_name}"))
    for seen in (address, list_address(model)):
        assert client.get(seen).status_code == 200


def list_visits(model: type, model_admin: admin.ModelAdmin, seen: HttpResponse) -> list[tuple]:
    """The address and form (none: GET) of each page of a table, and of each filter and action.

    ``seen`` is the table as a superuser sees it.
    """
    table = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    address = reverse(f"{table}_changelist")
    visits = [(address, None), (f"{address}?q=a", None), (reverse(f"{table}_add"), None)]
    for spec in seen.context["cl"].filter_specs:
        *_, last = spec.choices(seen.context["cl"])
        visits.append((address + last["query_string"], None))
    row = model._default_manager.first()
    if row is not None:
        pages = [reverse(f"{table}_{name}", args=[row.pk]) for name in ("change", "delete")]
        visits += [(page, None) for page in pages]
        for name in model_admin.get_actions(seen.wsgi_request):
            visits.append((address, {"action": name, "_selected_action": [row.pk]}))
    return visits


@pytest.mark.usefixtures("admin_without_sidebar")
def test_staff_with_one_permission_see_that_table_in_few_statements(admin_client, caplog):
    """Each page, filter and action of every table of the admin, by each permission alone."""
    # Formatting hundreds of refusals for the log would take most of the time.
    caplog.set_level(logging.CRITICAL, "django.request")
    client, staff = Client(), ListenerFactory(is_staff=True)
    client.force_login(staff)
    client.get("/admin/jsi18n/")
    for model, model_admin in admin.site._registry.items():
        if model in TABLES:
            TABLES[model][0]()
        name = model._meta.model_name
        address = reverse(f"admin:{model._meta.app_label}_{name}_changelist")
        visits = list_visits(model, model_admin, admin_client.get(address))
        chosen = {"view": visits, "change": [visits[0], visits[2], visits[-1]]}
        for right in ("view", "change", "delete", "add"):
            of_model = Permission.objects.filter(content_type__app_label=model._meta.app_label)
            staff.user_permissions.set([of_model.get(codename=f"{right}_{name}")])
            answers = {}
            for page, form in chosen.get(right, visits[:1]):
                with CaptureQueriesContext(connection) as statements, transaction.atomic():
                    answer = client.get(page) if form is None else client.post(page, form)
                    transaction.set_rollback(True)
                assert answer.status_code in {200, 302, 403}, (page, form, right)
                assert len(statements) < 30, (page, form, right)
                answers.setdefault(page, answer.status_code)
            # Secrets of identity providers are for superusers only.
            may_look = right in {"view", "change"} and model is not SocialApp
            assert answers[address] == (200 if may_look else 403), (address, right)


def run_action(client: Client, model: type, action: str) -> str:
    keys = list(model.objects.values_list("pk", flat=True))
    page = {"action": action, "_selected_action": keys}
    return client.post(list_address(model), page, follow=True).content.decode()


def test_videos_are_excluded_and_allowed_again(admin_client):
    VideoFactory.create_batch(2)
    VideoFactory(available=False)
    assert "2 video(s) excluded." in run_action(admin_client, VideoFeature, "mark_unavailable")
    assert VideoFeature.objects.filter(available=True).count() == 0
    assert "3 video(s) allowed." in run_action(admin_client, VideoFeature, "mark_available")


def test_matches_are_forgotten_and_the_words_kept(admin_client):
    words = {like.song_name for like in LikeFactory.create_batch(2)}
    LikeFactory(song=None, song_name="pending")
    page = run_action(admin_client, UserLikedSong, "forget_match")
    assert "2 like(s) will be looked for again." in page
    assert {like.song_name for like in UserLikedSong.objects.pending()} == words | {"pending"}


def test_failed_imports_go_on(admin_client):
    add_import()
    PlaylistImport.objects.update(state="failed", error="YouTube is down")
    assert "1 import(s) will go on." in run_action(admin_client, PlaylistImport, "try_again")
    assert PlaylistImport.objects.values_list("state", "error").get() == ("waiting", "")


@pytest.mark.parametrize(
    ("model", "action"), [(VideoFeature, "mark_unavailable"), (UserLikedSong, "forget_match")]
)
def test_actions_need_the_permission_to_change(model, action):
    TABLES[model][0]()
    staff = ListenerFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename=f"view_{model._meta.model_name}"))
    client = Client()
    client.force_login(staff)
    before = list(model.objects.values())
    run_action(client, model, action)
    assert list(model.objects.values()) == before


def test_use_of_quota_cannot_be_deleted_or_changed(admin_client):
    add_quota()
    key = QuotaUsage.objects.get().pk
    for name in ("change", "delete"):
        address = reverse(f"admin:music_quotausage_{name}", args=[key])
        assert admin_client.post(address, {"used": 0, "post": "yes"}).status_code == 403
    assert QuotaUsage.objects.get().used == 5


def test_today_of_the_quota_is_shown(admin_client, settings):
    settings.YOUTUBE_DAILY_SEARCHES = 100
    settings.YOUTUBE_API_KEY = "key"
    from music.youtube import quota

    quota.reserve(quota.SEARCH, 3, quota.LISTENER)
    QuotaUsage.objects.update(exhausted_at=None)
    page = admin_client.get(list_address(QuotaUsage))
    search, units = page.context["reports"]
    assert (search.state.used, search.state.left, search.reserve) == (3, 97, 50)
    assert search.state.by_caller == {"listener": 3}
    assert len(search.bars) == len(units.bars) == 30
    assert [bar.value for bar in search.bars] == [0] * 29 + [3]
    assert search.state.resets_at > timezone.now()
    assert page.content.decode().count("<rect ") == 60


def test_without_a_key_the_quota_says_so(admin_client, settings):
    settings.YOUTUBE_API_KEY = ""
    page = admin_client.get(list_address(QuotaUsage)).content.decode()
    assert "There is no YouTube key" in page
    assert "<rect " not in page


@pytest.mark.parametrize("model", [Song, VideoFeature, UserLikedSong, Dismissal, Playback])
@pytest.mark.parametrize("text", ["beyonce", "Beyoncé", "HALO"])
def test_songs_are_found_without_accents(admin_client, model, text):
    song = SongFactory(artist="Beyoncé", title="Halo")
    listener = ListenerFactory(email=None, user_id="jo@example.org", is_guest=False)
    LikeFactory(song=song, song_name="that one", user=listener)
    DismissalFactory(song=song, user=listener)
    Playback.objects.create(user=listener, song=song, kind="play")
    VideoFactory(song=song, title="Official")
    TABLES[model][0]()
    assert admin_client.get(list_address(model), {"q": text}).context["cl"].result_count == 1
    if hasattr(model, "user"):
        found = admin_client.get(list_address(model), {"q": "o@example"})
        assert found.context["cl"].result_count == 1
        assert "jo@example.org" in found.content.decode()


def test_success_is_shown_by_source_and_position(admin_client):
    songs = SongFactory.create_batch(4)
    first, second = show_list(*songs[:2]), show_list(*songs[2:], stages=["content", "popular"])
    first.note("liked_at", {songs[0].pk}, timezone.now())
    second.note("dismissed_at", {songs[3].pk}, timezone.now())
    for row in (first, second):
        row.save()
    context = admin_client.get(list_address(Impression)).context
    assert [
        (row["group"], row["n_shown"], row["n_liked"], row["n_dismissed"], row["percent"])
        for row in context["by_source"]
    ] == [("content", 3, 1, 0, pytest.approx(100 / 3)), ("popular", 1, 0, 1, 0.0)]
    assert [(row["group"], row["percent"]) for row in context["by_position"]] == [
        (1, 50.0),
        (2, 0.0),
    ]
    filtered = admin_client.get(list_address(Impression), {"stage": "popular"}).context
    assert [row["group"] for row in filtered["by_source"]] == ["popular"]
    assert [row.list_songs()[1].song_pk for row in filtered["cl"].result_list] == [songs[3].pk]


def test_suggestion_list_shows_its_songs_and_what_became_of_them(admin_client):
    songs, gone = SongFactory.create_batch(3), SongFactory.build()
    gone.pk = 5
    shown = show_list(*songs, gone)
    shown.note("liked_at", {songs[1].pk}, timezone.now())
    shown.save()
    show_list(songs[0])
    Impression.objects.create(
        request_id="before", user=shown.user, song=songs[2], position=7, stage="popular"
    )
    page = admin_client.get(list_address(Impression)).content.decode()
    assert f"{songs[0]}; {songs[1]}; {songs[2]} and 1 more" in page
    address = reverse("admin:music_impression_change", args=[shown.pk])
    table = " ".join(admin_client.get(address).content.decode().split())
    assert table.count("<td>content</td>") == 4
    assert f">{songs[1]}</a> </td> <td>content</td> <td>{timezone.now():%b. %-d, %Y}" in table
    assert "a song not stored now" in table
    for text, n_found in ((songs[0].address, 2), (songs[2].address, 2), ("nothing/here", 0)):
        found = admin_client.get(list_address(Impression), {"q": text})
        assert found.context["cl"].result_count == n_found


def test_deleting_a_like_reaches_the_suggestions_at_once(
    admin_client, django_capture_on_commit_callbacks
):
    from music.domain.listeners import load_taste

    like = LikeFactory()
    assert load_taste(like.user).likes != ()
    with django_capture_on_commit_callbacks(execute=True):
        run_action_confirmed(admin_client, UserLikedSong)
    assert load_taste(like.user).likes == ()


def run_action_confirmed(client: Client, model: type) -> None:
    keys = list(model.objects.values_list("pk", flat=True))
    page = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    assert client.post(list_address(model), page).status_code == 302
    assert model.objects.count() == 0


def test_front_page_bears_the_name_of_the_site_and_leads_everywhere(admin_client):
    page = admin_client.get(reverse("admin:index")).content.decode()
    assert "Django" not in page
    for name in ("operations:caches", "databases", "ready", "api:root"):
        assert f'href="{reverse(name)}"' in page
    for model in TABLES:
        assert f'href="{list_address(model)}"' in page
