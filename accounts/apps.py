from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app of listeners: guests, accounts, and the keys of client programs."""

    name = "accounts"
    verbose_name = "Listeners and their keys"

    def ready(self) -> None:
        from . import auditing, deletion, email_ownership, second_factors  # noqa: F401 (they listen to Django and allauth)
