"""What listeners may change about themselves."""

from tunetrace_site.replication.unit import unit_of_work

from .models import User


def rename_listener(listener: User, display_name: str) -> None:
    """Store the name by which pages greet the listener (at most 80 characters)."""
    listener.display_name = display_name.strip()
    with unit_of_work():
        listener.ensure_stored()
        User.objects.filter(pk=listener.pk).update(display_name=listener.display_name)
