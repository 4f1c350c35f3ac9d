"""Deletes what belongs to a listener without a foreign key: sessions, and log entries.

Receivers of signals do this in the transaction that deletes the listener, whoever deletes them: the
listener on their page or by the API, an operator, or the expiry of guests.
"""

from collections.abc import Iterator
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import ForeignKey, Model, Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from tunetrace_site.replication.drain import rows_arrived
from tunetrace_site.replication.erasing import note_erasure
from tunetrace_site.replication.unit import on_commit

from .models import User

_CHUNK = 500


@receiver(pre_delete, sender=User)
def _forget_traces(instance: User, **_: Any) -> None:
    """End the listener's sessions, and leave only keys of their rows in Django's admin log."""
    keys = list(UserSession.objects.filter(user=instance).values_list("session_key", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    for model, row_keys in _find_rows(instance):
        about = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=row_keys
        )
        _pseudonymise(about, str(model._meta.verbose_name))
    for word in filter(None, (instance.email, instance.display_name)):
        told = Q(object_repr__icontains=word) | Q(change_message__icontains=word)
        _pseudonymise(LogEntry.objects.filter(told), "a deleted listener")
    on_commit(note_erasure)


@receiver(rows_arrived)
def _note_distant_deletion(images: Any, **_: Any) -> None:
    """Erase a listener from this machine's file too who was deleted on another machine."""
    if any(image.values is None and image.table == User._meta.db_table for image in images):
        note_erasure()


def _find_rows(listener: User) -> Iterator[tuple[type[Model], list[str]]]:
    """Return the listener's rows, and the row itself, by model as the admin log names them."""
    yield User, [str(listener.pk)]
    for relation in User._meta.related_objects:
        model = relation.related_model
        if not isinstance(relation.field, ForeignKey) or model is LogEntry:
            continue
        rows = model._base_manager.filter(**{relation.field.name: listener})
        keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
        for start in range(0, len(keys), _CHUNK):
            yield model, keys[start : start + _CHUNK]


def _pseudonymise(entries: Any, name: str) -> None:
    entries.update(object_repr=name, change_message="")
