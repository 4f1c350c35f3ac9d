"""Every page, API route and admin list reads as much in a large site as in a small one.

What a page reads is counted in steps of SQLite's virtual machine, which are the same on every
machine and under every load: about ten for each row that is looked at. Rows of the listener who
looks stay few, all others grow.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from itertools import count

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db import connection, connections, router
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import paginator
from accounts.models import AccessToken, AuditEntry, User
from music.admin import feedback
from music.caching import stack
from music.catalogue import name_keeping, song_index
from music.domain import index
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
    Share,
    Song,
    SongMove,
    Steering,
    SuggestionSum,
    UserLikedSong,
    VideoFeature,
    VideoReport,
)
from tests.factories import ListenerFactory
from tests.hostile.table import ABOUT_A_LISTENER, ABOUT_NOBODY, PAGES, Row
from tests.hostile.world import make_client, make_first_listener, send

N_SMALL = 300
STEPS_A_HANDLER = 20
MORE = 1.3
"""So many times the steps of the small site a large one may take."""
Counting = Callable[[], AbstractContextManager[Callable[[], int]]]
FEW_STEPS = 5_000
"""What an address may take more, however little it takes in all: deeper trees of indexes."""

_numbers = count(1)


def grow(n_rows: int) -> None:
    """``n_rows`` more of everything, by listeners of whom each has one of each."""
    numbers = [next(_numbers) for _ in range(n_rows)]
    songs = Song.objects.bulk_create(
        Song.named(f"Band {n}", f"Title {n}", genre="Rock", language="en", year=1990 + n % 30,
                   popularity=n % 100, is_bundled=n % 2 == 0, tags=["rock"])
        for n in numbers
    )  # fmt: skip
    # As in a site that grew over time: what is new is read again for some seconds.
    Song.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    users = User.objects.bulk_create(
        User(user_id=f"grown {n}", email=f"grown{n}@example.org", password="!") for n in numbers
    )
    videos = VideoFeature.objects.bulk_create(
        VideoFeature(video_id=f"grown{n:06d}", song=song, title=str(song), duration=200,
                     channel_title=song.artist, view_count=n, genre="Rock")
        for n, song in zip(numbers, songs, strict=True)
    )  # fmt: skip
    rows = list(zip(numbers, users, songs, videos, strict=True))
    jobs = PlaylistImport.objects.bulk_create(
        PlaylistImport(user=user, token=f"grown{n}", state="done") for n, user, _, _ in rows
    )
    makers: dict[type, Callable[..., object]] = {
        UserLikedSong: lambda n, u, s, v: UserLikedSong(user=u, song=s, song_name=str(s)),
        Dismissal: lambda n, u, s, v: Dismissal(user=u, song=s),
        Playback: lambda n, u, s, v: Playback(user=u, song=s, kind="play"),
        Impression: lambda n, u, s, v: Impression.of_list(
            user_id=u.pk, request_id=f"grown{n}", songs=[(s.pk, "content")]
        ),
        SuggestionSum: lambda n, u, s, v: SuggestionSum(user=u, by_stage={"content": [3, 1, 0]}),
        QueryCache: lambda n, u, s, v: QueryCache(query=f"grown {n}", rung="search", song=s),
        MatchCorrection: lambda n, u, s, v: MatchCorrection(user=u, query=f"grown {n}", song=s),
        ListenBrainzLink: lambda n, u, s, v: ListenBrainzLink(user=u, sealed_token="sealed"),
        Listen: lambda n, u, s, v: Listen(user=u, artist="A", title=f"T {n}", listened_at=n),
        LovedThere: lambda n, u, s, v: LovedThere(user=u, song_pk=s.pk, recording_mbid=f"{n}"),
        Mix: lambda n, u, s, v: Mix(user=u, name="Mix", song_ids=[s.address]),
        Steering: lambda n, u, s, v: Steering(user=u, kind="artist", key=f"b{n}", name="B"),
        Share: lambda n, u, s, v: Share(user=u, kind="likes", token=f"grown{n}"),
        SongMove: lambda n, u, s, v: SongMove(kind="join", from_song=s, to_song=s, made_by=u),
        VideoReport: lambda n, u, s, v: VideoReport(user=u, video=v, code=150),
        AuditEntry: lambda n, u, s, v: AuditEntry(kind="sign_in", actor_pk=u.pk, subject_pk=u.pk),
        Authenticator: lambda n, u, s, v: Authenticator(user=u, type="totp", data={}),
        SocialAccount: lambda n, u, s, v: SocialAccount(user=u, provider="google", uid=str(n)),
        UserSession: lambda n, u, s, v: UserSession(
            user=u, session_key=f"grown{n}", ip="127.0.0.1", user_agent="grown"
        ),
        AccessToken: lambda n, u, s, v: AccessToken(user=u, digest=f"{n:064d}", name="t"),
    }
    for model, make in makers.items():
        model._base_manager.bulk_create(make(*row) for row in rows)
    ImportRow.objects.bulk_create(
        ImportRow(job=job, number=1, name="row", song=row[2])
        for job, row in zip(jobs, rows, strict=True)
    )
    with connections[router.db_for_read(Song)].cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def counting_steps() -> Iterator[Callable[[], int]]:
    """Gives a function that says how many steps SQLite has taken in the block so far."""
    taken = count()
    connection.ensure_connection()
    connection.connection.set_progress_handler(lambda: next(taken) and None, STEPS_A_HANDLER)
    try:
        yield lambda: STEPS_A_HANDLER * next(taken)
    finally:
        connection.connection.set_progress_handler(None, 0)


def list_reads() -> list[Row]:
    """What is only looked at: every page and API route that is got, and suggestions."""
    pages = [Row(r.method, r.address, r.statuses, r.body, "page") for r in PAGES]
    nobody = [Row(r.method, r.address, r.statuses, r.body, "nobody") for r in ABOUT_NOBODY]
    asked = ("/suggestions", "/discover", "/api/v1/me/suggestions")
    return [
        row
        for row in (*ABOUT_A_LISTENER, *nobody, *pages)
        if row.method == "GET" or row.address in asked
    ]


def list_admin_lists() -> list[str]:
    """Every list of the admin, as it comes up first."""
    models = (model._meta for model in admin.site._registry)
    return [reverse(f"admin:{m.app_label}_{m.model_name}_changelist") for m in models]


class Visits:
    """The callers, and the steps that each address takes when it is called again."""

    def __init__(self) -> None:
        songs = list(Song.objects.order_by("pk")[:2])
        other = Song.named("Other", "Song", is_bundled=True)
        other.save(force_insert=True)
        self._world = make_first_listener(songs, "")
        self._listener = make_client(self._world, "listener")
        self._operator = Client()
        self._operator.force_login(
            ListenerFactory(is_staff=True, is_superuser=True),
            "django.contrib.auth.backends.ModelBackend",
        )

    def measure(self, counting: Counting = counting_steps) -> dict[str, int]:
        """Return the count for each address, in a process that has loaded names and genres."""
        for address in ("/for-you/", "/search/?q=song"):
            self._listener.get(address)
        rows = {str(row): (lambda row=row: self._send(row)) for row in list_reads()}
        lists = {a: (lambda a=a: self._operator.get(a)) for a in list_admin_lists()}
        counts = {}
        for name, visit in (rows | lists).items():
            with counting() as count_so_far:
                assert visit().status_code != 500, name
                counts[name] = count_so_far()
        return counts

    def _send(self, row: Row) -> object:
        return send(self._listener, self._world, row, "listener")


def forget_what_is_kept() -> None:
    """As in a process that has just started."""
    stack.forget_everything()
    name_keeping.drop_file()
    song_index.songs.forget()
    index.forget()


@pytest.fixture
def small_index(own_index, monkeypatch):
    """Suggestions come from an index of as many songs in a small site as in a large one."""
    monkeypatch.setattr(index, "SMALL_INDEX_SONGS", 100)
    # The admin counts and sums up so many rows and no more: in both sites the same.
    monkeypatch.setattr(paginator, "MAX_COUNTED", 250)
    monkeypatch.setattr(feedback, "MAX_SUMMARISED", 250)
    forget_what_is_kept()
    yield
    forget_what_is_kept()


@pytest.mark.django_db
@pytest.mark.usefixtures("small_index")
@pytest.mark.parametrize("n_large", [2_500, pytest.param(20_000, marks=pytest.mark.slow)])
def test_nothing_reads_more_because_the_site_has_grown(n_large):
    grow(N_SMALL)
    visits = Visits()
    small = visits.measure()
    grow(n_large - N_SMALL)
    forget_what_is_kept()
    large = visits.measure()
    grown = [
        f"{name}: {small[name]} steps, then {large[name]}"
        for name in small
        if large[name] > MORE * small[name] + FEW_STEPS
    ]
    assert not grown, "\n".join(grown)
