"""What is forgotten by itself, and what is not."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.guests import GUEST_SESSION_KEY
from accounts.models import User
from accounts.sessions import forget_expired_sessions
from music.domain import purging, suggestion_sums
from music.domain.purging import (
    expire_guests,
    forget_expired_answers,
    purge,
)
from music.models import (
    Impression,
    MatchCorrection,
    Playback,
    PlaylistImport,
    QueryCache,
    Share,
    SuggestionSum,
    UserLikedSong,
)
from music.models.song_move import new_token
from tests.factories import (
    DismissalFactory,
    GuestFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
    show_list,
)

pytestmark = pytest.mark.django_db


def ago(**span):
    return timezone.now() - timedelta(**span)


def make_guest(**span):
    """A guest who came first so long ago."""
    return GuestFactory(created_at=ago(**span))


SAYS = {
    "like": lambda guest, at: LikeFactory(user=guest, created_at=at),
    "dismissal": lambda guest, at: DismissalFactory(user=guest, created_at=at),
    "play": lambda guest, at: Playback.objects.create(
        user=guest, song=SongFactory(), kind="play", created_at=at
    ),
    "correction": lambda guest, at: MatchCorrection.objects.create(
        user=guest, query="words", created_at=at
    ),
    "import": lambda guest, at: PlaylistImport.objects.create(
        user=guest, token=new_token(), updated_at=at
    ),
    "share": lambda guest, at: Share.objects.create(
        user=guest, kind="likes", token=new_token(), created_at=at
    ),
}


def be_shown(guest, at):
    show_list(SongFactory(), user=guest, created_at=at)


@pytest.mark.parametrize("what", SAYS)
def test_guest_who_said_something_lives_from_the_last_sign_of_them(what):
    away, here = make_guest(days=400), make_guest(days=400)
    SAYS[what](away, ago(days=181))
    SAYS[what](here, ago(days=179))
    assert expire_guests() == 1
    assert list(User.objects.all()) == [here]


def test_guest_who_only_looks_lives_on():
    away, here = make_guest(days=400), make_guest(days=400)
    for guest, days in ((away, 181), (here, 179)):
        LikeFactory(user=guest, created_at=ago(days=300))
        be_shown(guest, ago(days=days))
    assert expire_guests() == 1
    assert list(User.objects.all()) == [here]
    assert UserLikedSong.objects.count() == 1


def test_empty_guest_lives_a_day():
    empty, new, looking = make_guest(hours=25), make_guest(hours=23), make_guest(days=3)
    be_shown(empty, ago(hours=25))
    be_shown(looking, ago(hours=2))
    assert expire_guests() == 1
    assert set(User.objects.all()) == {new, looking}


def test_nobody_but_guests_expires(settings):
    settings.GUEST_DAYS = 1
    long_ago = ago(days=4000)
    ListenerFactory(created_at=long_ago)
    User.objects.create(user_id="front-end:1", created_at=long_ago)
    # An operator can tick what they like in the admin.
    GuestFactory(created_at=long_ago, email="ada@example.org")
    GuestFactory(created_at=long_ago, is_staff=True)
    assert expire_guests() == 0
    assert User.objects.count() == 4


def test_days_are_a_setting(settings):
    LikeFactory(user=make_guest(days=10), created_at=ago(days=10))
    assert expire_guests() == 0
    settings.GUEST_DAYS = 9
    assert expire_guests() == 1


def test_more_guests_than_a_batch(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(purging, "BATCH", 2)
    kept = [LikeFactory(user=make_guest(days=2)).user for _ in range(3)]
    for _ in range(5):
        make_guest(days=2)
    assert expire_guests() == 5
    assert set(User.objects.all()) == set(kept)
    # Four looks for two guests at a time, and what each batch holds.
    with django_assert_num_queries(3 + 2 * 3):
        assert expire_guests() == 0


def test_browser_of_an_expired_guest_is_nobody_and_may_begin_anew():
    browser = Client()
    session = browser.session
    session[GUEST_SESSION_KEY] = make_guest(days=2).pk
    session.save()
    browser.cookies["sessionid"] = session.session_key
    purge()
    assert not User.objects.exists()
    song = SongFactory()
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.post(reverse("like"), {"song": song.address}).status_code == 302
    assert User.objects.get().is_guest


def test_sessions_that_are_over_go_with_what_was_noted_of_them():
    listener = ListenerFactory()
    for key, days in (("over", -1), ("alive", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=ago(days=-days))
        row = UserSession.objects.create(user=listener, session_key=key, ip="192.0.2.1")
        UserSession.objects.filter(pk=row.pk).update(last_seen_at=ago(days=181))
    UserSession.objects.create(user=listener, session_key="being-made", ip="192.0.2.1")
    assert forget_expired_sessions() == 2
    assert [session.pk for session in Session.objects.all()] == ["alive"]
    kept = UserSession.objects.values_list("session_key", flat=True)
    assert set(kept) == {"alive", "being-made"}


def test_words_for_which_nothing_was_found_are_kept_for_a_day():
    for query, expires_at in (("a", ago(hours=1)), ("b", ago(hours=-1)), ("c", None)):
        QueryCache.objects.create(query=query, rung="none", expires_at=expires_at)
    assert forget_expired_answers() == 1
    assert set(QueryCache.objects.values_list("query", flat=True)) == {"b", "c"}


def suggest(listener, days, **facts):
    """A list of two suggestions made so many days ago, the first of them liked or dismissed."""
    stages = [facts.pop("stage", "content"), "words"]
    songs = SongFactory.create_batch(2)
    row = show_list(
        *songs, user=listener, stages=stages, created_at=facts.pop("created_at", ago(days=days))
    )
    for outcome, at in facts.items():
        row.note(outcome, {songs[0].pk}, at)
    row.save()
    return row


def test_what_was_suggested_long_ago_is_summed_up(monkeypatch):
    monkeypatch.setattr(suggestion_sums, "ROWS_A_UNIT", 2)
    one, other = ListenerFactory.create_batch(2)
    kept = suggest(one, 89)
    suggest(one, 91, liked_at=timezone.now())
    suggest(one, 92)
    suggest(one, 93, stage="popular", dismissed_at=timezone.now())
    suggest(other, 95)
    assert suggestion_sums.sum_up_old_suggestions() == 4
    assert Impression.objects.get() == kept
    assert one.suggestion_sum.by_stage == {
        "content": [2, 1, 0],
        "popular": [1, 0, 1],
        "words": [3, 0, 0],
    }
    assert other.suggestion_sum.by_stage == {"content": [1, 0, 0], "words": [1, 0, 0]}
    assert suggestion_sums.sum_up_old_suggestions() == 0
    suggest(one, 90.5)
    assert suggestion_sums.sum_up_old_suggestions() == 1
    assert SuggestionSum.objects.get(user=one).by_stage["content"] == [3, 1, 0]


def test_suggestions_of_one_moment_are_summed_up_together(monkeypatch):
    monkeypatch.setattr(suggestion_sums, "ROWS_A_UNIT", 2)
    listener, moment = ListenerFactory(), ago(days=100)
    for _ in range(5):
        suggest(listener, 0, created_at=moment)
    assert suggestion_sums.sum_up_old_suggestions() == 5
    assert listener.suggestion_sum.by_stage == {"content": [5, 0, 0], "words": [5, 0, 0]}


def test_suggestion_that_comes_back_is_not_counted_twice():
    listener = ListenerFactory()
    early, late = suggest(listener, 100), suggest(listener, 99)
    assert suggestion_sums.sum_up_old_suggestions() == 2
    for row in (early, late):
        Impression.objects.bulk_create([row])
    assert suggestion_sums.sum_up_old_suggestions() == 2
    assert not Impression.objects.exists()
    assert listener.suggestion_sum.by_stage == {"content": [2, 0, 0], "words": [2, 0, 0]}


def test_guest_whose_last_visit_was_summed_up_lives_on():
    away, here = make_guest(days=400), make_guest(days=400)
    for guest, days in ((away, 181), (here, 179)):
        LikeFactory(user=guest, created_at=ago(days=300))
        be_shown(guest, ago(days=days))
    assert suggestion_sums.sum_up_old_suggestions() == 2
    assert expire_guests() == 1
    assert list(User.objects.all()) == [here]


def test_report_says_how_many_rows_of_each_kind_went():
    make_guest(days=2)
    assert purge() == {"guests": 1, "sessions": 0, "answers": 0, "suggestions": 0}
