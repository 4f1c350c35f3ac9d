"""Command: remove the second factors of a listener who lost both their phone and recovery codes.

The operator who runs it must be sure who the listener is.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.second_factors import remove_second_factors


class Command(BaseCommand):
    help = "Take every second factor off an account and end its sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="by which the account signs in")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        found = User.objects.filter(email=email.lower())
        if not found:
            raise CommandError(f"There is no account with the email {email!r}.")
        for user in found:
            n_removed = remove_second_factors(user)
            self.stdout.write(f"{user.email} ({user.user_id}): {n_removed} factor(s) removed.")
