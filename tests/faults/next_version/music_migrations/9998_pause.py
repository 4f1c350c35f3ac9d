"""A migration that takes its time, and locks nothing in PostgreSQL."""

import os
import time

from django.db import migrations

from . import LAST_OF_THIS_VERSION


def pause(apps, schema_editor):
    time.sleep(float(os.environ.get("PAUSE_IN_MIGRATION_SECONDS", "1.0")))


class Migration(migrations.Migration):
    dependencies = [("music", LAST_OF_THIS_VERSION)]
    operations = [migrations.RunPython(pause, migrations.RunPython.noop)]
