"""Django's PostgreSQL schema editor, which captures new tables from their first moment."""

from django.db import models
from django.db.backends.postgresql import schema

from tunetrace_site.replication.databases import has_two_databases


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Makes a table and its triggers in one transaction.

    PostgreSQL serves while it is migrated: a process of the new code writes to a new table as soon
    as it sees it.
    """

    def create_model(self, model: type[models.Model]) -> None:
        super().create_model(model)
        if has_two_databases():
            # As Django's default database this is loaded before any model can be.
            from tunetrace_site.replication.triggers import postgres_capture_statements

            for statement in postgres_capture_statements(model._meta.db_table):
                self.execute(statement, params=None)
