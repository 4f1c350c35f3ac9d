"""The bundled catalogue in the test database, without reading and storing it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from music.catalogue import name_keeping
from music.models import Song, VideoFeature


def copy_catalogue(site: Path) -> None:
    """Copy the songs and videos of the site in the folder ``site`` into the test database.

    They are those that ``load_catalogue`` stored there (see ``prepare_folder``). Not for use within
    a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("ATTACH DATABASE %s AS prepared", [str(site / "app.db")])
        try:
            for model in (Song, VideoFeature):
                table = model._meta.db_table
                columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
                cursor.execute(
                    f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM prepared."{table}"'
                )
        finally:
            cursor.execute("DETACH DATABASE prepared")


@contextmanager
def copied_catalogue(site: Path) -> Iterator[None]:
    """Have the songs and videos of ``copy_catalogue`` in the test database during the block."""
    copy_catalogue(site)
    yield
    VideoFeature.objects.all().delete()
    Song.objects.all().delete()
    name_keeping.drop_file()
