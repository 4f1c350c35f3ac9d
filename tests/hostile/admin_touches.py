"""Every way in which admin can touch an account: recorded as a superuser, to be tried as others.

A *touch* is one POST. Candidates are made from admin's own pages: each form filled in, with its
inlines, each field of it changed alone, each deletion, each action. Those that change the account
are the touches.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.usersessions.models import UserSession
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import AccessToken, AuditEntry, ServiceKey, User
from music.models import (
    ImportRow,
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

POWERS = (Group, SocialApp)
PARTS = {ImportRow: "job__user"}
CATALOGUE = (Song, SongMove, VideoFeature)
"""What is so of songs and videos is nobody's, though likes point to them: curating them is no touch
of an account."""
NEW_TEXTS = {forms.EmailField: "attacker@example.test", forms.JSONField: "[]"}
NEW_PASSWORD = "another pass phrase 1"


@dataclass(frozen=True)
class Touch:
    """One POST that changes the account, and the model whose page takes it."""

    model: type[Model]
    address: str
    data: tuple[tuple[str, Any], ...]

    def send(self, client: Client) -> Any:
        return client.post(self.address, dict(self.data))


def make_account_above() -> User:
    """A superuser who is blocked, with one row of every kind that can belong to a listener."""
    owner = ListenerFactory(is_staff=True, is_superuser=True, is_active=False)
    song = LikeFactory(user=owner).song
    DismissalFactory(user=owner, song=song)
    AccessToken.issue(user=owner, name="program")[0].save()
    ServiceKey.issue(name="front end")[0].save()
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True)
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": ""})
    UserSession.objects.create(user=owner, ip="198.51.100.7", session_key="key")
    SocialAccount.objects.create(user=owner, provider="google", uid="1")
    SocialApp.objects.create(provider="google", name="Google", client_id="1", secret="s")
    group = Group.objects.create(name="Editors")
    group.permissions.set(Permission.objects.filter(codename="view_user"))
    owner.groups.add(group)
    show_list(song, user=owner)
    SuggestionSum.objects.create(user=owner, by_stage={"content": [1, 0, 0]})
    Mix.objects.create(user=owner, name="Mix", song_ids=["a/b"])
    Steering.objects.create(user=owner, kind=Steering.Kind.HIDDEN_ARTIST, key="a", name="A")
    video = VideoFactory(song=song)
    VideoReport.objects.create(user=owner, video=video, code=VideoReport.Code.GONE)
    Playback.objects.create(user=owner, song=song, kind=Playback.Kind.PLAY)
    MatchCorrection.objects.create(user=owner, song=song, query="song")
    job = PlaylistImport.objects.create(user=owner, token="1", state=PlaylistImport.State.FAILED)
    ImportRow.objects.create(job=job, number=1, name="song")
    Share.objects.create(user=owner, kind=Share.Kind.LIKES, token="1")
    ListenBrainzLink.objects.create(user=owner, sealed_token="sealed")
    Listen.objects.create(user=owner, artist="A", title="T", listened_at=1)
    LovedThere.objects.create(user=owner, song_pk=song.pk, recording_mbid="mbid")
    ScheduledJob.objects.create(name="expiry", schedule="off")
    SongFactory(artist="Other", title="Song")
    QueryCache.objects.create(query="song", rung="search")
    AuditEntry.objects.create(kind=AuditEntry.Kind.SIGN_IN, actor_pk=owner.pk)
    QuotaUsage.objects.create(day="2026-01-01", bucket=QuotaUsage.Bucket.choices[0][0])
    return owner


def read_account(owner: User) -> dict[str, list]:
    """Every row of the account, and the rows that give power over all accounts."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        links = _list_links(model)
        if model in CATALOGUE:
            continue
        if model is User or model in POWERS:
            links = []
        elif not links:
            continue
        found = model._base_manager.filter(**{links[0]: owner.pk} if links else {})
        if model is User:
            found = found.filter(pk=owner.pk)
        rows[model._meta.label] = sorted(map(repr, found.values()))
    rows["group permissions"] = sorted(Group.permissions.through.objects.values_list())
    return rows


def _list_links(model: type[Model]) -> list[str]:
    """The fields of a model that say whose a row is, also those of the row that it is a part of."""
    if model in PARTS:
        return [PARTS[model]]
    return [field.name for field in model._meta.concrete_fields if field.related_model is User]


