from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class ReplicationConfig(AppConfig):
    """The app that brings every write to both databases (docs/databases.md)."""

    name = "tunetrace_site.replication"
    label = "replication"

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers them)
        from .router import follow_the_unit
        from .schema import after_migrations, before_migrations

        follow_the_unit()
        # Before the first app's migrations; after the last app has made its content types, which
        # is why this app is the last one with models in INSTALLED_APPS.
        with_models = [app for app in apps.get_app_configs() if app.models_module is not None]
        pre_migrate.connect(before_migrations, sender=with_models[0])
        post_migrate.connect(after_migrations, sender=self)
