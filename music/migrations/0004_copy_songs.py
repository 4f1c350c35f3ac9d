"""Copy: videos become takes of songs, and what listeners said of videos is said of songs."""

from django.db import migrations

from ._copying import Copy


def copy(apps, schema_editor):
    Copy(apps, schema_editor.connection.alias).run()


class Migration(migrations.Migration):
    dependencies = [("music", "0003_song"), ("replication", "0002_rekeyed")]

    # A batch at a time: what one great transaction has written would stay locked to its end.
    atomic = False
    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
