"""The operators' first page, which shows whether everything works.

Each part has a state in a word, lines of information, and a link to more. A part is shown to
operators who may see the page that it links to; one that cannot be queried says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.operator_rights import get_operator
from music.caching import stack
from music.domain.data_age import describe_age
from music.models import Impression, ScheduledJob
from music.youtube.availability import has_youtube
from music.youtube.pacific_days import get_reset_time
from music.youtube.quota import BucketState, get_state
from tunetrace_site.last_errors import read_last_errors
from tunetrace_site.machine.breaker import list_breakers
from tunetrace_site.replication.health import DatabaseState, read_replication_state

WELL, LOOK, TROUBLE = "well", "look", "trouble"
N_ERRORS = 5
N_LISTS = 100
"""The success of suggestions is computed from so many lists, the newest ones."""
LATE = timedelta(minutes=10)
RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the site: ``state`` is ``WELL``, ``LOOK`` or ``TROUBLE``."""

    title: str
    state: str
    lines: tuple[str, ...]
    link: str = ""


def add_overview(index: Callable[..., TemplateResponse]) -> Callable[..., TemplateResponse]:
    """Show the overview on Django's first page of the admin, above its list of tables."""

    def show(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        parts = list_parts(get_operator(request))
        context = {
            "parts": parts,
            "overall": max((part.state for part in parts), key=_SEVERITY.index, default=""),
            "may_ask_youtube": has_youtube() and request.user.has_perm("music.change_quotausage"),
        }
        return index(request, {**context, **(extra_context or {})})

    return show


_SEVERITY = [WELL, LOOK, TROUBLE]


def list_parts(user: User) -> list[Part]:
    """Return the parts of the site's state that ``user`` may see; under 20 statements."""
    parts = []
    for title, permission, describe in _PARTS:
        if user.has_perm(permission):
            try:
                parts.append(describe())
            except DatabaseError as error:
                parts.append(Part(title, TROUBLE, (f"Not available: {type(error).__name__}.",)))
    return parts


def describe_databases() -> Part:
    """Describe each database: whether it is in service, and what it misses."""
    state = read_replication_state()
    lines = [_describe_database(database) for database in state.databases]
    lines += [f"This machine takes no writes: {reason}." for reason in state.halts]
    if state.relay_is_late:
        lines.append("The relay has not run for a while: is a worker running?")
    how = WELL if state.is_complete else LOOK if state.can_write else TROUBLE
    return Part("Databases", how, tuple(lines), reverse("databases"))


def _describe_database(database: DatabaseState) -> str:
    if not database.in_service:
        why = database.error or "it is catching up"
        return f"{database.name}: not in service ({why})."
    role = "leads" if database.leads else "follows"
    lag = database.lag
    behind = f", {lag} behind ({lag.seconds:.1f} s)" if lag else ""
    return f"{database.name}: in service, {role}{behind}."


def describe_caches() -> Part:
    """Describe each cache tier and its hit rate, and breakers that are not closed."""
    tiers = stack.report_tiers()
    lines = [
        f"{tier.title}: {tier.state}"
        + ("" if tier.hit_percent is None else f", answered {tier.hit_percent:.0f} % of look-ups")
        for tier in tiers
    ]
    opened = [breaker.name for breaker in list_breakers() if breaker.state != "closed"]
    lines += [f"Breaker {name} is open: what it guards does not answer." for name in opened]
    is_well = not opened and "down" not in {tier.state for tier in tiers}
    return Part("Caches", WELL if is_well else LOOK, tuple(lines), reverse("operations:caches"))


def describe_quota() -> Part:
    """Describe each bucket: its use, and the forecast until midnight Pacific time."""
    link = reverse("admin:music_quotausage_changelist")
    if not has_youtube():
        text = "There is no YouTube key: songs come from the bundled catalogue and what is stored."
        return Part("YouTube quota", WELL, (text,), link)
    states = get_state()
    lines = [_forecast(state) for state in states]
    saved = sum(tier.hits + tier.stale for tier in stack.report_tiers() if tier.name in _SAVING)
    lines.append(f"Cached answers have saved {saved:,} calls to YouTube on this machine.")
    how = LOOK if any(_expects_more(state) for state in states) else WELL
    return Part("YouTube quota", how, tuple(lines), link)


_SAVING = {"responses", "queries"}


def _expect_by_midnight(state: BucketState) -> int:
    """Return what will be used by the reset, if the day goes on as it began."""
    began_at = get_reset_time((state.resets_at - timedelta(days=1, hours=12)).date())
    now = timezone.now()
    gone = max((now - began_at) / (state.resets_at - began_at), 1 / 24)
    return round(state.used / gone)


def _expects_more(state: BucketState) -> bool:
    return state.left == 0 or _expect_by_midnight(state) > state.limit


def _forecast(state: BucketState) -> str:
    used = f"{state.bucket.capitalize()}: {state.used:,} of {state.limit:,} used"
    if state.exhausted_at:
        return f"{used}; YouTube said at {state.exhausted_at:%H:%M} UTC that nothing is left."
    expected = _expect_by_midnight(state)
    return f"{used}, about {expected:,} by the reset at {state.resets_at:%H:%M} UTC."


def describe_jobs() -> Part:
    """Describe jobs whose last run failed, or that are late."""
    jobs = list(ScheduledJob.objects.order_by("name"))
    late_before = timezone.now() - LATE
    lines = [f"{job.name} failed: {job.result}" for job in jobs if job.has_failed]
    late = [
        job.name
        for job in jobs
        if job.next_run_at and job.next_run_at < late_before and not job.claimed_by
    ]
    lines += [f"{name} is late: is a worker running?" for name in late]
    if not jobs:
        lines.append("No job has run yet.")
    how = LOOK if lines else WELL
    text = lines or [f"{len(jobs)} jobs, none failed, none late."]
    return Part("Jobs", how, tuple(text), reverse("admin:music_scheduledjob_changelist"))


def describe_errors() -> Part:
    """Describe the last errors that this machine logged."""
    errors = read_last_errors(N_ERRORS)
    lines = [f"{e.at:%Y-%m-%d %H:%M:%S} {e.logger} [{e.request_id}] {e.what}" for e in errors]
    is_recent = bool(errors) and errors[0].at > timezone.now() - RECENT
    return Part("Last errors", LOOK if is_recent else WELL, tuple(lines or ["None."]))


def describe_success() -> Part:
    """Describe how many songs of the newest suggestion lists were liked or dismissed."""
    newest = Impression.objects.order_by("-created_at", "-id")[:N_LISTS]
    songs = [song for row in newest for song in row.list_songs()]
    link = reverse("admin:music_impression_changelist")
    if not songs:
        return Part("Success of suggestions", WELL, ("Nothing has been suggested yet.",), link)
    n_liked = sum(song.liked_at is not None for song in songs)
    n_dismissed = sum(song.dismissed_at is not None for song in songs)
    text = (
        f"Of the last {len(songs):,} suggestions {100 * n_liked / len(songs):.1f} % were liked and "
        f"{100 * n_dismissed / len(songs):.1f} % dismissed."
    )
    return Part("Success of suggestions", WELL, (text,), link)


def describe_data_age() -> Part:
    """Describe whether data from YouTube is as young as its terms demand."""
    age = describe_age()
    link = reverse("admin:music_videofeature_changelist")
    if age.oldest_at is None:
        return Part("Age of YouTube's data", WELL, ("Nothing from YouTube is stored.",), link)
    lines = (
        f"The oldest was fetched {(timezone.now() - age.oldest_at).days} days ago "
        f"({age.oldest_at:%Y-%m-%d %H:%M} UTC); {age.keep_days} are allowed.",
        f"{age.n_due:,} videos are due to be refreshed, {age.n_expired:,} to be deleted.",
    )
    return Part("Age of YouTube's data", TROUBLE if age.n_expired else WELL, lines, link)


def describe_settings() -> Part:
    """Describe unusual settings of the site."""
    lines = []
    if settings.DEBUG:
        lines.append("DEBUG is on: errors show source code.")
    if settings.ALLOW_UNAUTHENTICATED_USER_ID:
        lines.append("ALLOW_UNAUTHENTICATED_USER_ID is on: anybody may act for listeners by name.")
    return Part("Settings", LOOK if lines else WELL, tuple(lines or ["Nothing unusual."]))


_PARTS: tuple[tuple[str, str, Callable[[], Part]], ...] = (
    ("Databases", "replication.view_parked", describe_databases),
    ("Caches", "music.view_querycache", describe_caches),
    ("YouTube quota", "music.view_quotausage", describe_quota),
    ("Jobs", "music.view_scheduledjob", describe_jobs),
    ("Success of suggestions", "music.view_impression", describe_success),
    ("Age of YouTube's data", "music.view_videofeature", describe_data_age),
    ("Settings", "admin.view_logentry", describe_settings),
    ("Last errors", "admin.view_logentry", describe_errors),
)
