"""The contract and what was expanded beside it are one line again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0006_drop_videos_of_songs"),
        ("music", "0009_mixes"),
    ]

    operations = []
