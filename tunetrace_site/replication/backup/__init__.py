"""Backups: everything that both databases hold, in one file (docs/backup.md)."""

from django.dispatch import Signal

backup_described = Signal()
"""Sent when a backup begins; a receiver returns facts for its header, texts by name."""

database_restored = Signal()
"""Sent after a restore has been committed, so that caches of the rows are emptied."""


class BackupError(Exception):
    """A backup cannot be taken or restored; the text says why and what to do."""
