from django.apps import AppConfig


class ReplicationConfig(AppConfig):
    """Every write reaches both databases (docs/databases.md)."""

    name = "tunetrace_site.replication"
    label = "replication"
