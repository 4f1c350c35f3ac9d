"""Sends a listener's plays to ListenBrainz, and their likes as loved songs.

Off unless ``LISTENBRAINZ`` is on and a listener gave a token. No request of a browser waits for
ListenBrainz: ``send_due`` is background work and records its progress, so that it goes on where it
was interrupted. Sending something twice changes nothing there.
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.utils import timezone

from accounts.encryption import CannotUnseal, seal, unseal
from accounts.models import User
from music.errors import InvalidInput, KeyRejected, NotFound, SourceRejected, SourceUnavailable
from music.listenbrainz.client import (
    LOVED,
    MAX_LISTENS,
    NEUTRAL,
    RETRY_SECONDS,
    Heard,
    ListenBrainz,
)
from music.models import Listen, ListenBrainzLink, LovedThere, Song, UserLikedSong
from music.models.listenbrainz import TROUBLE_MAX_LENGTH
from tunetrace_site.replication.touches import touch_absent
from tunetrace_site.replication.unit import unit_of_work

PURPOSE = "listenbrainz token"
REFUSED_FOR = timedelta(days=1)
"""How long a refused token is not tried again."""
UNKNOWN_FOR = timedelta(days=30)
"""How long a song unknown to MusicBrainz is not looked up again."""
RUN_SECONDS = 60.0
LINKS_AT_ONCE = 1000
LIKES_AT_ONCE = 20
"""Likes of one listener (and a hundred plays) sent before the next listener's turn."""
NEW_TOKEN = "Your token cannot be read any more: enter it again."
_TOKEN = re.compile(r"[0-9A-Za-z-]{16,64}")

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class SendReport:
    """What one run has sent, and what stopped it (empty where nothing did)."""

    n_plays: int = 0
    n_likes: int = 0
    n_taken_back: int = 0
    stopped_by: str = ""


def is_offered() -> bool:
    """Return whether this site offers the connection to ListenBrainz."""
    return settings.LISTENBRAINZ


def connect(
    *, listener: User, token: str, sends_plays: bool = True, sends_likes: bool = True
) -> ListenBrainzLink:
    """Store the listener's token, encrypted, and what is to be sent; it is checked later.

    Raises ``InvalidInput`` for ``token``, and ``NotFound`` where the site does not offer it.
    """
    _require_offer()
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise InvalidInput(
            "token", "This is not a ListenBrainz token: copy yours from its settings page."
        )
    with unit_of_work():
        link, _ = ListenBrainzLink.objects.update_or_create(
            user=listener,
            defaults={
                "sealed_token": seal(token, purpose=PURPOSE),
                "user_name": "",
                "trouble": "",
                "due_at": timezone.now(),
                "sends_plays": sends_plays,
                "sends_likes": sends_likes,
            },
        )
        # The new token may be another account's, which has received nothing yet.
        LovedThere.objects.filter(user=listener).delete()
    return link


def set_sending(*, listener: User, sends_plays: bool, sends_likes: bool) -> None:
    """Choose what is sent from now on. Raises ``NotFound`` where there is no link."""
    with unit_of_work():
        links = ListenBrainzLink.objects.filter(user=listener)
        if not links.update(sends_plays=sends_plays, sends_likes=sends_likes):
            raise NotFound("You are not connected to ListenBrainz.")
        if not sends_plays:
            Listen.objects.filter(user=listener).delete()


def disconnect(*, listener: User) -> None:
    """Delete the token and the records of what was sent; ListenBrainz keeps its data."""
    with unit_of_work():
        n_deleted, _ = ListenBrainzLink.objects.filter(user=listener).delete()
        if not n_deleted:
            touch_absent(ListenBrainzLink, listener.pk)
        for model in (Listen, LovedThere):
            model.objects.filter(user=listener).delete()


def find_account_link(*, listener: User) -> ListenBrainzLink | None:
    """Return the listener's link to ListenBrainz, or None."""
    return ListenBrainzLink.objects.filter(user=listener).first()


def open_client(link: ListenBrainzLink) -> ListenBrainz:
    """Return a client with the token of ``link``. Raises ``KeyRejected`` where it is lost."""
    try:
        return ListenBrainz(unseal(link.sealed_token, purpose=PURPOSE))
    except CannotUnseal:
        raise KeyRejected(NEW_TOKEN) from None


