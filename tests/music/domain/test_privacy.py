"""What a listener is handed: everything that is kept of them, and no secret."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.db.models import ForeignKey

from accounts.exporting import PROFILE
from accounts.exporting import SECTIONS as ACCOUNT_SECTIONS
from accounts.models import AccessToken, AuditEntry, User
from music.domain.privacy import SECTIONS, export_listener
from music.models import (
    ImportRow,
    Listen,
    ListenBrainzLink,
    LovedThere,
    MatchCorrection,
    Mix,
    Playback,
    PlaylistImport,
    Share,
    SongMove,
    Steering,
    SuggestionSum,
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

LEFT_OUT = {
    "account.EmailConfirmation": "keys of links in mails; the addresses are among the sections",
    "socialaccount.SocialToken": "secrets of providers, which are not stored as configured",
    "sessions.Session": "secret and signed; the browsers are in the section of sessions",
    "music.ScheduledJob": "which process is at it, of no listener",
    "music.QuotaUsage": "a digest of who pays, until the next day; nothing leads back from it",
}
"""Tables that lead to a listener, and why no section tells of them."""

COLUMNS_LEFT_OUT = {
    "id": "made of other columns, or counted",
    "user": "the listener",
    "accounts.User.password": "a digest of a secret",
    "accounts.AccessToken.digest": "a digest of a secret",
    "accounts.AuditEntry.key": "random, so that each entry has a key",
    "admin.LogEntry.object_id": "whose row it was: not the listener's, or known",
    "mfa.Authenticator.data": "secrets",
    "music.ListenBrainzLink.sealed_token": "a secret",
    "claimed_at": "whether a process is at it just now",
    "claimed_by": "which process is at it just now",
    "music.PlaylistImport.page_token": "a word of YouTube for where its list goes on",
    "music.PlaylistImport.paid_by": "digests of who pays, until it ends",
    "music.SongMove.token": "random, so that each move has a key",
    "music.SongMove.moved": "keys of rows of others",
    "usersessions.UserSession.session_key": "a secret",
    "usersessions.UserSession.data": "what allauth may note with a session, and does not",
}
"""Columns of exported tables that are not handed over, and why."""

_NAMES_A_LISTENER = re.compile(r"(user|listener|actor|subject|owner|caller|object)(_id|_pk)?|.*_by")


def leads_to_listener(model, seen=()) -> bool:
    """Whether a row may belong to a listener: by a reference, over others too, or by a column."""
    for field in model._meta.concrete_fields:
        related = field.related_model if isinstance(field, ForeignKey) else None
        if related is User or _NAMES_A_LISTENER.fullmatch(field.name):
            return True
        if related and related not in seen and leads_to_listener(related, (*seen, model, related)):
            return True
    return False


def list_models():
    return [m for m in apps.get_models(include_auto_created=True) if m is not User]


def test_every_table_that_leads_to_a_listener_is_exported_or_left_out_for_a_reason():
    exported = {section.model._meta.label for section in (*ACCOUNT_SECTIONS, *SECTIONS)}
    leading = {model._meta.label for model in list_models() if leads_to_listener(model)}
    assert "socialaccount.SocialToken" in leading
    assert leading - exported - set(LEFT_OUT) == set()
    assert exported & set(LEFT_OUT) == set()
    assert set(LEFT_OUT) <= {model._meta.label for model in list_models()}


def test_every_column_of_an_exported_table_is_handed_over_or_left_out_for_a_reason():
    told: dict[type, set[str]] = {User: set(PROFILE)}
    for section in (*ACCOUNT_SECTIONS, *SECTIONS):
        paths = (*section.fields.values(), *section.flags.values(), *section.owners)
        columns = {path.partition("__")[0] for path in paths}
        told[section.model] = told.get(section.model, set()) | columns
    forgotten = [
        f"{model._meta.label}.{field.name}"
        for model, columns in told.items()
        for field in model._meta.concrete_fields
        if field.name not in columns
        and not {field.name, f"{model._meta.label}.{field.name}"} & set(COLUMNS_LEFT_OUT)
    ]
    assert forgotten == []


@pytest.fixture
def listener(db):
    """Somebody of whom each exported table holds a row, each with a word of its own."""
    user = ListenerFactory(email="ada@mark.example", display_name="Ada Mark", is_staff=True)
    song = SongFactory(artist="Marked", title="Song")
    EmailAddress.objects.create(user=user, email="second@mark.example")
    SocialAccount.objects.create(
        user=user, provider="google", uid="uid-mark", extra_data={"name": "Ada Elsewhere"}
    )
    Authenticator.objects.create(user=user, type="totp", data={"secret": "SECRET-FACTOR"})
    UserSession.objects.create(
        user=user, ip="192.0.2.77", session_key="SECRET-SESSION", user_agent="Browser Mark"
    )
    token, _ = AccessToken.issue(user=user, name="phone-mark")
    token.save()
    AuditEntry.objects.create(kind="admin", actor_pk=1, subject_pk=user.pk, what="audit-mark")
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message="admin-mark")
    user.groups.add(Group.objects.create(name="group-mark"))
    user.user_permissions.add(Permission.objects.get(codename="view_song"))
    LikeFactory(user=user, song=song, song_name="liked words")
    DismissalFactory(user=user, song=song)
    Playback.objects.create(user=user, song=song, kind="play")
    MatchCorrection.objects.create(user=user, query="corrected words", rejected_ids=["rejected/x"])
    show_list(song, user=user, request_id="list-mark", stages=["stage-mark"])
    SuggestionSum.objects.create(user=user, by_stage={"summed-mark": [3, 1, 0]})
    Mix.objects.create(user=user, name="mix-mark", song_ids=["mixed/song"])
    Steering.objects.create(user=user, kind="artist", key="key-mark", name="name-mark")
    VideoReport.objects.create(user=user, video=VideoFactory(video_id="video-mark"), code=150)
    job = PlaylistImport.objects.create(
        user=user, token="import-mark", pasted_songs=["pasted words"], label="label-mark"
    )
    ImportRow.objects.create(job=job, number=1, name="row words", why="why-mark")
    Share.objects.create(user=user, token="share-mark", kind="likes")
    ListenBrainzLink.objects.create(
        user=user, sealed_token="SECRET-SEALED", user_name="brainz-mark"
    )
    Listen.objects.create(user=user, artist="heard-mark", title="Song", listened_at=1)
    LovedThere.objects.create(user=user, song_pk=song.pk, recording_mbid="mbid-mark")
    SongMove.objects.create(kind="join", from_song=song, to_song=song, made_by=user)
    return user


def test_everything_that_is_kept_is_handed_over_and_no_secret(listener):
    other = LikeFactory(song_name="words of another")
    data = export_listener(listener=listener)
    assert [name for name, rows in data.items() if not rows] == []
    text = json.dumps(data)
    marks = ["ada@mark.example", "Ada Mark", "second@mark.example", "uid-mark", "Ada Elsewhere"]
    marks += ["192.0.2.77", "Browser Mark", "phone-mark", "audit-mark", "admin-mark", "group-mark"]
    marks += ["view_song", "liked words", "corrected words", "rejected/x", "list-mark"]
    marks += [
        "stage-mark",
        "import-mark",
        "pasted words",
        "totp",
        "mix-mark",
        "mixed/song",
        "video-mark",
        "key-mark",
        "name-mark",
    ]
    marks += ["label-mark", "row words", "why-mark", "share-mark"]
    marks += ["summed-mark", "brainz-mark", "heard-mark", "mbid-mark"]
    assert [mark for mark in marks if mark not in text] == []
    [token] = AccessToken.objects.all()
    secrets = ["SECRET", token.digest, listener.password, other.song_name, other.user.email]
    assert [secret for secret in secrets if secret in text] == []
    assert data["audit"][0]["about_you"] is True
    assert data["audit"][0]["by_you"] is False
    assert data["dismissals"][0]["song"] == "marked/song"
    assert data["suggestions"][0]["song"] == "marked/song"
