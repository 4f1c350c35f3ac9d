from django.apps import AppConfig


class MusicConfig(AppConfig):
    """Songs, likes and suggestions."""

    name = "music"

    def ready(self) -> None:
        from accounts.guests import guest_signed_in
        from music.domain.guests import adopt_guest

        guest_signed_in.connect(adopt_guest, dispatch_uid="music.adopt_guest")
