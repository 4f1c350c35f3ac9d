"""Sets up an empty TuneTrace beside the API server, in this process."""

import os
from pathlib import Path

from tests.servers.youtube import YouTubeServer


def configure(server: YouTubeServer, folder: Path) -> None:
    """Set up Django in this process, on an empty database of its own."""
    os.environ |= site_environment(server) | {
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
        "STATE_DIR": str(folder / "state"),
        "SQLITE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("check")
    call_command("init_db", verbosity=0)


def site_environment(server: YouTubeServer) -> dict[str, str]:
    return {
        "YOUTUBE_API_KEY": server.key,
        "YOUTUBE_API_ENDPOINT": server.url,
        "ALLOWED_HOSTS": "testserver,127.0.0.1",
        "LOG_LEVEL": "error",
    }


def forget_everything() -> None:
    """Empty the database."""
    from django.apps import apps

    for model in apps.get_app_config("music").get_models():
        model.objects.all().delete()