def record_touches(superuser: Client, owner: User) -> list[Touch]:
    """Every candidate that changes the account when a superuser sends it; nothing stays changed."""
    before, session = read_account(owner), superuser.cookies["sessionid"].value
    found = []
    for model in [model for model in admin.site._registry if model not in CATALOGUE]:
        for touch in list(_list_candidates(superuser, model, owner)):
            with transaction.atomic():
                touch.send(superuser)
                if read_account(owner) != before:
                    found.append(touch)
                transaction.set_rollback(True)
            superuser.cookies["sessionid"] = session  # setting a password gave it another
    return found


def _list_candidates(superuser: Client, model: type[Model], owner: User) -> Iterator[Touch]:
    meta = model._meta
    row = _find_row(model, owner)
    page = f"admin:{meta.app_label}_{meta.model_name}"
    add, change = reverse(f"{page}_add"), reverse(f"{page}_change", args=[row.pk])
    for address in (add, change):
        response = superuser.get(address)
        if response.status_code == 200 and "adminform" in response.context:
            for data in _fill(response.context, owner):
                yield Touch(model, address, tuple(data.items()))
    yield Touch(model, reverse(f"{page}_delete", args=[row.pk]), (("post", "yes"),))
    changelist = superuser.get(reverse(f"{page}_changelist"))
    for name in changelist.context["cl"].model_admin.get_actions(changelist.wsgi_request):
        data = {"action": name, "_selected_action": str(row.pk), "post": "yes"}
        yield Touch(model, reverse(f"{page}_changelist"), tuple(data.items()))
    if model is User:
        passwords = {
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
            "usable_password": "true",
        }
        address = reverse("admin:auth_user_password_change", args=[owner.pk])
        yield Touch(model, address, tuple(passwords.items()))


def _find_row(model: type[Model], owner: User) -> Model:
    """The account's own row where there is one, else any."""
    if model is User:
        return owner
    row = model._base_manager.filter(**dict.fromkeys(_list_links(model), owner)).first()
    assert row is not None, f"make_account_above() makes no {model._meta.label}"
    return row


def _fill(context: Any, owner: User) -> Iterator[dict[str, Any]]:
    """The page's form as a browser would send it back; then with each field changed, alone."""
    form = context["adminform"].form
    sent: dict[str, Any] = {}
    for inline in context["inline_admin_formsets"]:
        for bound in [*inline.formset.management_form, *(b for f in inline.formset for b in f)]:
            sent |= _as_sent(bound, bound.value(), owner)
    for bound in form:
        sent |= _as_sent(bound, bound.value(), owner)
    yield sent
    for bound in form:
        if isinstance(bound.field, forms.BooleanField):
            yield {**sent, bound.html_name: "" if bound.value() else "on"}
        elif isinstance(bound.field, forms.CharField):
            yield {**sent, bound.html_name: NEW_TEXTS.get(type(bound.field), "changed")}
        elif isinstance(bound.field, forms.ModelChoiceField):
            for choice in bound.field.queryset[:3]:
                yield {**sent, bound.html_name: [str(choice.pk)]}


def _as_sent(bound: forms.BoundField, value: Any, owner: User) -> dict[str, Any]:
    widget, field = bound.field.widget, bound.field
    if isinstance(field, forms.ModelMultipleChoiceField):
        return {bound.html_name: [str(getattr(row, "pk", row)) for row in value or ()]}
    if isinstance(field, forms.ModelChoiceField) and issubclass(field.queryset.model, User):
        value = owner.pk
    elif isinstance(field, forms.ModelChoiceField) and value is None:
        value = field.queryset.exclude(pk=owner.pk).values_list("pk", flat=True).last() or ""
    elif isinstance(widget, forms.MultiWidget):
        parts = widget.decompress(value)
        return {f"{bound.html_name}_{n}": str(part or "") for n, part in enumerate(parts)}
    elif isinstance(field, forms.BooleanField):
        return {bound.html_name: "on"} if value else {}
    elif bound.html_name.startswith("password"):
        value = NEW_PASSWORD
    elif isinstance(field, forms.ChoiceField) and not value:
        value = next((key for key, _ in field.choices if key), "")
    elif isinstance(value, dict | list):
        value = json.dumps(value)
    elif value in (None, "") and field.required:
        value = NEW_TEXTS.get(type(field), "1")
    return {bound.html_name: "" if value is None else str(value)}