def send_due(*, is_stopping: Callable[[], bool] = lambda: False) -> SendReport:
    """Send what is new of all listeners, for a minute at most, until ``is_stopping()``.

    A refused token concerns one listener; a missing answer ends the run.
    """
    report = SendReport()
    ends_at = time.monotonic() + RUN_SECONDS
    links = ListenBrainzLink.objects.filter(due_at__lte=timezone.now(), user__is_active=True)
    for link in links.order_by("due_at", "id")[:LINKS_AT_ONCE]:
        if is_stopping() or time.monotonic() > ends_at:
            break
        try:
            _send(link, report)
        except KeyRejected as error:
            _put_off(link, error.message, REFUSED_FOR)
        except SourceRejected as error:
            _put_off(link, error.message, timedelta(seconds=RETRY_SECONDS))
        except SourceUnavailable as error:
            wait = error.retry_after_seconds or RETRY_SECONDS
            _put_off(link, error.message, timedelta(seconds=wait))
            report.stopped_by = error.message
            break
    return report


def _require_offer() -> None:
    if not is_offered():
        raise NotFound("This site is not connected to ListenBrainz.")


def _send(link: ListenBrainzLink, report: SendReport) -> None:
    client = open_client(link)
    if not link.user_name:
        _note(link, user_name=client.check(), trouble="")
    n_before = (report.n_plays, report.n_likes, report.n_taken_back)
    if link.sends_plays:
        _send_plays(link, client, report)
    if link.sends_likes:
        _send_likes(link, client, report)
    if link.trouble or n_before != (report.n_plays, report.n_likes, report.n_taken_back):
        # Listeners who were served come after the others in the next run.
        _note(link, trouble="", due_at=timezone.now())


def _put_off(link: ListenBrainzLink, why: str, wait: timedelta) -> None:
    logger.warning("ListenBrainz, link %s: %s", link.pk, why)
    _note(link, trouble=why[:TROUBLE_MAX_LENGTH], due_at=timezone.now() + wait)


def _note(link: ListenBrainzLink, **fields: object) -> None:
    """Store the state of ``link``, unless its token was replaced meanwhile."""
    same = ListenBrainzLink.objects.filter(pk=link.pk, sealed_token=link.sealed_token)
    with unit_of_work():
        same.update(**fields)


def _send_plays(link: ListenBrainzLink, client: ListenBrainz, report: SendReport) -> None:
    listens = Listen.objects.filter(user=link.user_id).order_by("listened_at")
    if some := list(listens[:MAX_LISTENS]):
        report.n_plays += _send_some(client, some)
        with unit_of_work():
            Listen.objects.filter(pk__in=[listen.pk for listen in some]).delete()


def _send_some(client: ListenBrainz, listens: Sequence[Listen]) -> int:
    """Send ``listens`` together, or, if refused, one by one; return how many were accepted."""
    try:
        client.send([Heard(row.artist, row.title, row.listened_at) for row in listens])
    except SourceRejected as error:
        if len(listens) == 1:
            logger.warning("ListenBrainz takes no listen %s: %s", listens[0].pk, error.message)
            return 0
        half = len(listens) // 2
        return _send_some(client, listens[:half]) + _send_some(client, listens[half:])
    return len(listens)


def _send_likes(link: ListenBrainzLink, client: ListenBrainz, report: SendReport) -> None:
    """Make loved songs there equal the likes here, as far as they came from here."""
    likes = UserLikedSong.objects.filter(user=link.user_id, song_id__isnull=False)
    liked = likes.values_list("song_id", flat=True)
    told = LovedThere.objects.filter(user=link.user_id)
    settled = told.exclude(recording_mbid="", created_at__lt=timezone.now() - UNKNOWN_FOR)
    new = likes.exclude(song_id__in=settled.values("song_pk")).filter(song__address__isnull=False)
    for like in new.select_related("song").order_by("created_at", "id")[:LIKES_AT_ONCE]:
        song = cast(Song, like.song)
        mbid = client.find_recording(song.artist, song.title)
        if mbid:
            client.set_love(mbid, LOVED)
            report.n_likes += 1
        with unit_of_work():
            LovedThere.objects.update_or_create(
                user_id=link.user_id,
                song_pk=song.pk,
                defaults={"recording_mbid": mbid, "created_at": timezone.now()},
            )
    for row in told.exclude(song_pk__in=liked)[:LIKES_AT_ONCE]:
        same = told.filter(recording_mbid=row.recording_mbid, song_pk__in=liked)
        if row.recording_mbid and not same.exists():
            client.set_love(row.recording_mbid, NEUTRAL)
            report.n_taken_back += 1
        with unit_of_work():
            row.delete()
