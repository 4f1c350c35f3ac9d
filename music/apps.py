from typing import Any

from django.apps import AppConfig
from django.db.models.signals import pre_delete


class MusicConfig(AppConfig):
    """The app of songs, likes and suggestions."""

    name = "music"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from accounts.caller_names import name_callers
        from accounts.change_signals import rows_changed
        from accounts.guests import guest_signed_in
        from tunetrace_site.replication.backup import backup_described, database_restored
        from tunetrace_site.replication.drain import rows_arrived
        from tunetrace_site.replication.replica_reads import use_notes

        from .caching import parts

        pre_delete.connect(
            _forget_words, sender=get_user_model(), dispatch_uid="music.forget_words"
        )
        guest_signed_in.connect(_copy_guest, dispatch_uid="music.adopt_guest")
        rows_changed.connect(_forget_person, dispatch_uid="music.forget_person")
        rows_arrived.connect(_forget_rows, dispatch_uid="music.forget_rows")
        backup_described.connect(_describe_catalogue, dispatch_uid="music.describe_catalogue")
        database_restored.connect(_forget_everything, dispatch_uid="music.forget_everything")
        use_notes(parts.notes, name_callers)


def _copy_guest(*, guest: Any, account: Any, **_: Any) -> int:
    from music.domain.guests import adopt_guest

    return adopt_guest(guest=guest, account=account)


def _forget_words(*, instance: Any, **_: Any) -> None:
    from music.domain.forgetting import forget_words

    forget_words(listener=instance)


def _forget_rows(*, images: Any, **_: Any) -> None:
    from music.caching.replicated_rows import forget_rows

    forget_rows(images)


def _forget_person(*, sender: Any, pk: int | None, **_: Any) -> None:
    from music.caching.stack import invalidate_person

    invalidate_person(sender._meta.db_table, pk)


def _describe_catalogue(**_: Any) -> dict[str, str]:
    from music.catalogue.bundled import digest_bundle

    return {"catalogue": digest_bundle()}


def _forget_everything(**_: Any) -> None:
    from music.caching.stack import invalidate_all
    from music.catalogue.name_keeping import drop_file

    invalidate_all()
    drop_file()
