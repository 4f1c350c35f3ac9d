from typing import Any

from django.apps import AppConfig


class MusicConfig(AppConfig):
    """Songs, likes and suggestions."""

    name = "music"

    def ready(self) -> None:
        from accounts.guests import guest_signed_in
        from tunetrace_site.replication.drain import rows_arrived

        guest_signed_in.connect(_adopt_guest, dispatch_uid="music.adopt_guest")
        rows_arrived.connect(_forget_rows, dispatch_uid="music.forget_rows")


def _adopt_guest(*, guest: Any, account: Any, **_: Any) -> None:
    from music.domain.guests import adopt_guest

    adopt_guest(guest=guest, account=account)


def _forget_rows(*, images: Any, **_: Any) -> None:
    from music.caching.arrivals import forget_rows

    forget_rows(images)
