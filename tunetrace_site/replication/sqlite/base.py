"""Django's SQLite backend for one of several machines: its rows get keys of its own."""

from django.db.backends.sqlite3 import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "tunetrace_site.replication.sqlite.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    """Several machines may add rows at the same time, and they all keep all of them."""

    ops_class = DatabaseOperations
