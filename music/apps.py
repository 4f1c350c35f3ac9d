from typing import Any

from django.apps import AppConfig


class MusicConfig(AppConfig):
    """Songs, likes and suggestions."""

    name = "music"

    def ready(self) -> None:
        from accounts.guests import guest_signed_in

        guest_signed_in.connect(_adopt_guest, dispatch_uid="music.adopt_guest")


def _adopt_guest(*, guest: Any, account: Any, **_: Any) -> None:
    from music.domain.guests import adopt_guest

    adopt_guest(guest=guest, account=account)
