"""What each database keeps about the changes made in it (docs/databases.md).

None of these tables is mirrored. Rows are written by the triggers (``triggers.py``) and by the code
in this package.
"""

from django.db import models

TABLE_NAME_MAX_LENGTH = 64
ROW_PK_MAX_LENGTH = 64


class State(models.Model):
    """The single row of facts about this database as a whole."""

    applying = models.BooleanField(
        default=False,
        help_text="SQLite only: changes of the other database are being applied, not captured.",
    )
    clock_offset = models.BigIntegerField(
        default=0, help_text="Microseconds to add to this database's clock."
    )
    log_id = models.CharField(max_length=36, help_text="Random; a recreated log has another one.")

    def __str__(self) -> str:
        return f"log {self.log_id}"


class RowVersion(models.Model):
    """The version of one mirrored row; kept as a tombstone when the row is deleted."""

    pk = models.CompositePrimaryKey("table_name", "row_pk")
    table_name = models.CharField(max_length=TABLE_NAME_MAX_LENGTH)
    row_pk = models.CharField(max_length=ROW_PK_MAX_LENGTH, help_text="Primary key as text.")
    version = models.BigIntegerField(help_text="Clock in microseconds times 16, plus the origin.")
    deleted = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["version"],
                condition=models.Q(deleted=True),
                name="replication_tombstone",
            ),
            # A new version is above the highest there is, which is found at the end of this index.
            models.Index(fields=["version"], name="replication_highest_version"),
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_pk} at {self.version}"


class Change(models.Model):
    """One entry of the change log: a row that changed, and the transaction that changed it."""

    table_name = models.CharField(max_length=TABLE_NAME_MAX_LENGTH)
    row_pk = models.CharField(max_length=ROW_PK_MAX_LENGTH)
    version = models.BigIntegerField()
    xid = models.BigIntegerField(default=0, help_text="PostgreSQL transaction; 0 in SQLite.")

    class Meta:
        indexes = [models.Index(fields=["xid", "id"], name="replication_change_order")]

    def __str__(self) -> str:
        return f"{self.id}: {self.table_name} {self.row_pk}"


class Cursor(models.Model):
    """How far this database has applied the log of ``source``."""

    source = models.CharField(max_length=32, primary_key=True)
    log_id = models.CharField(max_length=64)
    xid = models.BigIntegerField()
    change_id = models.BigIntegerField()
    version = models.BigIntegerField(
        help_text="Of the entry at the cursor: another one there means a rewritten history."
    )

    def __str__(self) -> str:
        return f"{self.source} up to {self.change_id}"


class Parked(models.Model):
    """A row of this database that the other one refuses; tried again until it is accepted."""

    table_name = models.CharField(max_length=TABLE_NAME_MAX_LENGTH)
    row_pk = models.CharField(max_length=ROW_PK_MAX_LENGTH)
    target = models.CharField(max_length=32)
    error = models.CharField(max_length=500)
    n_attempts = models.PositiveIntegerField(default=1)
    parked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "parked row"
        constraints = [
            models.UniqueConstraint(
                fields=["table_name", "row_pk", "target"], name="replication_parked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_pk}"


class Rekeyed(models.Model):
    """A row whose key a data migration replaced (``rekey.py``); changes by the old key follow it.

    Kept for the longest outage allowed, as tombstones are.
    """

    pk = models.CompositePrimaryKey("table_name", "row_pk")
    table_name = models.CharField(max_length=TABLE_NAME_MAX_LENGTH)
    row_pk = models.CharField(max_length=ROW_PK_MAX_LENGTH, help_text="The old primary key.")
    new_table_name = models.CharField(max_length=TABLE_NAME_MAX_LENGTH)
    new_row_pk = models.CharField(max_length=ROW_PK_MAX_LENGTH)
    rekeyed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_pk} is now {self.new_table_name} {self.new_row_pk}"


class Machine(models.Model):
    """Which machine uses a ``MACHINE_NUMBER``, and a count that shows it is alive.

    In PostgreSQL.
    """

    number = models.PositiveSmallIntegerField(primary_key=True)
    holder = models.CharField(max_length=36, help_text="Of the machine's STATE_DIR; random.")
    host = models.CharField(max_length=255)
    token = models.CharField(max_length=36, help_text="Of the process that relays; random.")
    n_beats = models.BigIntegerField(default=0, help_text="Grows while the machine is alive.")
    seen_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"machine {self.number}: {self.host}"


class Reconciliation(models.Model):
    """The recorded result of one comparison of both databases."""

    finished_at = models.DateTimeField(auto_now_add=True)
    n_rows = models.PositiveIntegerField()
    n_different = models.PositiveIntegerField()
    n_repaired = models.PositiveIntegerField(default=0)
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"{self.finished_at:%Y-%m-%d %H:%M}: {self.n_different} differ"

    @property
    def n_left(self) -> int:
        """The number of rows that differed and were not repaired."""
        return self.n_different - self.n_repaired
