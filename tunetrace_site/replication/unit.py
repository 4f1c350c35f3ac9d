"""One unit of work: the only place where a transaction begins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction


def current_alias() -> str:
    """The database that this unit of work reads and writes."""
    return "default"


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit everything inside together, or nothing; nested units are savepoints."""
    with transaction.atomic(using=current_alias()):
        yield


def on_commit(action: Callable[[], None]) -> None:
    """Run ``action`` once the outermost unit has committed; at once outside a unit."""
    transaction.on_commit(action, using=current_alias())
